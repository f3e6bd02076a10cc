package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;
import org.nautile.data.Cifar10;
import org.nautile.data.ImageDataset;
import org.nautile.models.charts.Picture;

/** {@code nautile train} of the models of CIFAR-10, narrow ones on few drawn objects. */
@ExtendWith(RestoresDefaults.class)
class CifarTrainTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void objects() throws IOException {
        write("data_batch_1.bin", Cifar10.generate(1, 100));
        write("test_batch.bin", Cifar10.generate(2, 40));
    }

    private static void write(String name, ImageDataset objects) throws IOException {
        try (OutputStream out = Files.newOutputStream(data.resolve(name))) {
            for (int i = 0; i < objects.size(); i++) {
                out.write(objects.label(i));
                for (float pixel : objects.pixels(i)) {
                    out.write(Math.round(255 * pixel));
                }
            }
        }
    }

    private List<Double> losses(String options) throws IOException {
        Path out = folder.resolve("out");
        Outcome outcome =
                Outcome.of(("train " + options + " --epochs 2 --batch 20 --data " + data + " --out " + out).split(" "));
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(outcome.out().contains("CIFAR-10 from " + data + ", "), outcome::toString);
        List<Double> losses = new ArrayList<>();
        for (JsonNode epoch :
                JSON.readTree(out.resolve("history.json").toFile()).get("epochs")) {
            losses.add(epoch.get("train_loss").asDouble());
        }
        return losses;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cifar-mlp --width 32",
                "cifar-mlp --width 32 --optimizer sgd",
                "cifar-cnn-small --quick",
                "cifar-cnn --width 2",
                "cifar-cnn --width 2 --no-batch-norm --no-dropout",
                "cifar-resnet --width 2 --limit 50 --lr 0.02"
            })
    void learnsAndLeavesItsPictures(String model) throws IOException {
        List<Double> losses = losses(model);
        assertEquals(2, losses.size());
        assertTrue(losses.get(1) < losses.get(0) && losses.get(0) < 4, losses::toString);
        if (Picture.obstacle().isEmpty()) {
            for (String name : List.of("curves.png", "confusion.png", "mistakes.png")) {
                assertTrue(Files.size(folder.resolve("out").resolve(name)) > 1000, name);
            }
        }
    }

    @Test
    void optionsChangeWhatTheyShould() throws IOException {
        String model = "cifar-cnn --width 2 --limit 40 --no-dropout";
        List<Double> plain = losses(model);
        assertEquals(plain, losses(model), "the same seed");
        assertEquals(plain, losses(model + " --augment none"));
        assertNotEquals(plain, losses(model + " --augment flip"));
        assertNotEquals(plain, losses(model + " --no-batch-norm"));
        List<Double> augmented = losses(model + " --augment flip,rotate,scale,crop,jitter,noise");
        assertEquals(augmented, losses(model + " --augment flip,rotate,scale,crop,jitter,noise"));
        assertNotEquals(augmented, losses(model + " --augment flip,crop"));
    }

    /** Six trainings on one figure; again, they are kept. */
    @Test
    void comparesTheModels() throws IOException {
        Path out = folder.resolve("models");
        String[] line = ("compare-models --epochs 1 --limit 64 --data " + data + " --out " + out).split(" ");
        Outcome first = Outcome.of(line);
        List<String> folders = List.of(
                "cifar-mlp-sgd",
                "cifar-mlp",
                "cifar-cnn-small",
                "cifar-cnn-plain",
                "cifar-cnn-no-dropout",
                "cifar-cnn");
        for (String name : folders) {
            Path history = out.resolve(name).resolve("history.json");
            assertEquals(1, JSON.readTree(history.toFile()).get("epochs").size());
        }
        Pages.check(first, out, "compare-models", "models.png", "training", "accuracy");
        boolean drawn = Picture.obstacle().isEmpty();
        byte[] figure = drawn ? Files.readAllBytes(out.resolve("models.png")) : new byte[0];
        Outcome again = Outcome.of(line);
        assertEquals(0, again.code(), again::toString);
        assertEquals(
                6,
                again.outLines().stream()
                        .filter(text -> text.equals("goes on after epoch 1"))
                        .count());
        if (drawn) {
            assertArrayEquals(figure, Files.readAllBytes(out.resolve("models.png")));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cifar-cnn --augment flop",
                "cifar-cnn --width 0",
                "cifar-resnet --width -1",
                "cifar-mlp --width 24",
                "cifar-cnn-small --clip -1"
            })
    void wrongOptions(String options) {
        Outcome.of(("train " + options).split(" ")).error(2);
    }
}
