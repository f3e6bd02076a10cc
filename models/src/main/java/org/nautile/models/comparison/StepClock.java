package org.nautile.models.comparison;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Phase;
import org.nautile.Plan;
import org.nautile.optim.TrainerListener;

/**
 * Takes the time of steps. The first ones are warm-up: the virtual machine compiles, memory is asked for, kernels are loaded. The
 * first step of an epoch does not count either, for before it examples are shuffled; unless every step is one. Steps are divided
 * while the clock {@linkplain Phase#watch watches}.
 */
final class StepClock implements TrainerListener, Phase.Watcher {
    private static final int DATA = StepTimes.at(Phase.DATA);
    private static final int COPY = StepTimes.at(Phase.COPY);
    private static final int FORWARD = StepTimes.at(Phase.FORWARD);
    private static final int OPTIMIZER = StepTimes.at(Phase.OPTIMIZER);
    private static final int REST = Phase.OF_STEP.size();

    private final Runnable barrier;
    private final int warmUpSteps;
    private final Thread trains = Thread.currentThread();
    private final double warmUpSeconds;
    private final List<double[]> all = new ArrayList<>();
    private final List<double[]> timed = new ArrayList<>();
    private double[] step = new double[REST + 1];
    private boolean taken; // the step has its batch
    private double elapsed;
    private double timedSeconds;
    private long last;
    private int batches;
    private long kernels;

    /**
     * A clock for the calling thread.
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
    public void ended(Phase phase, long start, long end) {
        if (Thread.currentThread() != trains || batches == 0) {
            return; // of no step: another thread's, or on the way to the first
        }
        switch (phase) {
            case COPY -> {
                if (!taken) { // later ones belong to what copies
                    step[DATA] += lap(start);
                    step[COPY] += lap();
                }
            }
            case DATA -> {
                if (!taken) {
                    step[COPY] += lap();
                    taken = true;
                }
            }
            case FORWARD -> {
                step[OPTIMIZER] += lap(start); // gradients were cleared
                step[FORWARD] += lap();
            }
            case BACKWARD, OPTIMIZER -> {
                if (step[FORWARD] > 0) { // a step that a model takes in its own way is one whole
                    step[StepTimes.at(phase)] += lap();
                }
            }
            default -> {} // of no step
        }
    }

    @Override
    public void stepRecorded(Plan plan) {
        kernels = Math.max(kernels, plan.calls());
    }

    @Override
    public void batchDone(int epoch, int batch, double loss) {
        // what comes last is the way of the loss back to the host, or all of a step that is not divided
        step[step[FORWARD] > 0 ? COPY : REST] += lap();
        double seconds = StepTimes.sum(step);
        if (all.size() >= warmUpSteps && elapsed >= warmUpSeconds && (batch > 1 || batches == 1)) {
            timed.add(step);
            timedSeconds += seconds;
        }
        all.add(step);
        elapsed += seconds;
        step = new double[REST + 1];
        taken = false;
    }

    private double lap() {
        barrier.run();
        return lap(System.nanoTime());
    }

    private double lap(long now) {
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
