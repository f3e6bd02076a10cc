package org.nautile.bench.works;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.nautile.models.cli.Interrupts;
import org.nautile.models.cli.OutputFiles;

/** Where measurements go, a line each, as they are made: an interruption costs the one that was under way. */
final class ResultFile {
    private final @Nullable Path file;
    private int lines;

    /** Throws {@link org.nautile.models.cli.CommandException} if the file cannot be written; null for no file. */
    ResultFile(@Nullable Path file) {
        this.file = file;
        if (file != null) {
            OutputFiles.check(file);
        }
    }

    void add(Measurement measurement) {
        if (file == null) {
            return;
        }
        try {
            Files.writeString(file, measurement.json() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw OutputFiles.failure(file, e);
        }
        lines++;
        Interrupts.report(lines + (lines == 1 ? " measurement is in " : " measurements are in ") + file);
    }

    /** The last line of the command's output; null if there is nothing to say. */
    @Nullable
    String conclusion() {
        return file == null ? null : lines + (lines == 1 ? " line" : " lines") + " added to " + file;
    }
}
