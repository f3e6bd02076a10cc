package org.nautile.optim;

import java.util.Arrays;

/**
 * Looks for a good learning rate: takes training steps at rates that rise exponentially from step to step, until the loss
 * explodes, and puts the model back as it was (Smith 2015, "Cyclical learning rates for training neural networks",
 * arXiv:1506.01186). The losses are smoothed, for those of single batches jump.
 */
public final class LearningRateFinder {
    /** Where a search starts if nothing else is said. */
    public static final double LOWEST = 1e-6;

    /** Where it ends at the latest. */
    public static final double HIGHEST = 10;

    private static final int LEAST_STEPS = 100;
    private static final double SMOOTHING = 0.9;
    private static final double EXPLODED = 4; // times the lowest loss so far
    private static final double BELOW_LOWEST = 10;

    private LearningRateFinder() {}

    /**
     * What was found.
     *
     * @param rates the learning rate of each step that was taken
     * @param losses the smoothed loss of each, finite
     * @param suggestion a tenth of the rate with the lowest loss: at that rate itself, the loss is about to rise
     */
    public record Result(double[] rates, double[] losses, double suggestion) {}

    /**
     * Searches from {@link #LOWEST} to {@link #HIGHEST}.
     *
     * @param trainer its model, optimizer and batches are used; nothing of it is changed afterwards
     * @return what was found
     * @throws DivergedException if not even the first loss is finite
     */
    public static Result find(Trainer trainer) {
        return find(trainer, LOWEST, HIGHEST);
    }

    /**
     * Searches an interval in one pass over the training data, or as many as make 100 steps.
     *
     * @param trainer its model, optimizer and batches are used; nothing of it is changed afterwards
     * @param lowest the rate of the first step, {@code > 0}
     * @param highest the rate of the last step, {@code > lowest}
     * @return what was found
     * @throws DivergedException if not even the first loss is finite
     */
    public static Result find(Trainer trainer, double lowest, double highest) {
        if (!(lowest > 0 && highest > lowest && highest < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("rates from " + lowest + " to " + highest);
        }
        int steps = Math.max(LEAST_STEPS, trainer.batches());
        double[] rates = new double[steps];
        for (int i = 0; i < steps; i++) {
            rates[i] = lowest * Math.pow(highest / lowest, i / (steps - 1.0));
        }
        Smoothed losses = new Smoothed(steps);
        trainer.tryRates(rates, losses::add);
        return losses.result(rates);
    }

    /** Exponentially weighted means, without the pull towards 0 of the first ones. */
    private static final class Smoothed {
        private final double[] losses;
        private int count;
        private double sum;
        private int best;

        Smoothed(int most) {
            losses = new double[most];
        }

        /** Whether to go on. */
        boolean add(double loss) {
            if (!Double.isFinite(loss)) {
                return false;
            }
            sum = SMOOTHING * sum + (1 - SMOOTHING) * loss;
            losses[count] = sum / (1 - Math.pow(SMOOTHING, count + 1.0));
            if (losses[count] < losses[best]) {
                best = count;
            }
            return losses[count++] <= EXPLODED * losses[best];
        }

        Result result(double[] rates) {
            if (count == 0) {
                throw new DivergedException("the loss is not finite before the first step");
            }
            return new Result(Arrays.copyOf(rates, count), Arrays.copyOf(losses, count), rates[best] / BELOW_LOWEST);
        }
    }
}
