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

    /**
     * A fault in a line of text.
     *
     * @param file the file
     * @param line its number, from 1
     * @param problem what was found and what was expected
     * @return the exception, to be thrown
     */
    public static DataException atLine(Path file, long line, String problem) {
        return new DataException(file, "line " + line + ": " + problem);
    }
}
