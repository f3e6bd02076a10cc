package org.nautile.models.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --json}, for picocli's {@code @Mixin}. */
public final class JsonOption {
    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Write the result as JSON to this file. Default: no file.")
    private @Nullable Path file;

    /** For picocli. */
    public JsonOption() {}

    /**
     * Where the result goes.
     *
     * @return null if the option was not given
     */
    public @Nullable Path file() {
        return file;
    }

    /**
     * Finds out whether the file can be written, before the work whose result it is.
     *
     * @throws CommandException if not: the reason
     */
    public void check() {
        if (file != null) {
            JsonFile.check(file);
        }
    }

    /**
     * Writes the result, if the option was given.
     *
     * @param result as for {@link JsonFile#write}
     * @throws CommandException if it cannot be written: the reason
     */
    public void write(Object result) {
        if (file != null) {
            JsonFile.write(file, result);
        }
    }
}
