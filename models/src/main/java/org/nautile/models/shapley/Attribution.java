package org.nautile.models.shapley;

/**
 * How much each number of an input adds to the score of each class, compared with a background: estimates and their
 * standard errors. The errors are those of the sampling; the background is taken as given.
 *
 * @param values [classes][size of the input]
 * @param errors the standard error of each value
 * @param sums for each class, of all values
 * @param sumErrors the standard error of each sum
 * @param scores of the input, for each class
 * @param baseline the mean scores of the background
 */
public record Attribution(
        double[][] values, double[][] errors, double[] sums, double[] sumErrors, double[] scores, double[] baseline) {
    private static final double ROUNDING = 1e-5; // of scores in single precision

    /**
     * How far the sum is from what it estimates, the score less the baseline.
     *
     * @param target the class
     * @return positive if the sum is too large
     */
    public double gap(int target) {
        return sums[target] - (scores[target] - baseline[target]);
    }

    /**
     * Whether the sum is what it should be.
     *
     * @param target the class
     * @return true if the gap is at most three standard errors
     */
    public boolean isComplete(int target) {
        return Math.abs(gap(target)) <= 3 * sumErrors[target] + ROUNDING * Math.max(1, Math.abs(scores[target]));
    }
}
