package org.nautile.models;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.autograd.Autograd;
import org.nautile.models.shapley.Attribution;
import org.nautile.models.shapley.Deletion;
import org.nautile.models.shapley.ExpectedGradients;
import org.nautile.models.shapley.Explainer;
import org.nautile.models.shapley.PermutationShapley;
import org.nautile.models.shapley.ScoreFunction;

/** Which pixels of an image speak for, and which against, each class that a classifier knows. */
public final class ClassAttributions {
    /** The share of the pixels that the deletion test deletes. */
    public static final double DELETED = 0.1;

    /** How often the deletion test draws pixels. */
    public static final int DRAWS = 10;

    private static final long DELETION = 1L << 32; // a stream of random numbers, far from those of images

    private final Classifier classifier;
    private final ScoreFunction function;
    private final Explainer explainer;
    private final float[] mean;
    private final Generator random;

    /** How attributions are estimated. */
    public enum Method {
        /** Gradients on the way from a background image to the image. */
        EXPECTED_GRADIENTS("expected gradients"),
        /** Patches of a background image become the image's in a random order. */
        PERMUTATION("permutation Shapley values");

        private final String words;

        Method(String words) {
            this.words = words;
        }

        /**
         * What it is called in texts.
         *
         * @return lower case
         */
        public String words() {
            return words;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What is explained. */
    public enum Score {
        /** What softmax makes of the network's scores. */
        PROBABILITY,
        /** The network's scores. */
        LOGIT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What is estimated, and how.
     *
     * @param method the way
     * @param score what is explained
     * @param rounds uses of each background image, at least two
     * @param patch rows and columns of the squares that permutations move together
     * @param seed of what is drawn
     */
    public record Settings(Method method, Score score, int rounds, int patch, long seed) {}

    /**
     * An explained image.
     *
     * @param said the class with the largest score
     * @param attribution of the scores to the numbers of the image, [channels, height, width]
     * @param deletion what becomes of that class's score without some pixels
     */
    public record Explained(int said, Attribution attribution, Deletion deletion) {}

    /**
     * Of a classifier.
     *
     * @param classifier whose weights are loaded
     * @param background images to compare with, numbers from 0 to 1
     * @param settings the ways and means
     */
    public ClassAttributions(Classifier classifier, List<float[]> background, Settings settings) {
        this.classifier = classifier;
        float[][] inputs = background.stream().map(this::prepare).toArray(float[][]::new);
        function = new ScoreFunction(
                classifier.network(), preparedShape(background.get(0)), settings.score == Score.PROBABILITY);
        Shape image = classifier.input();
        explainer = settings.method == Method.EXPECTED_GRADIENTS
                ? new ExpectedGradients(function, inputs, settings.rounds, settings.seed)
                : new PermutationShapley(
                        function,
                        inputs,
                        PermutationShapley.patches(
                                (int) image.dim(0), (int) image.dim(1), (int) image.dim(2), settings.patch),
                        settings.rounds,
                        settings.seed);
        mean = new float[function.size()];
        for (int i = 0; i < mean.length; i++) {
            int place = i;
            mean[i] = (float) Arrays.stream(inputs)
                    .mapToDouble(input -> input[place])
                    .average()
                    .orElseThrow();
        }
        random = new Generator(settings.seed, DELETION);
    }

    /** An image as the network takes it. */
    private float[] prepare(float[] pixels) {
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            return classifier.prepared(pixels).toFloatArray();
        }
    }

    private Shape preparedShape(float[] pixels) {
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Shape batch = classifier.prepared(pixels).shape();
            long[] dims = new long[batch.rank() - 1];
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = batch.dim(axis + 1);
            }
            return Shape.of(dims);
        }
    }

    /**
     * Explains an image.
     *
     * @param pixels [channels, height, width], numbers from 0 to 1
     * @return for every class
     */
    public Explained explain(float[] pixels) {
        float[] input = prepare(pixels);
        Attribution attribution = explainer.explain(input);
        double[] scores = attribution.scores();
        int said = 0;
        for (int c = 1; c < scores.length; c++) {
            said = scores[c] > scores[said] ? c : said;
        }
        Deletion deletion = Deletion.of(
                function,
                input,
                mean,
                attribution.values()[said],
                said,
                (int) classifier.input().dim(0),
                DELETED,
                DRAWS,
                random);
        return new Explained(said, attribution, deletion);
    }
}
