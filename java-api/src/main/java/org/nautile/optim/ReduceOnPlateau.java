package org.nautile.optim;

/**
 * A learning rate that falls when the loss does no more, as {@code torch.optim.lr_scheduler.ReduceLROnPlateau} with mode "min" and
 * a relative threshold.
 */
public final class ReduceOnPlateau {
    private static final double LEAST_CHANGE = 1e-8;

    private final double factor;
    private final int patience;
    private final double threshold;
    private final double least;
    private double best = Double.POSITIVE_INFINITY;
    private int bad;

    /** A tenth after more than ten epochs without a loss that is 1e-4 lower, PyTorch's defaults. */
    public ReduceOnPlateau() {
        this(0.1, 10, 1e-4, 0);
    }

    /**
     * With all options.
     *
     * @param factor what the rate is multiplied with, from 0 to 1
     * @param patience epochs without a better loss that are forgiven, {@code >= 0}
     * @param threshold a better loss is below {@code best * (1 - threshold)}
     * @param least the least rate, {@code >= 0}
     */
    public ReduceOnPlateau(double factor, int patience, double threshold, double least) {
        if (!(factor >= 0 && factor < 1) || patience < 0 || !(threshold >= 0) || !(least >= 0)) {
            throw new IllegalArgumentException("ReduceOnPlateau: factor " + factor + " must be from 0 to 1, patience "
                    + patience + ", threshold " + threshold + " and least rate " + least + " >= 0");
        }
        this.factor = factor;
        this.patience = patience;
        this.threshold = threshold;
        this.least = least;
    }

    /**
     * The rate of the next epoch.
     *
     * @param rate the rate of this epoch
     * @param loss what this epoch brought; NaN is not better than anything
     * @return the rate, or a lower one
     */
    public double next(double rate, double loss) {
        if (loss < best * (1 - threshold)) {
            best = loss;
            bad = 0;
            return rate;
        }
        if (++bad <= patience) {
            return rate;
        }
        bad = 0;
        double lower = Math.max(rate * factor, least);
        return rate - lower > LEAST_CHANGE ? lower : rate;
    }

    /** What {@link #load} needs to go on from here. */
    double[] save() {
        return new double[] {best, bad};
    }

    void load(double... saved) {
        best = saved[0];
        bad = (int) saved[1];
    }
}
