package org.nautile.models.comparison;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Plan;
import org.nautile.optim.StepPart;
import org.nautile.optim.TrainerListener;

/**
 * Takes the time of steps. The first ones are warm-up: the virtual machine compiles, memory is asked for, kernels are loaded. The
 * first step of an epoch does not count either, for before it examples are shuffled; unless every step is one.
 */
final class StepClock implements TrainerListener {
    private static final int REST = StepPart.values().length;

    private final Runnable barrier;
    private final int warmUpSteps;
    private final double warmUpSeconds;
    private final List<double[]> all = new ArrayList<>();
    private final List<double[]> timed = new ArrayList<>();
    private double[] step = new double[REST + 1];
    private double elapsed;
    private double timedSeconds;
    private long last;
    private int batches;
    private long kernels;

    /**
     * A clock.
     *
     * @param barrier waits for the device before the clock is read; or does not
     * @param warmUpSteps not counted
     * @param warmUpSeconds neither are the steps of this time
     */
    StepClock(Runnable barrier, int warmUpSteps, double warmUpSeconds) {
        this.barrier = barrier;
        this.warmUpSteps = warmUpSteps;
        this.warmUpSeconds = warmUpSeconds;
    }

    @Override
    public void started(int epochs, int batchCount) {
        batches = batchCount;
        last = System.nanoTime();
    }

    @Override
    public void partDone(StepPart part) {
        step[part.ordinal()] += lap();
    }

    @Override
    public void stepRecorded(Plan plan) {
        kernels = Math.max(kernels, plan.calls());
    }

    @Override
    public void batchDone(int epoch, int batch, double loss) {
        // what comes last is the way of the loss back to the host, or all of a step whose parts are not told
        step[step[StepPart.FORWARD.ordinal()] > 0 ? StepPart.COPY.ordinal() : REST] += lap();
        double seconds = StepTimes.sum(step);
        if (all.size() >= warmUpSteps && elapsed >= warmUpSeconds && (batch > 1 || batches == 1)) {
            timed.add(step);
            timedSeconds += seconds;
        }
        all.add(step);
        elapsed += seconds;
        step = new double[REST + 1];
    }

    private double lap() {
        barrier.run();
        long now = System.nanoTime();
        double seconds = (now - last) / 1e9;
        last = now;
        return seconds;
    }

    /** The time of the last step. */
    double lastStep() {
        return StepTimes.sum(all.get(all.size() - 1));
    }

    /** The time of the steps that count. */
    double timedSeconds() {
        return timedSeconds;
    }

    /** The steps that count. */
    StepTimes timed() {
        return new StepTimes(List.copyOf(timed));
    }

    /** All steps. */
    StepTimes all() {
        return new StepTimes(List.copyOf(all));
    }

    /** The kernels of the largest recorded step; 0 without. */
    long kernels() {
        return kernels;
    }
}
