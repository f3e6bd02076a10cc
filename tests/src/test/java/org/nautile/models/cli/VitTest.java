package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;
import org.nautile.data.Mnist;

/** {@code nautile train vit}, and what it says of an image. */
@ExtendWith(RestoresDefaults.class)
class VitTest {
    @TempDir
    private Path folder = Path.of("");

    private Outcome train(String options) {
        return Outcome.of(("train vit --out " + folder.resolve("out") + " " + options).split(" +"));
    }

    private static double accuracy(Outcome outcome) {
        String last = outcome.last();
        assertTrue(last.matches("test accuracy [\\d.]+; best [\\d.]+ after epoch \\d"), last);
        return Double.parseDouble(last.split("[ ;]", -1)[2]);
    }

    @Test
    void learnsDigitsAndShowsWhereItLooked() throws IOException {
        Path data = DigitFiles.write(folder.resolve("mnist"), 2000);
        Outcome outcome =
                train("--data " + data + " --patch 7 --width 32 --layers 2 --epochs 4 --batch 32 --threads 1");
        double accuracy = accuracy(outcome);
        assertTrue(accuracy > 0.5, outcome::toString);
        LeftFiles.pictures(folder.resolve("out"), "curves.png", "attention.png");

        Path file = DigitFiles.picture(folder.resolve("digit.png"), Mnist.generate(2, 1), 0);
        Outcome said = Outcome.of("predict", folder.resolve("out").toString(), file.toString());
        assertEquals(0, said.code(), said::toString);
        assertTrue(said.out().startsWith(file + ": "), said.out());
        assertTrue(
                said.out().lines().findFirst().orElse("").matches(".*: \\d [\\d.]+ %, \\d [\\d.]+ %, \\d [\\d.]+ %"));
        LeftFiles.pictures(folder, "out/predictions/digit-predicted.png");
    }

    @Test
    void learnsFromPhotographsToo() {
        Outcome outcome = train("--images cifar --quick --limit 64 --patch 8 --width 8 --heads 2 --layers 1 --epochs 1"
                + " --dropout 0.1 --augment flip,crop --optimizer adamw --schedule cosine");
        accuracy(outcome);
        assertTrue(outcome.out().contains("64 to train on, 500 to test"), outcome::toString);
        LeftFiles.pictures(folder, "out/attention.png");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--images faces",
                "--patch 0",
                "--patch 5",
                "--width -1",
                "--heads 3",
                "--heads 0",
                "--layers 0",
                "--dropout 1",
                "--clip -1"
            })
    void wrongOptionsAreRefused(String options) {
        String error = train(options).error(2);
        assertTrue(error.contains(options.split(" ", -1)[0]), error);
    }
}
