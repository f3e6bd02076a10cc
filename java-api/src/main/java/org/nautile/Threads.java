package org.nautile;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;

/**
 * The number of threads that compute, the caller's included, for the whole process. At first it is the system property
 * {@code nautile.threads}, or else the environment variable {@code OMP_NUM_THREADS}, or else the number of processors the
 * JVM may use (which respects a container's limit). Results do not depend on it.
 */
public final class Threads {
    private static final List<IntConsumer> LISTENERS = new CopyOnWriteArrayList<>();
    private static volatile int count = initial();

    private Threads() {}

    private static int initial() {
        String property = System.getProperty("nautile.threads");
        if (property != null) {
            return atLeastOne(parse("nautile.threads", property));
        }
        String variable = System.getenv("OMP_NUM_THREADS");
        if (variable != null && !variable.isBlank()) {
            // OpenMP allows a list, one number per nesting level; ours is the outermost
            return atLeastOne(parse("OMP_NUM_THREADS", variable.split(",", -1)[0]));
        }
        return Runtime.getRuntime().availableProcessors();
    }

    private static int parse(String name, String text) {
        try {
            return Integer.parseInt(text.trim());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + "=" + text + " is not a number of threads", e);
        }
    }

    private static int atLeastOne(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads; at least 1 is needed");
        }
        return threads;
    }

    /**
     * The number of threads.
     *
     * @return {@code >= 1}
     */
    public static int count() {
        return count;
    }

    /**
     * Changes the number of threads.
     *
     * @param threads {@code >= 1}
     */
    public static synchronized void set(int threads) {
        count = atLeastOne(threads);
        LISTENERS.forEach(listener -> listener.accept(threads));
    }

    /**
     * For backends: asks to be told of changes.
     *
     * @param listener receives the new number
     */
    public static void onChange(IntConsumer listener) {
        LISTENERS.add(listener);
    }
}
