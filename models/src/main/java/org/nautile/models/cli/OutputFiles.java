package org.nautile.models.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.nautile.io.AtomicFile;

/** Files and folders the user named for results; every failure names the file and the reason. */
public final class OutputFiles {
    private static final int TYPE = 0170000; // of a Unix mode
    private static final int CHARACTER_DEVICE = 0020000;

    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    private OutputFiles() {}

    /**
     * Finds out whether a file can be written, by writing one beside it.
     *
     * @param file the file
     * @throws CommandException if not: the reason
     */
    public static void check(Path file) {
        try {
            if (standardStream(file) != null) {
                return;
            }
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
                probe(parent);
            }
        } catch (IOException | UnsupportedOperationException e) {
            throw failure(file, e);
        }
    }

    /**
     * A folder of its own for the results of a command, where the user names none.
     *
     * @param name what the results are of, for example {@code "roofline"}
     * @return {@code runs/NAME-DATE-TIME}
     */
    public static Path dated(String name) {
        return Path.of(
                "runs", name + "-" + LocalDateTime.now(ZoneId.systemDefault()).format(STAMP));
    }

    /**
     * Makes a folder where there is none, and finds out whether files can be written there.
     *
     * @param folder the folder
     * @throws CommandException if not: the reason
     */
    public static void checkFolder(Path folder) {
        try {
            probe(folder);
        } catch (IOException e) {
            throw failure(folder, e);
        }
    }

    private static void probe(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path probe = Files.createTempFile(folder, ".nautile-", ".tmp");
        try {
            Files.write(probe, new byte[4096]); // a full disk may still have room for an empty file
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    /**
     * Writes a file, whole or not at all; a device or a pipe is written to, not replaced.
     *
     * @param file the file
     * @param bytes its content
     * @throws CommandException if it cannot be written: the reason
     */
    public static void write(Path file, byte[] bytes) {
        try {
            FileDescriptor stream = standardStream(file);
            if (stream != null) {
                new FileOutputStream(stream).write(bytes); // not closed: others print there
            } else {
                AtomicFile.write(file, bytes);
            }
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    /** Whether a file is written to, once, rather than replaced: a device, a pipe, a stream of this process. */
    static boolean isSpecial(Path file) throws IOException {
        if (standardStream(file) != null) {
            return true;
        }
        return Files.exists(file)
                && Files.readAttributes(file, BasicFileAttributes.class).isOther();
    }

    /**
     * The stream that a name like /dev/stdout means. Opening the name instead would start at the beginning of the file that
     * the stream leads to, and replacing it would replace the name for everyone.
     */
    private static @Nullable FileDescriptor standardStream(Path file) {
        return switch (file.toAbsolutePath().normalize().toString()) {
            case "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1" -> FileDescriptor.out;
            case "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2" -> FileDescriptor.err;
            default -> null;
        };
    }

    /**
     * Names the file the user asked for and, where that is the trouble, the folder above it.
     *
     * @param file the file
     * @param e what went wrong
     * @return the exception, to be thrown
     */
    public static CommandException failure(Path file, Exception e) {
        String reason = e instanceof IOException io ? Failures.reason(io) : String.valueOf(e.getMessage());
        String culprit = e instanceof FileSystemException system ? system.getFile() : null;
        boolean above = culprit != null
                && file.toAbsolutePath().startsWith(Path.of(culprit).toAbsolutePath())
                && !file.toAbsolutePath().equals(Path.of(culprit).toAbsolutePath());
        return new CommandException("cannot write " + file + ": " + (above ? culprit + ": " : "") + reason, e);
    }
}
