package org.nautile.models.metrics;

import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The confusion matrices that all thresholds would give: an answer is yes where the probability is at least the threshold. Counts
 * in bins of 1/1000, so that millions of pixels need no memory.
 */
public final class ThresholdSweep {
    /** Thresholds are 0, 1/1000, ..., 1. */
    public static final int BINS = 1000;

    private final long[] positives = new long[BINS + 1];
    private final long[] negatives = new long[BINS + 1];

    /** Without answers. */
    public ThresholdSweep() {}

    /**
     * Adds an answer.
     *
     * @param truth what is
     * @param probability from 0 to 1 that it is yes
     */
    public void add(boolean truth, double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability " + probability + " is not from 0 to 1");
        }
        (truth ? positives : negatives)[(int) (probability * BINS)]++;
    }

    /**
     * The counts at a threshold.
     *
     * @param threshold from 0 to 1; between two bins, the lower one's edge
     * @return the confusion matrix
     */
    public Confusion at(double threshold) {
        return at((int) Math.round(threshold * BINS));
    }

    private Confusion at(int bin) {
        long[] yes = new long[2];
        long[] no = new long[2];
        for (int i = 0; i <= BINS; i++) {
            long[] side = i >= bin ? yes : no;
            side[0] += negatives[i];
            side[1] += positives[i];
        }
        return new Confusion(yes[1], yes[0], no[1], no[0]);
    }

    /**
     * The thresholds, for the horizontal axis of a chart.
     *
     * @param steps one less than their number, at most {@link #BINS}
     * @return from 0 to 1
     */
    public static double[] thresholds(int steps) {
        return IntStream.rangeClosed(0, steps)
                .mapToDouble(i -> (double) i / steps)
                .toArray();
    }

    /**
     * A figure at each threshold.
     *
     * @param thresholds from 0 to 1
     * @param figure for example {@code Confusion::iou}
     * @return as many
     */
    public double[] curve(double[] thresholds, ToDoubleFunction<Confusion> figure) {
        return IntStream.range(0, thresholds.length)
                .mapToDouble(i -> figure.applyAsDouble(at(thresholds[i])))
                .toArray();
    }

    /**
     * The threshold at which a figure is largest.
     *
     * @param figure for example {@code Confusion::iou}; NaN never is
     * @return a multiple of 1/1000
     */
    public double best(ToDoubleFunction<Confusion> figure) {
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i <= BINS; i++) {
            double value = figure.applyAsDouble(at(i));
            if (value > most) {
                most = value;
                best = i;
            }
        }
        return (double) best / BINS;
    }

    /**
     * The area under precision over recall: precision at each threshold, weighted by what recall gains there.
     *
     * @return from 0 to 1; NaN if nothing is positive
     */
    public double averagePrecision() {
        double sum = 0;
        double before = 0;
        for (int i = BINS; i >= 0; i--) {
            Confusion here = at(i);
            double recall = here.recall();
            if (recall != before) { // NaN differs, too
                sum += (recall - before) * here.precision();
                before = recall;
            }
        }
        return sum;
    }
}
