package org.nautile.optim;

/** A loss that is not a finite number any more. The model is as it was before the epoch in which it happened. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * A failure.
     *
     * @param message the epoch and step, what was not finite first, and what may help
     */
    public DivergedException(String message) {
        super(message);
    }
}
