package org.nautile.io;

import java.io.IOException;

/** A file that could not be had from where it is published: for each address the reason. */
public final class DownloadException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message which address, and what is wrong with it
     */
    public DownloadException(String message) {
        super(message);
    }

    /**
     * Creates the exception.
     *
     * @param message which address, and what is wrong with it
     * @param cause what the network said
     */
    public DownloadException(String message, Throwable cause) {
        super(message, cause);
    }
}
