package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

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

    /** The one line of an error, after checking that there is no other and what the exit code says. */
    String error(int expectedCode) {
        assertEquals(expectedCode, code, () -> "exit code; " + this);
        assertEquals(1, err.lines().count(), () -> "one line: " + err);
        assertEquals("nautile: ", err.substring(0, Math.min(9, err.length())));
        return err.strip();
    }
}
