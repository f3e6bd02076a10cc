package org.nautile.models.shapley;

import org.nautile.Generator;

/**
 * Shapley values by sampled permutations (Castro et al. 2009; Strumbelj and Kononenko 2014): features go from a
 * background input to the input one after the other, and each is given what the score gains by it. In a round each
 * background input has a permutation of its own, which is used forwards and backwards. The gains of a permutation add
 * up to the score less that of the background input, so that sums are exact.
 *
 * <p>A feature may be several numbers; each of them then gets the same share of its value.
 */
public final class PermutationShapley extends Explainer {
    private final int[][] features;

    /**
     * Of a function.
     *
     * @param function what is explained
     * @param background inputs to compare with, at least one
     * @param features the numbers that belong to each, by their places in an input
     * @param rounds pairs of permutations for each input of the background, at least two
     * @param seed of what is drawn
     */
    public PermutationShapley(ScoreFunction function, float[][] background, int[][] features, int rounds, long seed) {
        super(function, background, rounds, seed);
        this.features = features;
    }

    /** The state of an input of which some features are already the explained input's. */
    private final class Path implements ScoreFunction.Rows {
        private final float[] input;
        private final int[][] orders;
        private final float[] state = new float[function().size()];

        Path(float[] input, int[][] orders) {
            this.input = input;
            this.orders = orders;
        }

        /** Rows: for each background input one for each step but the last forwards, then as many backwards. */
        @Override
        public void write(int row, float[] into, int offset) {
            int steps = features.length - 1;
            int step = row % steps;
            int path = row / steps;
            if (step == 0) {
                System.arraycopy(background()[path / 2], 0, state, 0, state.length);
            }
            for (int place : features[feature(path, step)]) {
                state[place] = input[place];
            }
            System.arraycopy(state, 0, into, offset, state.length);
        }

        int feature(int path, int step) {
            int[] order = orders[path / 2];
            return path % 2 == 0 ? order[step] : order[order.length - 1 - step];
        }
    }

    @Override
    double[][] round(float[] input, double[] scores, Generator random) {
        int count = background().length;
        int steps = features.length - 1;
        int[][] orders = new int[count][];
        for (int b = 0; b < count; b++) {
            orders[b] = random.permutation(features.length);
        }
        Path path = new Path(input, orders);
        double[][] found = function().scores(2 * count * steps, path);
        double[][] gains = new double[scores.length][features.length];
        for (int p = 0; p < 2 * count; p++) {
            double[] before = backgroundScores()[p / 2];
            for (int step = 0; step <= steps; step++) {
                double[] after = step == steps ? scores : found[p * steps + step];
                for (int c = 0; c < scores.length; c++) {
                    gains[c][path.feature(p, step)] += (after[c] - before[c]) / (2.0 * count);
                }
                before = after;
            }
        }
        double[][] round = new double[scores.length][input.length];
        for (int c = 0; c < scores.length; c++) {
            for (int f = 0; f < features.length; f++) {
                for (int place : features[f]) {
                    round[c][place] = gains[c][f] / features[f].length;
                }
            }
        }
        return round;
    }

    /**
     * Squares of an image, all channels together; those at the lower and right edge may be smaller.
     *
     * @param channels of the image
     * @param height of the image
     * @param width of the image
     * @param side rows and columns of a square, {@code >= 1}
     * @return the numbers that belong to each, of an image [channels, height, width]
     */
    public static int[][] patches(int channels, int height, int width, int side) {
        int across = (width + side - 1) / side;
        int[][] patches = new int[(height + side - 1) / side * across][];
        for (int p = 0; p < patches.length; p++) {
            int top = p / across * side;
            int left = p % across * side;
            int rows = Math.min(side, height - top);
            int columns = Math.min(side, width - left);
            patches[p] = new int[channels * rows * columns];
            for (int i = 0; i < patches[p].length; i++) {
                int channel = i / (rows * columns);
                int row = top + i / columns % rows;
                patches[p][i] = (channel * height + row) * width + left + i % columns;
            }
        }
        return patches;
    }
}
