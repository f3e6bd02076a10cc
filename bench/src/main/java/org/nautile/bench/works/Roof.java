package org.nautile.bench.works;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.Peaks;
import org.nautile.backend.Peaks.Stream;

/**
 * What a device can do at best with a number of threads: measured, the best of several runs.
 *
 * @param gflops multiply-adds in registers, GFLOP/s
 * @param levels the levels of the memory, nearest first, main memory last
 */
record Roof(double gflops, List<Level> levels) {
    private static final long UNIT = 128; // elements of a thread's part are a multiple of this
    private static final long GAP = 272; // elements; so that arrays do not start at the same place of a page
    private static final long LEAST_MEMORY = 256L << 20;
    private static final double HELPS = 1.1; // so many times faster, and another try is worth its time
    private static final double FILLED = 0.75; // of a cache, by one work's data: never to the last byte
    private static final double RUN = 2e-3; // seconds: on a machine shared with others, some runs are not disturbed

    /**
     * A level of the memory.
     *
     * @param name for example {@code "L2"} or {@code "memory"}
     * @param capacity bytes that all threads together can keep there; {@code Long.MAX_VALUE} for main memory
     * @param gbps the bandwidth of each kind of pass, GB/s
     */
    record Level(String name, long capacity, Map<Stream, Double> gbps) {
        /** Of passes that read and write, one byte with the other. */
        double typical() {
            return gbps.values().stream().mapToDouble(x -> x).average().orElse(0);
        }

        /** The fastest kind of pass. */
        double best() {
            return gbps.values().stream().mapToDouble(x -> x).max().orElse(0);
        }
    }

    /** Of two measurements the better, in everything: what was reached once can be reached. */
    Roof best(Roof other) {
        List<Level> best = new ArrayList<>();
        for (int i = 0; i < levels.size(); i++) {
            Map<Stream, Double> gbps = new EnumMap<>(levels.get(i).gbps());
            other.levels().get(i).gbps().forEach((stream, value) -> gbps.merge(stream, value, Math::max));
            best.add(new Level(levels.get(i).name(), levels.get(i).capacity(), gbps));
        }
        return new Roof(Math.max(gflops, other.gflops()), best);
    }

    /** Measures. */
    static Roof measure(Device device, Peaks peaks, List<Cache> caches, int threads, Timing timing) {
        double flops = best(timing, peaks::multiplyAdd) / 1e9;
        List<Level> levels = new ArrayList<>();
        for (Cache cache : caches) {
            long capacity = cache.bytesFor(threads);
            levels.add(new Level(cache.name(), capacity, streams(device, peaks, capacity / 2, threads, timing)));
        }
        long last = caches.isEmpty() ? 0 : caches.get(caches.size() - 1).bytesFor(threads);
        long large = Math.max(LEAST_MEMORY, 4 * last);
        levels.add(new Level("memory", Long.MAX_VALUE, streams(device, peaks, large, threads, timing)));
        // once more: at the beginning the JVM's own threads, which compile what has just run, may have taken a
        // processor
        return new Roof(Math.max(flops, best(timing, peaks::multiplyAdd) / 1e9), levels);
    }

    /** The bandwidth of each kind of pass over arrays that have so many bytes in all. */
    private static Map<Stream, Double> streams(Device device, Peaks peaks, long bytes, int threads, Timing timing) {
        Map<Stream, Double> result = new EnumMap<>(Stream.class);
        for (Stream stream : Stream.values()) {
            long elements = bytes / DType.FLOAT32.bytes() / stream.arrays();
            long size = Math.max(1, elements / (UNIT * threads)) * UNIT * threads;
            try (Tensor arrays = Tensor.full(device, DType.FLOAT32, Shape.of(stream.arrays() * (size + GAP)), 1)) {
                result.put(stream, best(timing, rounds -> peaks.stream(stream, arrays, size, GAP, rounds)) / 1e9);
            }
        }
        return result;
    }

    private static double best(Timing timing, LongUnaryOperator loop) {
        return best(timing.budget(), loop, System::nanoTime);
    }

    /**
     * The most a loop does in a second. There are more rounds in a run than in the one before until it is long enough and more rounds
     * do not help: that it was long is not enough, for that may be threads which had to be woken, or other programs.
     *
     * @param budget seconds, which at least three runs may exceed
     * @param loop takes rounds, returns what it did in them
     * @param nanos the clock
     */
    static double best(double budget, LongUnaryOperator loop, LongSupplier nanos) {
        double best = 0;
        long rounds = 1;
        long begin = nanos.getAsLong();
        long end = begin;
        for (int counted = 0; counted < 3 || (end - begin) / 1e9 < budget; ) {
            long start = nanos.getAsLong();
            long done = loop.applyAsLong(rounds);
            end = nanos.getAsLong();
            double seconds = Math.max(1e-9, (end - start) / 1e9);
            if (seconds < RUN / 2) {
                rounds = Math.max(2 * rounds, (long) Math.min(1e15, rounds * RUN / seconds));
                continue;
            }
            if (done / seconds > HELPS * best) {
                rounds *= 2;
                counted = 0;
            } else {
                counted++;
            }
            best = Math.max(best, done / seconds);
        }
        return best;
    }

    /**
     * The seconds to read or write bytes that were used last when so many bytes ago. A cache holds all that is nearer than it is
     * large, and of what is farther a part: what is thrown out is not exactly what was used longest ago.
     */
    double seconds(double bytes, double distance) {
        double seconds = 0;
        double held = 0;
        for (Level level : levels) {
            double share = Math.min(1, level.capacity() / distance);
            if (share > held) {
                seconds += bytes * (share - held) / level.typical() / 1e9;
                held = share;
            }
        }
        return seconds;
    }

    /** The place of the nearest level that holds so many bytes. */
    int levelOf(double bytes) {
        int place = 0;
        while (bytes > FILLED * levels.get(place).capacity()) {
            place++;
        }
        return place;
    }

    /** The least seconds of a work whose data is where it fits. */
    double seconds(Work work) {
        return Math.max(
                work.flops() / gflops / 1e9,
                work.bytes() / levels.get(levelOf(work.bytes())).best() / 1e9);
    }
}
