package org.nautile.models.shapley;

import org.nautile.Generator;

/**
 * Expected gradients (Erion et al. 2021, arXiv:1906.10670): the mean of {@code (x_i - b_i) dF/dx_i (b + a (x - b))}
 * over the background's inputs b and a from 0 to 1. Exact Shapley values of linear functions; of others those of
 * Aumann and Shapley.
 *
 * <p>In a round there are four values of a on the way from each background input, one in each quarter. Where in a
 * quarter they lie is stratified, too: one in each of as many equal parts as there are background inputs, assigned at
 * random.
 */
public final class ExpectedGradients extends Explainer {
    private static final int PARTS = 4; // more of them, and fewer rounds, would say less of how large the error is

    /**
     * Of a function.
     *
     * @param function what is explained
     * @param background inputs to compare with, at least one
     * @param rounds of four gradients for each of these, at least two
     * @param seed of what is drawn
     */
    public ExpectedGradients(ScoreFunction function, float[][] background, int rounds, long seed) {
        super(function, background, rounds, seed);
    }

    @Override
    double[][] round(float[] input, double[] scores, Generator random) {
        float[][] background = background();
        int count = background.length;
        int size = function().size();
        int[] places = random.permutation(count);
        double[][] round = new double[function().classes()][size];
        function()
                .gradients(
                        count * PARTS,
                        (row, into, offset) -> {
                            int b = row / PARTS;
                            double place = (places[b] + random.nextDouble()) / count; // within the part
                            double share = (row % PARTS + place) / PARTS;
                            for (int i = 0; i < size; i++) {
                                into[offset + i] =
                                        (float) (background[b][i] + share * (input[i] - (double) background[b][i]));
                            }
                        },
                        (row, gradients, offset) -> {
                            for (int c = 0; c < round.length; c++) {
                                for (int i = 0; i < size; i++) {
                                    double difference = input[i] - (double) background[row / PARTS][i];
                                    round[c][i] += difference * gradients[offset + c * size + i] / (count * PARTS);
                                }
                            }
                        });
        return round;
    }
}
