package org.nautile.bench.works;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.nautile.models.cli.CommandException;

/**
 * A list of works: a text file with a line per work and seven columns separated by tabs (suite, work, kind, parameters, flops,
 * bytes, samples).
 *
 * @param source where it comes from, for messages
 * @param works in the file's order
 */
record WorkList(String source, List<Work> works) {

    /** The list that comes with the program. */
    static WorkList builtIn() {
        try (InputStream in = Objects.requireNonNull(WorkList.class.getResourceAsStream("works.tsv"))) {
            return read("the built-in list", new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static WorkList of(Path file) {
        try (Reader reader = Files.newBufferedReader(file)) {
            return read(file.toString(), reader);
        } catch (NoSuchFileException e) {
            throw new CommandException(file + ": no such file", e);
        } catch (IOException e) {
            throw new CommandException(file + " cannot be read: " + e, e);
        }
    }

    static WorkList read(String source, Reader reader) throws IOException {
        List<Work> works = new ArrayList<>();
        Set<String> names = new HashSet<>();
        BufferedReader lines = new BufferedReader(reader);
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            try {
                Work work = Work.parse(line);
                if (!names.add(work.name())) {
                    throw new IllegalArgumentException("the work " + work.name() + " is there already");
                }
                works.add(work);
            } catch (IllegalArgumentException e) {
                throw new CommandException(source + ", line " + number + ": " + e.getMessage(), e);
            }
        }
        return new WorkList(source, works);
    }

    /** The suites of this list, in order. */
    List<String> suites() {
        return works.stream().map(Work::suite).distinct().toList();
    }

    WorkList filter(Predicate<Work> wanted) {
        return new WorkList(source, works.stream().filter(wanted).toList());
    }
}
