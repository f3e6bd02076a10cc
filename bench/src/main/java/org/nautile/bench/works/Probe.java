package org.nautile.bench.works;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Threads;
import org.nautile.backend.Peaks;

/**
 * A short loop of multiply-adds in registers: when it is slower than it can be, something else runs on the machine, and a figure
 * taken then means nothing.
 */
final class Probe {
    private static final double SECONDS = 8e-3;
    private static final int FIRST = 40;

    private final Peaks peaks;
    private final Map<Integer, Loop> loops = new HashMap<>();

    private Probe(Peaks peaks) {
        this.peaks = peaks;
    }

    /** Null if the device has no such loop. */
    static @Nullable Probe of(Device device) {
        Peaks peaks = device.backend().peaks();
        return peaks == null ? null : new Probe(peaks);
    }

    /** The share of the most that so many threads have reached that they reach now; at most 1. */
    double share(int threads) {
        Threads.set(threads);
        return loops.computeIfAbsent(threads, count -> new Loop()).share();
    }

    /** With one number of threads. */
    private final class Loop {
        private double best;
        private long rounds = 1;

        Loop() {
            for (int i = 0; i < FIRST; i++) {
                share();
            }
        }

        double share() {
            while (true) {
                long start = System.nanoTime();
                double done = peaks.multiplyAdd(rounds);
                double seconds = Math.max(1e-7, (System.nanoTime() - start) / 1e9);
                boolean enough = seconds > SECONDS / 2;
                rounds = Math.max(enough ? 1 : 2 * rounds, (long) (rounds * SECONDS / seconds));
                if (enough) {
                    best = Math.max(best, done / seconds);
                    return done / seconds / best;
                }
            }
        }
    }
}
