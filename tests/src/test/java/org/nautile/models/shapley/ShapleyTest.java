package org.nautile.models.shapley;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.nn.Activation;
import org.nautile.nn.Linear;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;

/** Attributions against what is known exactly: linear functions, all subsets of few features, and their own sums. */
class ShapleyTest {
    private static final int FEATURES = 5;
    private static final int[][] SINGLE =
            IntStream.range(0, FEATURES).mapToObj(i -> new int[] {i}).toArray(int[][]::new);

    private final Generator random = new Generator(7, 0);
    private final Sequential network = new Sequential(
            new Linear(FEATURES, 16, random), Activation.relu(), new Linear(16, 8, random), new Linear(8, 3, random));
    private final ScoreFunction curved = function(network);
    private final float[][] background = inputs(4);
    private final float[] input = inputs(1)[0];

    private static Tensor parameter(Module module, String name) {
        return Objects.requireNonNull(module.parameters().get(name)).value();
    }

    /** Probabilities that are far from equal. */
    @BeforeEach
    void steepen() {
        Tensor last = parameter(network, "3.weight");
        float[] weights = last.toFloatArray();
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= 5;
        }
        last.set(weights);
    }

    @AfterEach
    void close() {
        network.close();
    }

    private static ScoreFunction function(Module network) {
        return new ScoreFunction(network, Shape.of(FEATURES), true);
    }

    private float[][] inputs(int count) {
        float[][] inputs = new float[count][FEATURES];
        for (float[] one : inputs) {
            for (int i = 0; i < one.length; i++) {
                one[i] = 3 * (float) random.nextGaussian();
            }
        }
        return inputs;
    }

    /** A weight times how far a number is from the background's mean. */
    @Test
    void linearFunctions() {
        try (Linear linear = new Linear(FEATURES, 2, random)) {
            ScoreFunction function = new ScoreFunction(linear, Shape.of(FEATURES), false);
            Tensor weight = parameter(linear, "weight");
            float[] weights = weight.toFloatArray();
            for (Explainer explainer : new Explainer[] {
                new ExpectedGradients(function, background, 2, 1),
                new PermutationShapley(function, background, SINGLE, 2, 1)
            }) {
                Attribution found = explainer.explain(input);
                for (int c = 0; c < 2; c++) {
                    for (int i = 0; i < FEATURES; i++) {
                        int place = i;
                        double mean = Arrays.stream(background)
                                .mapToDouble(other -> other[place])
                                .average()
                                .orElseThrow();
                        double exact = weights[c * FEATURES + i] * (input[i] - mean);
                        assertEquals(exact, found.values()[c][i], 1e-5);
                        assertEquals(0, found.errors()[c][i], 1e-5);
                    }
                    assertTrue(found.isComplete(c));
                }
            }
        }
    }

    /** The definition: each feature's gain, weighted over all subsets of the others, the mean over the background. */
    private double[][] exact(ScoreFunction function) {
        int subsets = 1 << FEATURES;
        double[][] scores = new double[subsets][function.classes()];
        for (int subset = 0; subset < subsets; subset++) {
            for (float[] other : background) {
                float[] mixed = other.clone();
                for (int i = 0; i < FEATURES; i++) {
                    mixed[i] = ((subset >> i) & 1) == 1 ? input[i] : other[i];
                }
                double[] found = function.scores(mixed)[0];
                for (int c = 0; c < found.length; c++) {
                    scores[subset][c] += found[c] / background.length;
                }
            }
        }
        double[][] values = new double[function.classes()][FEATURES];
        for (int subset = 0; subset < subsets; subset++) {
            for (int i = 0; i < FEATURES; i++) {
                if (((subset >> i) & 1) == 0) {
                    double weight = weight(Integer.bitCount(subset));
                    for (int c = 0; c < values.length; c++) {
                        values[c][i] += weight * (scores[subset | (1 << i)][c] - scores[subset][c]);
                    }
                }
            }
        }
        return values;
    }

    /** {@code s! (n - s - 1)! / n!} */
    private static double weight(int size) {
        double weight = 1.0 / FEATURES;
        for (int i = 1; i <= size; i++) {
            weight *= (double) i / (FEATURES - i);
        }
        return weight;
    }

    @Test
    void permutationsComeToAllSubsets() {
        double[][] exact = exact(curved);
        Attribution found = new PermutationShapley(curved, background, SINGLE, 400, 1).explain(input);
        for (int c = 0; c < exact.length; c++) {
            for (int i = 0; i < FEATURES; i++) {
                assertTrue(found.errors()[c][i] < 0.005, Double.toString(found.errors()[c][i]));
                assertEquals(exact[c][i], found.values()[c][i], 4 * found.errors()[c][i] + 1e-6);
            }
        }
        assertTrue(Arrays.stream(exact[0]).map(Math::abs).max().orElse(0) > 0.1, "not everything is 0");
    }

    /** Whatever was drawn: two rounds are enough, and the score is the softmax's. */
    @Test
    void permutationsAddUp() {
        Attribution found = new PermutationShapley(curved, background, SINGLE, 2, 3).explain(input);
        double[] mean = new double[curved.classes()];
        for (double[] scores : curved.scores(background)) {
            for (int c = 0; c < mean.length; c++) {
                mean[c] += scores[c] / background.length;
            }
        }
        assertArrayEquals(mean, found.baseline(), 1e-6);
        assertEquals(1, Arrays.stream(found.scores()).sum(), 1e-6);
        for (int c = 0; c < mean.length; c++) {
            assertEquals(
                    found.scores()[c] - mean[c],
                    Arrays.stream(found.values()[c]).sum(),
                    1e-6);
            assertEquals(0, found.gap(c), 1e-6);
        }
    }

    /** Of many estimates with errors that are right, 19 of 20 are within two of them; of 20 rounds a little fewer. */
    @Test
    void errorsOfExpectedGradientsAreHonest() {
        Explainer explainer = new ExpectedGradients(curved, background, 20, 5);
        int within = 0;
        int complete = 0;
        int count = 200;
        for (int i = 0; i < count; i++) {
            Attribution found = explainer.explain(input);
            within += Math.abs(found.gap(0)) <= 2 * found.sumErrors()[0] ? 1 : 0;
            complete += found.isComplete(0) ? 1 : 0;
        }
        assertTrue(within > 0.88 * count && within < count, within + " of " + count);
        assertTrue(complete >= 0.97 * count, complete + " of " + count);
    }

    /** Parameters want gradients again afterwards, and have got none. */
    @Test
    void theNetworkIsAsItWas() {
        new ExpectedGradients(curved, background, 2, 5).explain(input);
        network.parameters().values().forEach(parameter -> {
            assertNotNull(parameter.value().tapeNode());
            assertNull(parameter.gradient());
        });
    }

    /** Both halves of an image of [2, 3, 5] in squares of 2: the last column and row are narrower. */
    @Test
    void patchesCoverAnImage() {
        int[][] patches = PermutationShapley.patches(2, 3, 5, 2);
        assertEquals(6, patches.length);
        assertArrayEquals(new int[] {0, 1, 5, 6, 15, 16, 20, 21}, patches[0]);
        assertArrayEquals(new int[] {14, 29}, patches[5]);
        assertArrayEquals(
                IntStream.range(0, 30).toArray(),
                Arrays.stream(patches).flatMapToInt(Arrays::stream).sorted().toArray());
    }

    /** A pixel is deleted with all its channels: here number 1 and number 3 of two channels of two pixels. */
    @Test
    void deletionTakesTheMostImportantPixels() {
        try (Linear linear = new Linear(4, 1, random)) {
            parameter(linear, "weight").set(new float[] {1, 2, 3, 4});
            ScoreFunction function = new ScoreFunction(linear, Shape.of(4), false);
            float[] ones = {1, 1, 1, 1};
            Deletion half = Deletion.of(
                    function, ones, new float[4], new double[] {1, 2, 3, 4}, 0, 2, 0.5, 400, new Generator(1, 0));
            assertEquals(6, half.top(), 1e-5);
            assertEquals(5, half.random(), 0.2); // of 4 and 6
        }
    }

    @Test
    void errors() {
        assertThrows(IllegalArgumentException.class, () -> new ExpectedGradients(curved, background, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new ExpectedGradients(curved, new float[0][], 2, 0));
        assertThrows(IllegalArgumentException.class, () -> new ExpectedGradients(curved, new float[1][3], 2, 0));
    }
}
