package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Generator;
import org.nautile.Losses;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.data.Mnist;
import org.nautile.io.Safetensors;
import org.nautile.models.Autoencoder;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;
import org.nautile.optim.Adam;
import org.nautile.optim.Trainer;

/** {@code nautile train autoencoder}. */
@ExtendWith(RestoresDefaults.class)
class AutoencoderTest {
    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void digits(@TempDir Path shared) throws IOException {
        data = DigitFiles.write(shared.resolve("mnist"), 1000);
    }

    private Outcome train(String options) {
        String line = "train autoencoder --data " + data + " --out " + folder + " " + options;
        return Outcome.of(line.strip().split(" +"));
    }

    /** The figures of the last line, for each code. */
    private static List<Double> figures(Outcome outcome, String name) {
        String last = outcome.last();
        assertTrue(last.startsWith(name + " "), last);
        List<Double> figures = new ArrayList<>();
        for (String part : last.substring(name.length() + 1).split(", ", -1)) {
            figures.add(Double.valueOf(part.substring(0, part.indexOf(' '))));
        }
        return figures;
    }

    @Test
    void compresses() throws IOException {
        Outcome outcome = train("--code 2,16 --epochs 8");
        List<Double> error = figures(outcome, "mean squared error");
        assertEquals(2, error.size());
        assertTrue(error.get(1) < 0.9 * error.get(0), outcome::toString);
        assertTrue(outcome.out().contains("\n408 114 parameters"), outcome::toString);
        LeftFiles.pictures(folder, "reconstructions.png", "rate-error.png");
        Safetensors weights = Safetensors.open(folder.resolve("model.safetensors"));
        assertEquals("[16,128]", weights.shape("code16.2.weight").toString());
    }

    /** Each network is trained as it would be alone. */
    @Test
    void networksDoNotDisturbEachOther() throws IOException {
        train("--code 2,5 --epochs 2");
        float[] together = weights("code5.5.weight");
        train("--code 5 --epochs 2");
        assertArrayEquals(together, weights("code5.5.weight"));
    }

    private float[] weights(String name) throws IOException {
        try (Scope scope = new Scope()) {
            return Safetensors.open(folder.resolve("model.safetensors"))
                    .tensor(name, Devices.reference())
                    .toFloatArray();
        }
    }

    @Test
    void takesNoiseAway() {
        List<Double> gain = figures(train("--denoise 0.5 --code 8,16 --epochs 8"), "gain in dB");
        assertTrue(gain.get(1) > 5, gain::toString);
        LeftFiles.pictures(folder, "denoised.png", "gain.png");
    }

    @Test
    void findsWhatItDoesNotKnow() {
        List<Double> auroc = figures(train("--anomaly --code 4,8 --epochs 20 --batch 16"), "mean one-class AUROC");
        assertTrue(auroc.get(1) > 0.75, auroc::toString);
        LeftFiles.pictures(folder, "roc-pr.png", "lookalikes.png", "auroc.png");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--denoise 0.3", "--anomaly"})
    void resumedTrainingEndsAsAnUninterruptedOne(String mode) throws IOException {
        String options = "--code 3 --limit 300 " + mode;
        train(options + " --epochs 3");
        byte[] whole = Files.readAllBytes(folder.resolve("model.safetensors"));
        train(options + " --epochs 1");
        Outcome rest = train(options + " --epochs 3 --resume " + folder);
        assertEquals(0, rest.code(), rest::toString);
        assertArrayEquals(whole, Files.readAllBytes(folder.resolve("model.safetensors")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--code 0 | --code [0] is not of different numbers from 1 to 784",
                "--code 5,785 | --code [5, 785] is not",
                "--code 5,5 | --code [5, 5] is not",
                "--denoise -1 | --denoise -1.0 is not a number >= 0",
                "--denoise NaN | --denoise NaN is not",
                "--denoise 1 --anomaly | --anomaly and --denoise are for one training each"
            })
    void wrongOptions(String options, String message) {
        String error = train(options).error(2);
        assertTrue(error.contains(message), error);
    }

    @Test
    void aDigitWithoutImages() {
        String error = train("--anomaly --limit 3").error(1);
        assertTrue(error.contains("no image of the digit "), error);
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void firstStepsAgreeWithReference(Device there) {
        List<Double> right = firstLosses(Devices.reference());
        assertEquals(5, right.size());
        Losses.assertNear(right, firstLosses(there));
    }

    private static List<Double> firstLosses(Device where) {
        Loss error = Loss.meanSquaredError();
        Device.setDefault(where);
        try (Sequential network = Autoencoder.network(4, new Generator(1, 0))) {
            return Losses.of(Trainer.of(network)
                    .optimizer(new Adam(network, 1e-3))
                    .train(Mnist.generate(1, 40).flattened())
                    .objective(batch -> error.of(network.forward(batch.x()), batch.x()))
                    .batchSize(8)
                    .device(where));
        }
    }
}
