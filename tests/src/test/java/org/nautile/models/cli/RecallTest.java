package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;
import org.nautile.models.charts.Picture;

/** {@code nautile train recall}. */
@ExtendWith(RestoresDefaults.class)
class RecallTest {
    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String options) {
        return Outcome.of(("train recall --threads 1 --out " + folder.resolve("out") + " " + options).split(" +"));
    }

    private static String last(Outcome outcome) {
        assertEquals(0, outcome.code(), outcome::toString);
        List<String> lines = outcome.outLines();
        return lines.get(lines.size() - 1);
    }

    @Test
    void quickRunShowsWhoRemembers() {
        Outcome outcome = train("--quick --lags 2,40 --hidden 16 --lr 0.01 --epochs 20");
        String figures =
                "test accuracy by lag: rnn (\\S+) \\(2\\), (\\S+) \\(40\\); lstm (\\S+) \\(2\\), (\\S+) \\(40\\);"
                        + " gru (\\S+) \\(2\\), (\\S+) \\(40\\)";
        String last = last(outcome);
        Matcher found = Pattern.compile(figures).matcher(last);
        assertTrue(found.matches(), last);
        assertTrue(Double.parseDouble(found.group(1)) > 0.5, last);
        assertTrue(Double.parseDouble(found.group(2)) < 0.3, last); // 1/8 by chance
        for (int group : new int[] {3, 4, 5, 6}) {
            assertTrue(Double.parseDouble(found.group(group)) > 0.9, last);
        }
        assertTrue(
                outcome.out().contains("an RNN of spectral radius 1.7, lag 15: not clipped loss "), outcome::toString);
        for (String name : List.of("recall.png", "gradients.png", "explosion.png")) {
            assertEquals(
                    Picture.obstacle().isEmpty(),
                    Files.exists(folder.resolve("out").resolve(name)),
                    name);
        }
    }

    /** Each network learns as it would alone. */
    @Test
    void networksDoNotDisturbEachOther() {
        String options = "--quick --limit 64 --epochs 6 --hidden 8 --lr 0.02 ";
        String both = last(train(options + "--cell gru,rnn --lags 3,6"));
        String alone = last(train(options + "--cell gru --lags 3,6"));
        String figures = alone.substring(alone.indexOf("gru"));
        assertTrue(both.contains(figures), both + "\n" + alone);
    }

    /** Two epochs, and two more from where they ended, are four. */
    @Test
    void goesOn() throws IOException {
        String options = "--quick --limit 64 --hidden 8 --lr 0.02 --cell lstm,rnn --lags 3 --epochs ";
        String whole = last(train(options + 4));
        byte[] weights = Files.readAllBytes(folder.resolve("out/model.safetensors"));
        last(train(options + 2));
        assertFalse(Arrays.equals(weights, Files.readAllBytes(folder.resolve("out/model.safetensors"))));
        Outcome rest = Outcome.of(
                ("train recall --threads 1 --resume " + folder.resolve("out") + " " + options + 4).split(" +"));
        assertEquals(whole, last(rest));
        assertArrayEquals(weights, Files.readAllBytes(folder.resolve("out/model.safetensors")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--cell tanh",
                "--cell gru,gru",
                "--lags 0",
                "--lags 5,5",
                "--lags five",
                "--lags 20000",
                "--hidden 0",
                "--gate-bias NaN",
                "--schedule plateau",
                "--clip -1"
            })
    void wrongOptionsAreRefused(String options) {
        String error = train(options).error(2);
        assertTrue(error.contains(options.split(" ", -1)[0]), error);
    }
}
