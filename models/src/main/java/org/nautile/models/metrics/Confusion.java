package org.nautile.models.metrics;

/**
 * The confusion matrix of answers of yes (positive) or no. A share of nothing is NaN.
 *
 * @param truePositives yes, and right
 * @param falsePositives yes, and wrong
 * @param falseNegatives no, and wrong
 * @param trueNegatives no, and right
 */
public record Confusion(long truePositives, long falsePositives, long falseNegatives, long trueNegatives) {
    /** Of no answers. */
    public static final Confusion NONE = new Confusion(0, 0, 0, 0);

    /**
     * Counts answers.
     *
     * @param truth what is
     * @param answers what was said, as many
     * @return the counts
     */
    public static Confusion of(boolean[] truth, boolean[] answers) {
        if (truth.length != answers.length) {
            throw new IllegalArgumentException(truth.length + " truths, " + answers.length + " answers");
        }
        long[] counts = new long[4];
        for (int i = 0; i < truth.length; i++) {
            counts[(truth[i] ? 2 : 0) + (answers[i] ? 1 : 0)]++;
        }
        return new Confusion(counts[3], counts[1], counts[2], counts[0]);
    }

    /**
     * Both together.
     *
     * @param other further answers
     * @return the sums
     */
    public Confusion plus(Confusion other) {
        return new Confusion(
                truePositives + other.truePositives,
                falsePositives + other.falsePositives,
                falseNegatives + other.falseNegatives,
                trueNegatives + other.trueNegatives);
    }

    /**
     * The share of right answers.
     *
     * @return from 0 to 1
     */
    public double accuracy() {
        return (double) (truePositives + trueNegatives)
                / (truePositives + falsePositives + falseNegatives + trueNegatives);
    }

    /**
     * The share of what was said to be positive that is.
     *
     * @return from 0 to 1; NaN if nothing was said to be
     */
    public double precision() {
        return (double) truePositives / (truePositives + falsePositives);
    }

    /**
     * The share of what is positive that was said to be.
     *
     * @return from 0 to 1; NaN if nothing is
     */
    public double recall() {
        return (double) truePositives / (truePositives + falseNegatives);
    }

    /**
     * The harmonic mean of precision and recall, of masks also called Dice's coefficient.
     *
     * @return from 0 to 1; NaN if nothing is positive and nothing was said to be
     */
    public double f1() {
        return 2.0 * truePositives / (2 * truePositives + falsePositives + falseNegatives);
    }

    /**
     * Intersection over union, Jaccard's index: what is positive and was said to be, of all that is or was said to be.
     *
     * @return from 0 to 1; NaN if nothing is positive and nothing was said to be
     */
    public double iou() {
        return (double) truePositives / (truePositives + falsePositives + falseNegatives);
    }
}
