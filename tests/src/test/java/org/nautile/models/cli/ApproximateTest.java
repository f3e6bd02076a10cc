package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;

/** {@code nautile train approximate}. */
@ExtendWith(RestoresDefaults.class)
class ApproximateTest {
    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String options) {
        return Outcome.of(("train approximate --threads 1 --out " + folder.resolve("out") + " " + options).split(" +"));
    }

    @Test
    void quickRunShowsWhoComesNear() {
        Outcome outcome = train("--quick --epochs 30 --functions tanh,cube --widths 2,8,40 --target step");
        double[] errors = outcome.figures("largest error of 40 neurons: (\\S+) \\(tanh\\), (\\S+) \\(cube\\);"
                + " of every polynomial of degree 3: at least (\\S+)");
        assertTrue(errors[0] < 0.1, outcome::toString);
        assertTrue(errors[2] > 0.2 && errors[1] > errors[2], outcome::toString);
        for (String title : List.of("with the best C", "as learnt")) {
            assertTrue(
                    outcome.outLines().stream().anyMatch(line -> line.matches(title + " +2 +8 +40")),
                    outcome::toString);
        }
        LeftFiles.pictures(folder.resolve("out"), "functions.png", "errors.png");
    }

    /** A neuron that says 0 everywhere, a single width, and hardly anything to learn from. */
    @Test
    void littleIsEnough() {
        Outcome outcome = train("--limit 1 --epochs 1 --widths 1");
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(!outcome.out().contains("NaN"), outcome::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--functions square",
                "--functions tanh,tanh",
                "--widths 0",
                "--widths 8,4",
                "--widths 4,4",
                "--widths 2000",
                "--target parabola",
                "--l1 -1"
            })
    void wrongOptionsAreRefused(String options) {
        String error = train(options).error(2);
        assertTrue(error.contains(options.split(" ", -1)[0]), error);
    }
}
