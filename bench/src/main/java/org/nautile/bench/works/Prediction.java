package org.nautile.bench.works;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Threads;

/**
 * A training step on a device, and the time that it should take.
 *
 * @param device where it was taken
 * @param description what it consists of
 * @param processor what predicts its time; null where nothing does
 */
record Prediction(
        Device device, Description description, @Nullable Processor processor) {
    private static final double CLOCK = 1e-3; // seconds: of shorter times, that of a thread is not exact

    /** Whether kernels have times of their own. */
    boolean timed() {
        return measuredKernels() > 0;
    }

    double measuredKernels() {
        return description.step().parts().stream()
                .mapToDouble(part -> part.seconds())
                .sum();
    }

    /**
     * The time that the step would take if no other program ran: of one thread at most what its kernels at their fastest add up to,
     * or what it computed. Of several nobody knows: in each run they wait for each other at other places, and a plan lets one of
     * them alone try from time to time.
     */
    double undisturbed() {
        StepRun.Step step = description.step();
        double seconds = step.bestSeconds();
        if (Threads.count() > 1) {
            return seconds;
        }
        seconds = timed() ? Math.min(seconds, measuredKernels() + Processor.STEP) : seconds;
        return step.ownSeconds() > CLOCK ? Math.min(seconds, step.ownSeconds()) : seconds;
    }

    /** The time of each kernel; with a team if that is faster, as a plan finds out for itself. */
    @Nullable
    List<Seconds> predictedKernels() {
        if (processor == null) {
            return null;
        }
        List<Seconds> alone = processor.seconds(description.kernels(), false);
        List<Seconds> team = processor.seconds(description.kernels(), true);
        return sum(team).total() < sum(alone).total() ? team : alone;
    }

    /** The time of the step. */
    @Nullable
    Seconds predicted() {
        List<Seconds> kernels = predictedKernels();
        return kernels == null ? null : sum(kernels).plus(new Seconds(Processor.STEP, 0, 0));
    }

    /** All of them together. */
    static Seconds sum(List<Seconds> kernels) {
        return kernels.stream().reduce(Seconds.NONE, Seconds::plus);
    }
}
