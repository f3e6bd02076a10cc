package org.nautile.validate;

/** A result that is wrong: where, what was expected, what was found, and what would have been allowed. */
public final class Mismatch extends AssertionError {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the error.
     *
     * @param message the whole story
     */
    public Mismatch(String message) {
        super(message);
    }
}
