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
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;

/** {@code nautile train mouse}, and what can be done with what it left. */
@ExtendWith(RestoresDefaults.class)
class MouseTest {
    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String options) {
        return Outcome.of(("train mouse --threads 1 --device cpu --out " + folder.resolve("out") + " " + options)
                .split(" +", -1));
    }

    @Test
    void aShortTrainingIsBetterThanChance() throws IOException {
        String figure = "(-?[0-9.]+) \\+- [0-9.]+";
        double[] returns = train("--quick --epochs 10")
                .figures("mean return of 200 games: " + figure + "; hand-written policy " + figure + "; random moves "
                        + figure);
        assertTrue(returns[0] > 5 && returns[1] > 15 && returns[2] < 0, Arrays.toString(returns));
        LeftFiles.pictures(folder.resolve("out"), "game.png", "curves.png");
        LeftFiles.animation(folder.resolve("out/game.gif"), 201);

        Outcome predicted = Outcome.of("predict", folder.resolve("out").toString(), "--device", "cpu", "5");
        assertTrue(predicted.outLines().get(0).matches("5: return -?[0-9.]+"), predicted::toString);
        Pages.check(predicted, folder.resolve("out/predictions"), "predict", "5-predicted.png");
        assertTrue(Outcome.of("predict", folder.resolve("out").toString(), "five")
                .error(1)
                .contains("'five' is not the seed of a game"));
        plays();
    }

    /** Three steps and the end; and a whole game of one line, which ends by itself. */
    private void plays() {
        String three = play("ww\nd\nq\n").last();
        assertTrue(
                three.matches("after 3 steps: you -?[0-9.]+, the mouse -?[0-9.]+: (you win|the mouse wins|a draw)"),
                three);
        assertTrue(play("wasd".repeat(51)).last().startsWith("after 200 steps: "));
        assertTrue(play("").last().startsWith("after 0 steps: you 0.0, the mouse 0.0: a draw"));
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

    /** In one test, for the films of trainings take most of its time. */
    @Test
    void aSeedIsATrainingAndItGoesOn() throws IOException {
        String options = "--quick --network conv --limit 640 --epochs ";
        String once = train(options + 2).last();
        byte[] weights = Files.readAllBytes(folder.resolve("out/model.safetensors"));
        assertEquals(once, train(options + 2).last());
        assertArrayEquals(weights, Files.readAllBytes(folder.resolve("out/model.safetensors")));
        Outcome rest = train(options + 3 + " --resume " + folder.resolve("out"));
        assertTrue(rest.out().contains("goes on after epoch 2"), rest::toString);
        rest.last();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--network gru", "--epsilon 1.5", "--epsilon NaN", "--discount -0.1", "--clip -1"})
    void wrongOptionsAreRefused(String options) {
        String error = train(options).error(2);
        assertTrue(error.contains(options.split(" ", -1)[0]), error);
    }
}
