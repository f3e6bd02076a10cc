package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.RestoresDefaults;

/** {@code nautile train mnist-gan}. */
@ExtendWith(RestoresDefaults.class)
class MnistGanTest {
    private static final String RESULT = "Frechet distance (\\S+) \\(independent pixels (\\S+)\\); of 500 samples the"
            + " rarest digit has (\\S+) %, entropy (\\S+) of 2.303; judge's test accuracy (\\S+)";

    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void digits(@TempDir Path shared) throws IOException {
        data = DigitFiles.write(shared.resolve("mnist"), 3000);
    }

    private Outcome train(String options) {
        String line = "train mnist-gan --data " + data + " --out " + folder.resolve("out") + " --judge "
                + folder.resolve("judge.safetensors") + " " + options;
        return Outcome.of(line.strip().split(" +"));
    }

    @Test
    void leavesEverything() {
        Outcome outcome = train("--epochs 2 --limit 3000");
        assertTrue(Arrays.stream(outcome.figures(RESULT)).allMatch(figure -> figure >= 0), outcome::toString);
        LeftFiles.pictures(folder.resolve("out"), "samples.png", "curves.png", "digits.png", "shares.png");
    }

    @Test
    void resumedTrainingEndsAsAnUninterruptedOne() throws IOException {
        String options = "--generator dcgan --limit 200 --batch 32";
        Path weights = folder.resolve("out/model.safetensors");
        train(options + " --epochs 2");
        byte[] whole = Files.readAllBytes(weights);
        train(options + " --epochs 1");
        assertFalse(Arrays.equals(whole, Files.readAllBytes(weights)));
        train(options + " --epochs 2 --resume " + folder.resolve("out")).figures(RESULT);
        assertArrayEquals(whole, Files.readAllBytes(weights));
    }

    @Test
    void weightsOfSomethingElseAreRefused() throws IOException {
        Path judge = folder.resolve("judge.safetensors");
        Files.writeString(judge, "not weights");
        String error = train("--epochs 1 --limit 100").error(1);
        assertTrue(error.contains(judge.toString()), error);

        Files.copy(folder.resolve("out/model.safetensors"), judge, StandardCopyOption.REPLACE_EXISTING);
        error = train("--epochs 1 --limit 100").error(1);
        assertTrue(error.contains("not the weights of the judge"), error);
    }
}
