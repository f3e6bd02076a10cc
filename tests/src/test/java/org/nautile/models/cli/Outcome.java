package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** What a command line, run in this process, left behind. */
record Outcome(int code, String out, String err) {

    static Outcome of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(args, new PrintWriter(out), new PrintWriter(err));
        return new Outcome(code, out.toString(), err.toString());
    }

    List<String> outLines() {
        return out.lines().toList();
    }

    /** The last line, after checking that nothing went wrong. */
    String last() {
        assertEquals(0, code, this::toString);
        List<String> lines = outLines();
        return lines.get(lines.size() - 1);
    }

    /** The numbers in the last line: the groups of a pattern that it matches. */
    double[] figures(String pattern) {
        String last = last();
        Matcher found = Pattern.compile(pattern).matcher(last);
        assertTrue(found.matches(), last);
        return IntStream.rangeClosed(1, found.groupCount())
                .mapToDouble(group -> Double.parseDouble(found.group(group)))
                .toArray();
    }

    /** The one line of an error, after checking that there is no other and what the exit code says. */
    String error(int expectedCode) {
        assertEquals(expectedCode, code, () -> "exit code; " + this);
        assertEquals(1, err.lines().count(), () -> "one line: " + err);
        assertEquals("nautile: ", err.substring(0, Math.min(9, err.length())));
        return err.strip();
    }
}
