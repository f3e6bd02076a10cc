package org.nautile.models.profile;

/**
 * A kernel that ran while a profile was taken.
 *
 * @param op the op and, where an op has several functions, which: for example {@code "activation relu"}
 * @param direction for example {@code "forward"}
 * @param algorithm how it computed; empty where there is no choice, or none is known
 * @param shapes of its tensors, in the order in which the kernel gets them
 * @param flops floating-point operations; 0 where they do not matter, as in what is bound by memory, and on {@code reference}
 * @param bytes the least that it reads and writes
 * @param thread the Java thread that called it
 * @param start as {@link System#nanoTime} counts
 * @param end when it was done, on a GPU too
 * @param memory the memory of the device in use afterwards, bytes; negative if nobody counts
 * @param overhead what the profiler itself took before and after, nanoseconds
 */
public record KernelRun(
        String op,
        String direction,
        String algorithm,
        String shapes,
        double flops,
        long bytes,
        Thread thread,
        long start,
        long end,
        long memory,
        long overhead) {
    static KernelRun of(Traits traits, long start, long end, long memory, long overhead) {
        return new KernelRun(
                traits.op(),
                traits.direction(),
                traits.algorithm(),
                traits.shapes(),
                traits.flops(),
                traits.bytes(),
                Thread.currentThread(),
                start,
                end,
                memory,
                overhead);
    }

    /**
     * Its time.
     *
     * @return seconds
     */
    public double seconds() {
        return 1e-9 * (end - start);
    }
}
