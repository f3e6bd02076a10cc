package org.nautile;

/** A device that cannot be used or has failed: the reason, and where there is one, the remedy. */
public final class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message the reason and the remedy
     */
    public DeviceException(String message) {
        super(message);
    }

    /**
     * Creates the exception.
     *
     * @param message the reason and the remedy
     * @param cause what the system reported
     */
    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
