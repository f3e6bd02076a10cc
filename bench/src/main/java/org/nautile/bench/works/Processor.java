package org.nautile.bench.works;

import java.util.List;
import org.nautile.Device;
import org.nautile.Threads;
import org.nautile.backend.Peaks;
import org.nautile.bench.works.Traffic.Touch;

/**
 * Predicts how long kernels take on a processor, from its measured roofs and what each kernel has to do.
 *
 * @param alone what one thread can do
 * @param team what all threads can do together
 * @param threads how many they are
 * @param measured seconds that measuring took
 */
record Processor(Roof alone, Roof team, int threads, double measured) {
    /** Beginning a kernel of a recorded step: what the smallest works that efficiency.tsv was fitted to take. */
    static final double KERNEL = 35e-9;

    /** Running a recorded step from Java: what a step of a few tiny kernels takes beyond them. */
    static final double STEP = 0.4e-6;

    /** Threads wait for each other after each kernel of a team: an assumption, for the works were fitted with one thread. */
    static final double BARRIER = 0.5e-6;

    /** Measures the roofs of a device, quickly. */
    static Processor measure(Device device, Peaks peaks, List<Cache> caches) {
        long start = System.nanoTime();
        int threads = Threads.count();
        Timing timing = Timing.of(0.03);
        Roof team = Roof.measure(device, peaks, caches, threads, timing);
        Roof alone = team;
        if (threads > 1) {
            Threads.set(1);
            try {
                alone = Roof.measure(device, peaks, caches, 1, timing);
            } finally {
                Threads.set(threads);
            }
        }
        return new Processor(alone, team, threads, (System.nanoTime() - start) / 1e9);
    }

    /** Of two measurements the better, in everything. */
    Processor best(Processor other) {
        return new Processor(alone.best(other.alone), team.best(other.team), threads, measured + other.measured);
    }

    /**
     * A kernel's time.
     *
     * @param operations what it computes, in operations of the peak rate
     * @param touches the data
     * @param tasks what it can be cut into; 1 for one thread alone
     * @param shared whether a team runs the step
     */
    Seconds seconds(double operations, List<Touch> touches, long tasks, boolean shared) {
        boolean together = shared && tasks > 1 && threads > 1;
        Roof roof = together ? team : alone;
        double used = Math.min(tasks, threads);
        double uneven =
                together ? Math.ceil(tasks / used) * threads / tasks : 1; // of threads that wait for the last one
        double memory = 0;
        for (Touch touch : touches) {
            memory += roof.seconds(touch.bytes(), touch.distance());
        }
        return Seconds.of(
                KERNEL + (shared && threads > 1 ? BARRIER : 0), operations * uneven / roof.gflops() / 1e9, memory);
    }
}
