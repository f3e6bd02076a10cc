package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;

/** {@code nautile train backprop}. */
@ExtendWith(RestoresDefaults.class)
class BackpropTest {
    private static final String LAST = "test accuracy ([0-9.]+), loss ([0-9.]+); before training ([0-9.]+), ([0-9.]+)";
    private static final String QUICK = "--quick --frames 3 "; // frames take most of the time

    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String options) {
        return Outcome.of(("train backprop --threads 1 --device cpu --out " + folder.resolve("out") + " " + options)
                .split(" +", -1));
    }

    @Test
    void learnsDrawnDigitsAndDrawsItself() throws IOException {
        Outcome outcome = train(QUICK + "--every 5 --data " + DigitFiles.write(folder.resolve("data"), 5000));
        double[] figures = outcome.figures(LAST);
        assertTrue(figures[0] > 0.9 && figures[1] < 0.3, outcome::toString);
        assertTrue(figures[2] < 0.6 && figures[3] > 1.2, outcome::toString);

        Matcher worst = Pattern.compile("largest of all: (\\S+)").matcher(outcome.out());
        assertTrue(worst.find(), outcome::toString);
        assertTrue(Double.parseDouble(worst.group(1)) <= 1e-10, outcome::toString);
        for (String gradient : List.of("dl/dA_1   16 x 49", "dl/db_2   8", "dl/dA_3   4 x 8", "dl/dx_0   49")) {
            assertTrue(outcome.out().contains("\n  " + gradient), outcome::toString);
        }

        LeftFiles.pictures(folder.resolve("out"), "outputs.png", "learning.png", "curves.png");
        LeftFiles.animation(folder.resolve("out/learning.gif"), 5); // before, after 5, 10, 15 updates, at the end
        reads();
    }

    /** It reads digits that were drawn for it. */
    private void reads() throws IOException {
        ImageDataset digits = Mnist.generate(3, 25).firstClasses(4);
        int right = 0;
        for (int i = 0; i < digits.size(); i++) {
            Path file = DigitFiles.picture(folder.resolve("digit.png"), digits, i);
            Outcome outcome =
                    Outcome.of("predict", folder.resolve("out").toString(), "--device", "cpu", file.toString());
            assertEquals(0, outcome.code(), outcome::toString);
            right += outcome.out().contains("digit.png: " + digits.label(i) + " ") ? 1 : 0;
        }
        assertTrue(digits.size() > 6 && right >= 0.8 * digits.size(), right + " of " + digits.size());
    }

    @Test
    void aSeedIsATraining() throws IOException {
        String options = QUICK + "--limit 200 --epochs 1 --side 14";
        Outcome first = train(options);
        double[] once = first.figures(LAST);
        Path weights = folder.resolve("out/model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        byte[] picture = pictureBytes();
        assertTrue(first.out().contains("200 to train on"), first::toString);
        assertArrayEquals(once, train(options).figures(LAST));
        assertArrayEquals(bytes, Files.readAllBytes(weights));
        assertArrayEquals(picture, pictureBytes());
    }

    private byte[] pictureBytes() throws IOException {
        Path picture = folder.resolve("out/learning.gif");
        return Files.exists(picture) ? Files.readAllBytes(picture) : new byte[0];
    }

    /** An epoch, and another from where it ended, are two. */
    @Test
    void goesOn() throws IOException {
        String options = QUICK + "--limit 50 --batch 4 --epochs ";
        Path weights = folder.resolve("out/model.safetensors");
        train(options + 2).figures(LAST);
        byte[] whole = Files.readAllBytes(weights);
        train(options + 1).figures(LAST);
        train(options + 2 + " --resume " + folder.resolve("out")).figures(LAST);
        assertArrayEquals(whole, Files.readAllBytes(weights));
        train(options + 2 + " --resume " + folder.resolve("out")).figures(LAST); // nothing is left to do
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--side 8",
                "--side 0",
                "--every 0",
                "--frames 0",
                "--frames 501",
                "--digit 4",
                "--digit -1",
                "--clip -1"
            })
    void wrongOptionsAreRefused(String options) {
        String error = train(options).error(2);
        assertTrue(error.contains(options), error);
    }
}
