package org.nautile.bench.works;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.nautile.models.cli.Main;

/** What a command line, run in this process, left behind. */
record Outcome(int code, String out, String err) {
    /** Of a line whose words are apart by spaces. */
    static Outcome of(String line) {
        return of(line.strip().split(" +"));
    }

    static Outcome of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(args, new PrintWriter(out), new PrintWriter(err));
        return new Outcome(code, out.toString(), err.toString());
    }

    /** The one line of an error, after checking that there is no other and what the exit code says. */
    String error(int expected) {
        assertEquals(expected, code, this::toString);
        assertEquals(1, err.lines().count(), this::toString);
        return err;
    }
}
