package org.nautile;

/** Shapes, types or devices that do not fit together; the message names the op and both sides. */
public final class ShapeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message op, argument, what was found and what was expected
     */
    public ShapeException(String message) {
        super(message);
    }
}
