package org.nautile.bench.works;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A step of a ladder: a function in a file of its own in bench/ladder, which is compiled into the library of its device.
 *
 * @param function for example {@code "matmul_naive"}
 * @param title what it does, in a few words
 * @param idea what it teaches, in a few sentences
 * @param file the place of the source in the repository
 * @param source the whole file
 */
record Rung(String function, String title, String idea, String file, String source) {
    /** Given to all threads; the others run on one. */
    private static final String THREADS = "_threads";

    /** What all rungs include. */
    static final String HEADER_FILE = "bench/ladder/ladder.hpp";

    private static final String FOLDER = "/org/nautile/bench/ladder/";

    /** The rungs of an op on {@code cpu} or {@code cuda}, the slowest first, as bench/ladder/rungs.def lists them. */
    static List<Rung> of(String folder, String op) {
        List<Rung> rungs = new ArrayList<>();
        for (String line : read("rungs.def").lines().toList()) {
            String[] words = line.split(" +", -1);
            if (words[0].equals(folder) && words[1].equals(op)) {
                Arrays.stream(words).skip(2).forEach(word -> rungs.add(of(folder + "/" + op + "_" + word)));
            }
        }
        if (rungs.isEmpty()) {
            throw new IllegalArgumentException("no ladder of " + op + " on " + folder);
        }
        return rungs;
    }

    private static Rung of(String path) {
        String file = path + (path.startsWith("cuda/") ? ".cu" : ".cpp");
        String source = read(file);
        String comment = source.lines()
                .takeWhile(line -> line.startsWith("//"))
                .map(line -> line.substring(2).strip())
                .filter(line -> !line.startsWith("NTL_SCALAR"))
                .collect(Collectors.joining(" "));
        int colon = comment.indexOf(':');
        return new Rung(
                path.substring(path.indexOf('/') + 1),
                comment.substring(0, colon),
                sentence(comment.substring(colon + 1).strip()),
                "bench/ladder/" + file,
                source);
    }

    private static String sentence(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    /** The source of {@link #HEADER_FILE}. */
    static String header() {
        return read("ladder.hpp");
    }

    /** Whether all threads run it. */
    boolean threaded() {
        return function.endsWith(THREADS);
    }

    /** What its result may differ by: tensor cores round what they multiply. */
    boolean rounds() {
        return function.contains("tensor");
    }

    private static String read(String file) {
        try (InputStream in = Rung.class.getResourceAsStream(FOLDER + file)) {
            if (in == null) {
                throw new IllegalStateException("the class path lacks " + FOLDER + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
