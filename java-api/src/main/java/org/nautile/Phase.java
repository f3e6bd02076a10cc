package org.nautile;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What training spends its time on, shown to whoever {@linkplain #watch watches}. As a rule nobody does: then a phase costs reading
 * one variable, and allocates nothing. A step that is recorded shows its phases while it is, but not when it is run again.
 */
public enum Phase {
    /** Examples are gathered for a batch, on a thread of their own. */
    GATHER,
    /** The next batch is waited for, and goes to the device. */
    DATA,
    /** Numbers are copied from Java to the device or back, after waiting for what the device has to do before. */
    COPY,
    /** The model's output and the loss are computed; not shown of a step that a model takes in its own way. */
    FORWARD,
    /** Gradients are computed. */
    BACKWARD,
    /** Gradients are clipped, and parameters are changed. */
    OPTIMIZER,
    /** The model is measured on test data. */
    EVALUATION;

    /** Those of the thread that trains of which a step consists, in the order in which tables show them. */
    public static final List<Phase> OF_STEP = List.of(DATA, COPY, FORWARD, BACKWARD, OPTIMIZER);

    private static volatile @Nullable Watcher watcher;

    /** Is told of phases. */
    @FunctionalInterface
    public interface Watcher {
        /**
         * A phase has ended, on the thread that calls. Phases within another end before it.
         *
         * @param phase which
         * @param start when it began, as {@link System#nanoTime} counts
         * @param end when it ended
         */
        void ended(Phase phase, long start, long end);
    }

    /**
     * Shows all phases of this process that begin from now on to a watcher.
     *
     * @param value the watcher, which any thread may call; null for nobody
     */
    public static void watch(@Nullable Watcher value) {
        watcher = value;
    }

    /**
     * Begins a phase.
     *
     * @return to be closed at its end, by try-with-resources; null, which that allows, if nobody watches
     */
    public @Nullable Span begin() {
        Watcher watching = watcher;
        return watching == null ? null : new Span(this, watching);
    }

    /**
     * The phase in tables and files.
     *
     * @return for example {@code "forward"}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The time of a phase. */
    public static final class Span implements AutoCloseable {
        private final Phase phase;
        private final Watcher told;
        private final long start = System.nanoTime();

        private Span(Phase phase, Watcher told) {
            this.phase = phase;
            this.told = told;
        }

        @Override
        public void close() {
            told.ended(phase, start, System.nanoTime());
        }
    }
}
