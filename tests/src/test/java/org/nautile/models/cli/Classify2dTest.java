package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;

/** {@code nautile train classify-2d}. */
@ExtendWith(RestoresDefaults.class)
class Classify2dTest {
    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String options) {
        return Outcome.of(("train classify-2d --threads 1 --out " + folder.resolve("out") + " " + options).split(" +"));
    }

    /** The figures of a line of the table. */
    private static double[] figures(Outcome outcome, String set) {
        assertEquals(0, outcome.code(), outcome::toString);
        String line = outcome.outLines().stream()
                .filter(candidate -> candidate.startsWith(set + " "))
                .findFirst()
                .orElseThrow();
        return Arrays.stream(line.split(" +", -1))
                .skip(1)
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    @Test
    void quickRunShowsWhoCanExpressWhat() {
        Outcome outcome = train("--quick --widths 3,24 --epochs 40");
        // logistic, degree 2, degree 3, radial, two perceptrons
        double[] moons = figures(outcome, "moons");
        double[] circles = figures(outcome, "circles");
        double[] xor = figures(outcome, "xor");
        double[] spirals = figures(outcome, "spirals");
        assertEquals(6, moons.length, outcome::toString);
        assertTrue(moons[0] > 0.75 && moons[0] < 0.95 && moons[5] > 0.97, outcome::toString);
        assertTrue(circles[0] < 0.7 && circles[1] > 0.98, outcome::toString);
        assertTrue(xor[0] < 0.8 && xor[1] > 0.98, outcome::toString);
        assertTrue(spirals[0] < 0.75 && spirals[2] < 0.9 && spirals[5] > 0.9, outcome::toString);
        assertTrue(outcome.last().startsWith("test accuracy, mean of the sets: 0."), outcome::toString);
        LeftFiles.pictures(folder, "out/regions.png");
    }

    /** An epoch, and one more from where it ended, are two. */
    @Test
    void goesOn() throws IOException {
        String options = "--quick --limit 64 --widths 5 --centres 6 --schedule constant --epochs ";
        Path weights = folder.resolve("out/model.safetensors");
        assertEquals(0, train(options + 2).code());
        byte[] whole = Files.readAllBytes(weights);
        assertEquals(0, train(options + 1).code());
        assertFalse(Arrays.equals(whole, Files.readAllBytes(weights)));
        Outcome rest = train(options + 2 + " --resume " + folder.resolve("out"));
        assertEquals(0, rest.code(), rest::toString);
        assertArrayEquals(whole, Files.readAllBytes(weights));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--widths 0",
                "--widths 4,4",
                "--widths many",
                "--widths 20000",
                "--centres 0",
                "--radius 0",
                "--radius NaN",
                "--radius Infinity",
                "--clip -1"
            })
    void wrongOptionsAreRefused(String options) {
        String error = train(options).error(2);
        assertTrue(error.contains(options.split(" ", -1)[0]), error);
    }
}
