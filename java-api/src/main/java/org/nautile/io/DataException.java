package org.nautile.io;

import java.io.IOException;
import java.nio.file.Path;

/** A file that is not what it should be: which file, where in it, what was found, what was expected. */
public final class DataException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * A fault of the whole file.
     *
     * @param file the file
     * @param problem what was found and what was expected
     */
    public DataException(Path file, String problem) {
        super(file + ": " + problem);
    }

    /**
     * A fault at a place.
     *
     * @param file the file
     * @param offset where, bytes from the start (of what was decompressed)
     * @param problem what was found and what was expected
     */
    public DataException(Path file, long offset, String problem) {
        super(file + ": offset " + offset + ": " + problem);
    }
}
