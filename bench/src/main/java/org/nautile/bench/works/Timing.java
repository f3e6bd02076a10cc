package org.nautile.bench.works;

import java.util.Arrays;

/**
 * How a work is timed: warm-up, then samples of at least 1 ms each until the budget is spent. The median counts.
 *
 * @param budget seconds of samples
 * @param warmUp seconds before them: the compiler of the JVM needs it; 0 for none, not even one call
 * @param least samples, whatever they take; three when one call takes over 1.5 s
 */
record Timing(double budget, double warmUp, int least) {
    static final double DEFAULT_BUDGET = 0.6;
    private static final double DEFAULT_WARM_UP = 2;
    private static final double SAMPLE = 1e-3;
    private static final double LONG_CALL = 1.5;
    private static final int MOST_SAMPLES = 300;

    /** With the warm-up in the same proportion as in the default, and at least five samples. */
    static Timing of(double budget) {
        return new Timing(budget, DEFAULT_WARM_UP * budget / DEFAULT_BUDGET, 5);
    }

    /** Reads what {@link #line} wrote. */
    static Timing parse(String line) {
        String[] fields = line.split(" ", 3);
        return new Timing(Double.parseDouble(fields[0]), Double.parseDouble(fields[1]), Integer.parseInt(fields[2]));
    }

    /** For another process. */
    String line() {
        return budget + " " + warmUp + " " + least;
    }

    /**
     * What was measured.
     *
     * @param medianSeconds of one call
     * @param minSeconds of one call
     * @param calls how many were timed
     */
    record Sample(double medianSeconds, double minSeconds, long calls) {}

    /**
     * Times calls.
     *
     * @param call one call
     * @param finish waits for the device, at the end of each sample
     */
    Sample measure(Runnable call, Runnable finish) {
        if (warmUp > 0) {
            seconds(call, finish, 1);
            long start = System.nanoTime();
            do {
                seconds(call, finish, 1); // or a device that queues calls would have many more of them to do
            } while (since(start) < warmUp);
        }

        int calls = 1;
        double once = seconds(call, finish, 1);
        while (once * calls < SAMPLE) { // until it is as long as a sample: the clock cannot see a single short call
            calls = Math.max(2 * calls, (int) (SAMPLE / once));
            once = seconds(call, finish, calls) / calls;
        }
        int inSample = (int) Math.max(1, Math.ceil(SAMPLE / once));
        int enough = once < LONG_CALL ? least : Math.min(least, 3);
        int count = (int) Math.min(MOST_SAMPLES, Math.max(enough, budget / (once * inSample)));
        double[] samples = new double[count];
        for (int i = 0; i < count; i++) {
            samples[i] = seconds(call, finish, inSample) / inSample;
        }
        Arrays.sort(samples);
        return new Sample(samples[count / 2], samples[0], (long) count * inSample);
    }

    private static double seconds(Runnable call, Runnable finish, int calls) {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            call.run();
        }
        finish.run();
        return Math.max(since(start), 1e-9);
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
