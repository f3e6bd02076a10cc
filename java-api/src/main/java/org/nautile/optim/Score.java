package org.nautile.optim;

/**
 * What a measurement of a model came to.
 *
 * @param loss a mean over examples it was not trained on, lower is better
 * @param metric the model's own figure, such as the share of right answers; NaN if it has none
 */
public record Score(double loss, double metric) {}
