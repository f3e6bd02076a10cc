package org.nautile.bench.works;

/**
 * A predicted time, by what it is spent on.
 *
 * @param overhead beginning a kernel, and waiting for other threads
 * @param arithmetic of kernels that compute for longer than their data takes
 * @param memory of kernels whose data takes longer than computing
 */
record Seconds(double overhead, double arithmetic, double memory) {
    static final Seconds NONE = new Seconds(0, 0, 0);

    /** Of one kernel: computing and the traffic of data go on at the same time. */
    static Seconds of(double overhead, double arithmetic, double memory) {
        return arithmetic >= memory ? new Seconds(overhead, arithmetic, 0) : new Seconds(overhead, 0, memory);
    }

    double total() {
        return overhead + arithmetic + memory;
    }

    Seconds plus(Seconds other) {
        return new Seconds(overhead + other.overhead, arithmetic + other.arithmetic, memory + other.memory);
    }
}
