package org.nautile.bench.works;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Device;
import org.nautile.Threads;
import org.nautile.backend.Peaks;
import org.nautile.bench.works.Description.Kernel;
import org.nautile.bench.works.Traffic.Touch;

/**
 * Predicts how long kernels take on a processor, from its measured roofs and what each kernel has to do.
 *
 * @param alone what one thread can do
 * @param team what all threads can do together
 * @param threads how many they are
 * @param meeting seconds that they need to wait for each other, when all come at the same time
 * @param measured seconds that measuring took
 */
record Processor(Roof alone, Roof team, int threads, double meeting, double measured) {
    /** Beginning a kernel of a recorded step: what the smallest works that efficiency.tsv was fitted to take. */
    static final double KERNEL = 35e-9;

    /** Running a recorded step from Java: what a step of a few tiny kernels takes beyond them. */
    static final double STEP = 0.4e-6;

    private static final int TRIES = 300; // to meet, of which the fastest counts
    private static final int CALLS = 16; // of a try: the clock cannot see a single one

    /** Measures the roofs of a device, quickly. */
    static Processor measure(Device device, Peaks peaks, List<Cache> caches) {
        long start = System.nanoTime();
        int threads = Threads.count();
        Timing timing = Timing.of(0.03);
        Roof team = Roof.measure(device, peaks, caches, threads, timing);
        Roof alone = team;
        double meeting = 0;
        if (threads > 1) {
            double together = emptyCall(peaks);
            Threads.set(1);
            try {
                alone = Roof.measure(device, peaks, caches, 1, timing);
                meeting = Math.max(0, together - emptyCall(peaks));
            } finally {
                Threads.set(threads);
            }
        }
        return new Processor(alone, team, threads, meeting, (System.nanoTime() - start) / 1e9);
    }

    /** The seconds of a call that lets every thread do nothing: they meet once, at its end. */
    private static double emptyCall(Peaks peaks) {
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < TRIES; i++) {
            long start = System.nanoTime();
            for (int call = 0; call < CALLS; call++) {
                peaks.multiplyAdd(0);
            }
            least = Math.min(least, (System.nanoTime() - start) / 1e9 / CALLS);
        }
        return least;
    }

    /** Of two measurements the better, in everything. */
    Processor best(Processor other) {
        return new Processor(
                alone.best(other.alone),
                team.best(other.team),
                threads,
                Math.min(meeting, other.meeting),
                measured + other.measured);
    }

    /**
     * The time of each kernel of a step, as a plan runs them.
     *
     * @param kernels in their order
     * @param shared whether a team runs the step, or one thread alone
     */
    List<Seconds> seconds(List<Kernel> kernels, boolean shared) {
        List<Seconds> all = new ArrayList<>();
        boolean team = shared && threads > 1;
        boolean alone = false; // whether one member of the team ran the kernel before
        for (Kernel kernel : kernels) {
            boolean together = team && kernel.tasks() > 1;
            // Members meet before each kernel, except between two that one of them runs; before the first, the team
            // begins.
            double meetings = (team && (together || !alone) ? 1 : 0) + (together ? kernel.meetings() : 0);
            all.add(seconds(kernel.operations(), kernel.touches(), kernel.tasks(), shared)
                    .plus(new Seconds(meetings * meeting, 0, 0)));
            alone = !together;
        }
        return all;
    }

    /**
     * A kernel's time, without the threads' waiting for each other.
     *
     * @param operations what it computes, in operations of the peak rate
     * @param touches the data
     * @param tasks what it can be cut into; 1 for one thread alone
     * @param shared whether a team runs the step
     */
    Seconds seconds(double operations, List<Touch> touches, long tasks, boolean shared) {
        double memory = 0;
        if (!shared || tasks < 2 || threads < 2) {
            for (Touch touch : touches) {
                memory += alone.seconds(touch.bytes(), touch.distance());
            }
            return Seconds.of(KERNEL, operations / alone.gflops() / 1e9, memory);
        }
        double busiest = Math.ceil((double) tasks / threads) / tasks; // share of the thread that the others wait for
        for (Touch touch : touches) {
            double all = team.seconds(touch.bytes(), touch.distance());
            double own = alone.seconds(busiest * touch.bytes(), busiest * touch.distance());
            memory += Math.max(all, own);
        }
        return Seconds.of(KERNEL, operations * busiest * threads / team.gflops() / 1e9, memory);
    }
}
