package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;
import org.nautile.models.charts.Picture;

/** {@code nautile train mouse}, and what can be done with what it left. */
@ExtendWith(RestoresDefaults.class)
class MouseTest {
    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String options) {
        return Outcome.of(("train mouse --threads 1 --device cpu --out " + folder.resolve("out") + " " + options)
                .split(" +", -1));
    }

    private static String last(Outcome outcome) {
        assertEquals(0, outcome.code(), outcome::toString);
        List<String> lines = outcome.outLines();
        return lines.get(lines.size() - 1);
    }

    @Test
    void aShortTrainingIsBetterThanChance() throws IOException {
        String last = last(train("--quick --epochs 20"));
        String figure = "(-?[0-9.]+) \\+- [0-9.]+";
        Matcher found = Pattern.compile("mean return of 200 games: " + figure + "; hand-written policy " + figure
                        + "; random moves " + figure)
                .matcher(last);
        assertTrue(found.matches(), last);
        assertTrue(Double.parseDouble(found.group(1)) > 2, last);
        assertTrue(Double.parseDouble(found.group(2)) > 15, last);
        assertTrue(Double.parseDouble(found.group(3)) < 0, last);
        if (Picture.obstacle().isEmpty()) {
            assertEquals(201, frames(folder.resolve("out/game.gif")));
            assertTrue(Files.exists(folder.resolve("out/game.png")) && Files.exists(folder.resolve("out/curves.png")));
        }

        Outcome predicted = Outcome.of("predict", folder.resolve("out").toString(), "--device", "cpu", "5");
        assertTrue(last(predicted).matches("5: return -?[0-9.]+|.*5-predicted.png.*"), predicted::toString);
        assertTrue(Outcome.of("predict", folder.resolve("out").toString(), "five")
                .error(1)
                .contains("'five' is not the seed of a game"));
        plays();
    }

    private static int frames(Path gif) throws IOException {
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (ImageInputStream in = ImageIO.createImageInputStream(gif.toFile())) {
            reader.setInput(in);
            return reader.getNumImages(true);
        } finally {
            reader.dispose();
        }
    }

    /** Three steps and the end; and a whole game of one line, which ends by itself. */
    private void plays() {
        String three = last(play("ww\nd\nq\n"));
        assertTrue(
                three.matches("after 3 steps: you -?[0-9.]+, the mouse -?[0-9.]+: (you win|the mouse wins|a draw)"),
                three);
        assertTrue(last(play("wasd".repeat(51))).startsWith("after 200 steps: "));
        assertTrue(last(play("")).startsWith("after 0 steps: you 0.0, the mouse 0.0: a draw"));
    }

    private Outcome play(String keys) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(keys.getBytes(StandardCharsets.US_ASCII)));
        try {
            return Outcome.of("play", folder.resolve("out").toString(), "--device", "cpu");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void aSeedIsATraining() throws IOException {
        String options = "--quick --network conv --limit 640 --epochs 2";
        String once = last(train(options));
        byte[] weights = Files.readAllBytes(folder.resolve("out/model.safetensors"));
        assertEquals(once, last(train(options)));
        assertArrayEquals(weights, Files.readAllBytes(folder.resolve("out/model.safetensors")));
    }

    @Test
    void goesOn() {
        last(train("--quick --limit 640 --epochs 2"));
        Outcome rest = train("--quick --limit 640 --epochs 3 --resume " + folder.resolve("out"));
        assertTrue(rest.out().contains("goes on after epoch 2"), rest::toString);
        last(rest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--network gru", "--epsilon 1.5", "--epsilon NaN", "--discount -0.1", "--clip -1"})
    void wrongOptionsAreRefused(String options) {
        String error = train(options).error(2);
        assertTrue(error.contains(options.split(" ", -1)[0]), error);
    }
}
