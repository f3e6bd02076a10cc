package org.nautile.bench.works;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.nautile.models.cli.CommandException;

/**
 * What people have to say about works: a text file with a line per remark and three columns separated by tabs: an expression that
 * matches the whole name of a work, a number of threads or {@code *}, and the remark.
 */
record Remarks(List<Remark> remarks) {
    private record Remark(Pattern work, String threads, String text) {}

    static Remarks none() {
        return new Remarks(List.of());
    }

    static Remarks of(Path file) {
        List<Remark> remarks = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                String[] fields = line.split("\t", -1);
                if (fields.length != 3) {
                    throw new CommandException(
                            file + ": not work, threads and remark with tabs between: '" + line + "'");
                }
                remarks.add(new Remark(Pattern.compile(fields[0]), fields[1], fields[2]));
            }
        } catch (NoSuchFileException e) {
            throw new CommandException(file + ": no such file", e);
        } catch (PatternSyntaxException e) {
            throw new CommandException(file + ": " + e.getDescription() + ": " + e.getPattern(), e);
        } catch (IOException e) {
            throw new CommandException(file + " cannot be read: " + e, e);
        }
        return new Remarks(remarks);
    }

    /** The first remark about a work; null if there is none. */
    @Nullable
    String of(String work, int threads) {
        return remarks.stream()
                .filter(remark -> remark.work().matcher(work).matches())
                .filter(remark ->
                        remark.threads().equals("*") || remark.threads().equals(Integer.toString(threads)))
                .map(Remark::text)
                .findFirst()
                .orElse(null);
    }
}
