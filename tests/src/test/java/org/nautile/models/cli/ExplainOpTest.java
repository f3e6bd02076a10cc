package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.RestoresDefaults;
import org.nautile.models.OpPages;

/** {@code nautile explain-op}. */
@ExtendWith(RestoresDefaults.class)
class ExplainOpTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void everyPageIsPrintedAndDrawn() throws IOException {
        for (String op : OpPages.names()) {
            Outcome outcome = Outcome.of("explain-op", op, "--out", folder.toString());
            assertEquals(0, outcome.code(), outcome::toString);
            assertTrue(outcome.out().contains("input: 1 channel of 8 x 8"), outcome::toString);
            Pages.check(outcome, folder, "explain-op " + op, op + ".png", "row", "7");
        }
        String max = Outcome.of("explain-op", "max_pool2d", "--out", folder.toString())
                .out();
        assertTrue(max.contains("     1.0     0.8     0.8     0.9\n"), max);
        String average = Outcome.of("explain-op", "avg_pool2d", "--out", folder.toString())
                .out();
        assertTrue(average.contains("    0.55   0.475     0.4    0.55\n"), average);
    }

    @Test
    void otherOpsAreWrongUsage() {
        assertTrue(Outcome.of("explain-op", "maxpool2d").error(2).contains("did you mean max_pool2d?"));
        Outcome.of("explain-op").error(2);
    }
}
