package org.nautile.optim;

/**
 * A classifier's answers on a data set.
 *
 * @param loss the mean loss
 * @param accuracy the share of examples classified right, 0 to 1
 * @param labels what the examples are
 * @param predictions the class with the largest score of each example
 * @param scores the scores of each example, [example][class], as the model gives them
 */
public record Evaluation(double loss, double accuracy, int[] labels, int[] predictions, float[][] scores) {}
