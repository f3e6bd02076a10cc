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

/** {@code nautile train recall}. */
@ExtendWith(RestoresDefaults.class)
class RecallTest {
    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String options) {
        return Outcome.of(("train recall --threads 1 --out " + folder.resolve("out") + " " + options).split(" +"));
    }

    @Test
    void quickRunShowsWhoRemembers() {
        Outcome outcome = train("--quick --lags 2,40 --hidden 16 --lr 0.01 --epochs 20");
        String figures =
                "test accuracy by lag: rnn (\\S+) \\(2\\), (\\S+) \\(40\\); lstm (\\S+) \\(2\\), (\\S+) \\(40\\);"
                        + " gru (\\S+) \\(2\\), (\\S+) \\(40\\)";
        double[] right = outcome.figures(figures);
        assertTrue(right[0] > 0.5 && right[1] < 0.3, outcome::toString); // 1/8 by chance
        assertTrue(Arrays.stream(right, 2, 6).allMatch(share -> share > 0.9), outcome::toString);
        assertTrue(
                outcome.out().contains("an RNN of spectral radius 1.7, lag 15: not clipped loss "), outcome::toString);
        LeftFiles.pictures(folder.resolve("out"), "recall.png", "gradients.png", "explosion.png");
    }

    /** Each network learns as it would alone. */
    @Test
    void networksDoNotDisturbEachOther() {
        String options = "--quick --limit 64 --epochs 6 --hidden 8 --lr 0.02 ";
        String both = train(options + "--cell gru,rnn --lags 3,6").last();
        String alone = train(options + "--cell gru --lags 3,6").last();
        String figures = alone.substring(alone.indexOf("gru"));
        assertTrue(both.contains(figures), both + "\n" + alone);
    }

    /** Two epochs, and two more from where they ended, are four. */
    @Test
    void goesOn() throws IOException {
        String options = "--quick --limit 64 --hidden 8 --lr 0.02 --cell lstm,rnn --lags 3 --epochs ";
        String whole = train(options + 4).last();
        byte[] weights = Files.readAllBytes(folder.resolve("out/model.safetensors"));
        train(options + 2).last();
        assertFalse(Arrays.equals(weights, Files.readAllBytes(folder.resolve("out/model.safetensors"))));
        Outcome rest = Outcome.of(
                ("train recall --threads 1 --resume " + folder.resolve("out") + " " + options + 4).split(" +"));
        assertEquals(whole, rest.last());
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
