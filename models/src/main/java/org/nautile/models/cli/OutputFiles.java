package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.nautile.io.AtomicFile;

/** Files and folders the user named for results; every failure names the file and the reason. */
final class OutputFiles {
    private static final int TYPE = 0170000; // of a Unix mode
    private static final int CHARACTER_DEVICE = 0020000;

    private OutputFiles() {}

    /** Finds out whether a file can be written, by writing one beside it. */
    static void check(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw new CommandException("cannot write " + file + ": it is a folder");
            }
            if (isSpecial(file)) {
                // A pipe waits for its reader; a device takes a blank, which JSON allows in front.
                if (((int) Files.getAttribute(file, "unix:mode") & TYPE) == CHARACTER_DEVICE) {
                    Files.write(file, new byte[] {'\n'}, StandardOpenOption.WRITE);
                }
                return;
            }
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                checkFolder(parent);
            }
        } catch (IOException | UnsupportedOperationException e) {
            throw failure(file, e);
        }
    }

    /** Makes a folder where there is none, and finds out whether files can be written there. */
    static void checkFolder(Path folder) {
        try {
            Files.createDirectories(folder);
            Path probe = Files.createTempFile(folder, ".nautile-", ".tmp");
            try {
                Files.write(probe, new byte[4096]); // a full disk may still have room for an empty file
            } finally {
                Files.deleteIfExists(probe);
            }
        } catch (IOException e) {
            throw failure(folder, e);
        }
    }

    /** Writes a file, whole or not at all; a device or a pipe is written to, not replaced. */
    static void write(Path file, byte[] bytes) {
        try {
            if (isSpecial(file)) {
                Files.write(file, bytes, StandardOpenOption.WRITE);
            } else {
                AtomicFile.write(file, bytes);
            }
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    static boolean isSpecial(Path file) throws IOException {
        return Files.exists(file)
                && Files.readAttributes(file, BasicFileAttributes.class).isOther();
    }

    static CommandException failure(Path file, Exception e) {
        String reason = e instanceof IOException io ? Failures.reason(io) : String.valueOf(e.getMessage());
        return new CommandException("cannot write " + file + ": " + reason, e);
    }
}
