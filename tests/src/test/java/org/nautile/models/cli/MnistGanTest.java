package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.RestoresDefaults;
import org.nautile.models.charts.Picture;

/** {@code nautile train mnist-gan}. */
@ExtendWith(RestoresDefaults.class)
class MnistGanTest {
    private static final Pattern RESULT =
            Pattern.compile("Frechet distance (\\S+) \\(independent pixels (\\S+)\\); of 500"
                    + " samples the rarest digit has (\\S+) %, entropy (\\S+) of 2.303; judge's test accuracy (\\S+)");

    @TempDir
    private static Path shared = Path.of("");

    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void digits() throws IOException {
        data = DigitFiles.write(shared.resolve("mnist"), 3000);
    }

    private Outcome train(String options) {
        String line = "train mnist-gan --data " + data + " --out " + folder.resolve("out") + " --judge "
                + folder.resolve("judge.safetensors") + " " + options;
        return Outcome.of(line.strip().split(" +"));
    }

    private static Matcher result(Outcome outcome) {
        assertEquals(0, outcome.code(), outcome::toString);
        List<String> lines = outcome.outLines();
        Matcher result = RESULT.matcher(lines.get(lines.size() - 1));
        assertTrue(result.matches(), outcome::toString);
        return result;
    }

    @Test
    void leavesEverything() {
        Matcher first = result(train("--epochs 2 --limit 3000"));
        for (int figure = 1; figure <= 5; figure++) {
            assertTrue(Double.parseDouble(first.group(figure)) >= 0, first::group);
        }
        for (String picture : List.of("samples.png", "curves.png", "digits.png", "shares.png")) {
            assertEquals(Picture.obstacle().isEmpty(), Files.exists(folder.resolve("out/" + picture)), picture);
        }
    }

    @Test
    void resumedTrainingEndsAsAnUninterruptedOne() throws IOException {
        String options = "--generator dcgan --limit 200 --batch 32";
        Path weights = folder.resolve("out/model.safetensors");
        train(options + " --epochs 2");
        byte[] whole = Files.readAllBytes(weights);
        train(options + " --epochs 1");
        assertFalse(Arrays.equals(whole, Files.readAllBytes(weights)));
        result(train(options + " --epochs 2 --resume " + folder.resolve("out")));
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
