package org.nautile.models.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The option {@code --json}, for picocli's {@code @Mixin}. */
public final class JsonOption {
    @Option(
            names = "--json",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT, // where there are subcommands
            description = "Write the result as JSON to this file. Default: no file.")
    private @Nullable Path file;

    /** For picocli. */
    public JsonOption() {}

    /**
     * Finds out whether the file can be written, before the work whose result it is.
     *
     * @throws CommandException if not: the reason
     */
    public void check() {
        if (file != null) {
            OutputFiles.check(file);
        }
    }

    /**
     * Writes the result, if the option was given.
     *
     * @param result maps, lists, arrays, records, strings, numbers, booleans, null
     * @throws CommandException if it cannot be written: the reason
     */
    public void write(Object result) {
        if (file != null) {
            JsonFile.write(file, result);
        }
    }
}
