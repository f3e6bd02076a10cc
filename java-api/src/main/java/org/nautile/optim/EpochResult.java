package org.nautile.optim;

/**
 * What one pass over the training data brought.
 *
 * @param epoch from 1
 * @param learningRate of the last step
 * @param trainLoss the mean loss over the training examples, each measured when it was used
 * @param testLoss the mean loss over the test examples after the epoch; NaN without test data
 * @param testAccuracy the share of test examples classified right, 0 to 1; NaN without test data
 * @param seconds the time of the training part
 * @param samplesPerSecond training examples per second
 */
public record EpochResult(
        int epoch,
        double learningRate,
        double trainLoss,
        double testLoss,
        double testAccuracy,
        double seconds,
        double samplesPerSecond) {}
