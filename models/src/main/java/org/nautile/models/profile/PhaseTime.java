package org.nautile.models.profile;

/**
 * A stretch of time on the thread that trains, or on another.
 *
 * @param name what happened, for example {@code "backward"}
 * @param thread the Java thread
 * @param start as {@link System#nanoTime} counts
 * @param end when it was over
 */
public record PhaseTime(String name, Thread thread, long start, long end) {
    boolean contains(PhaseTime other) {
        return !other.equals(this) && other.start >= start && other.end <= end;
    }

    double seconds() {
        return 1e-9 * (end - start);
    }
}
