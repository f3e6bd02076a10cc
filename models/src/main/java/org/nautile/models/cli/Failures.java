package org.nautile.models.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.nautile.DeviceException;
import org.nautile.ShapeException;
import org.nautile.optim.DivergedException;

/** One line for every failure. */
final class Failures {
    private Failures() {}

    /** What to tell the user. */
    static String line(Throwable failure) {
        String text;
        if (failure instanceof FileSystemException e) {
            text = e.getFile() + ": " + reason(e);
        } else if (failure instanceof OutOfMemoryError) {
            text = "out of memory: " + failure.getMessage() + "; a smaller --batch or a larger heap (-Xmx) may help";
        } else if (expected(failure) && failure.getMessage() != null) {
            text = failure.getMessage();
        } else {
            text = "internal error: " + failure + " (--verbose shows where)";
        }
        return oneLine(text);
    }

    /** Line breaks become semicolons; the folders that Java lists when it misses a library help nobody. */
    static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ").replaceAll("(java\\.library\\.path): [^\\s;)]+", "$1");
    }

    /** Whether the message was written for the user. */
    private static boolean expected(Throwable failure) {
        return failure instanceof CommandException
                || failure instanceof DeviceException
                || failure instanceof ShapeException
                || failure instanceof IllegalArgumentException
                || failure instanceof DivergedException
                || failure instanceof IOException;
    }

    private static String reason(FileSystemException e) {
        String reason = e.getReason(); // the JDK gives none with the kinds below; whoever does has more to say
        if (reason != null) {
            return reason;
        } else if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        } else if (e instanceof AccessDeniedException) {
            return "permission denied";
        } else if (e instanceof FileAlreadyExistsException) {
            return "a file of this name is in the way";
        } else if (e instanceof NotDirectoryException) {
            return "not a folder";
        } else if (e instanceof DirectoryNotEmptyException) {
            return "the folder is not empty";
        }
        return e.getClass().getSimpleName();
    }

    /** What the system says of a failed write, without the path that the caller adds. */
    static String reason(IOException e) {
        if (e instanceof FileSystemException system) {
            return reason(system);
        }
        String message = e.getMessage();
        if (message == null) {
            return e.getClass().getSimpleName();
        }
        int bracket = message.lastIndexOf(" (");
        // java.io's own form: "path (reason)"
        return e instanceof FileNotFoundException && bracket >= 0
                ? message.substring(bracket + 2, message.length() - 1)
                : message;
    }
}
