package org.nautile.optim;

/**
 * What one pass over the training data brought.
 *
 * @param epoch from 1
 * @param learningRate of the last step
 * @param trainLoss the mean loss over the training examples, each measured when it was used
 * @param testLoss the mean loss over the test examples after the epoch; NaN without test data
 * @param testMetric what {@link Trainer#metric} names, for a classifier the share of test examples classified right, 0 to 1; NaN
 *     without test data
 * @param seconds the time of the training part
 * @param samplesPerSecond training examples per second
 */
public record EpochResult(
        int epoch,
        double learningRate,
        double trainLoss,
        double testLoss,
        double testMetric,
        double seconds,
        double samplesPerSecond) {
    static final int FIELDS = 7;

    double[] toArray() {
        return new double[] {epoch, learningRate, trainLoss, testLoss, testMetric, seconds, samplesPerSecond};
    }

    static EpochResult of(double... fields) {
        return new EpochResult((int) fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6]);
    }

    /** The loss that decides what is better: that of the test, if there is one. */
    double decisiveLoss() {
        return Double.isNaN(testLoss) ? trainLoss : testLoss;
    }
}
