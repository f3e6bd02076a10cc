package org.nautile.models.shapley;

import java.util.Arrays;
import org.nautile.Generator;
import org.nautile.models.metrics.Moments;

/**
 * Estimates Shapley values of the numbers of an input: what each adds to a score, where numbers that are left out are
 * those of a background input, the mean over all of the background. The estimate is the mean of independent rounds,
 * and its standard error is that of this mean. Each round uses the whole background.
 */
public abstract class Explainer {
    private final ScoreFunction function;
    private final float[][] background;
    private final double[][] backgroundScores;
    private final int rounds;
    private final long seed;
    private int explained;

    /**
     * Of a function.
     *
     * @param function what is explained
     * @param background inputs to compare with, at least one
     * @param rounds their number; at least two, or there is no standard error
     * @param seed of what is drawn
     */
    protected Explainer(ScoreFunction function, float[][] background, int rounds, long seed) {
        if (background.length < 1 || rounds < 2) {
            throw new IllegalArgumentException(background.length + " inputs as the background, " + rounds + " rounds");
        }
        for (float[] input : background) {
            if (input.length != function.size()) {
                throw new IllegalArgumentException(input.length + " numbers in place of " + function.size());
            }
        }
        this.function = function;
        this.background = background;
        this.backgroundScores = function.scores(background);
        this.rounds = rounds;
        this.seed = seed;
    }

    final ScoreFunction function() {
        return function;
    }

    final float[][] background() {
        return background;
    }

    /** [background][classes]. */
    final double[][] backgroundScores() {
        return backgroundScores;
    }

    /** One unbiased estimate, [classes][size]. */
    abstract double[][] round(float[] input, double[] scores, Generator random);

    /**
     * Explains the scores of an input. Each call draws anew: what comes out depends on the calls before.
     *
     * @param input of the function's size
     * @return for every class
     */
    public final Attribution explain(float[] input) {
        int classes = function.classes();
        int size = function.size();
        double[] scores = function.scores(input)[0];
        Generator random = new Generator(seed, explained++);
        Moments[] values = new Moments[classes];
        Moments sums = new Moments(classes);
        Arrays.setAll(values, c -> new Moments(size));
        for (int r = 0; r < rounds; r++) {
            double[][] round = round(input, scores, random);
            for (int c = 0; c < classes; c++) {
                values[c].add(round[c]);
            }
            sums.add(Arrays.stream(round)
                    .mapToDouble(row -> Arrays.stream(row).sum())
                    .toArray());
        }
        Moments baseline = new Moments(classes);
        for (double[] row : backgroundScores) {
            baseline.add(row);
        }
        return new Attribution(
                Arrays.stream(values).map(Moments::mean).toArray(double[][]::new),
                Arrays.stream(values).map(Moments::standardError).toArray(double[][]::new),
                sums.mean(),
                sums.standardError(),
                scores,
                baseline.mean());
    }
}
