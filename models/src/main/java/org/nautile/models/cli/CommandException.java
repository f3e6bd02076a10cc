package org.nautile.models.cli;

/** A failure the user can understand and act on: its message is the one line that is printed, with exit code 1. */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what failed and what to do, one line
     */
    public CommandException(String message) {
        super(message);
    }

    /**
     * Creates the exception.
     *
     * @param message what failed and what to do, one line
     * @param cause shown under {@code --verbose}
     */
    public CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
