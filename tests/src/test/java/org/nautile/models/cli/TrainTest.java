package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.Generator;
import org.nautile.Losses;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.data.Mnist;
import org.nautile.data.RealData;
import org.nautile.io.Safetensors;
import org.nautile.models.MnistMlp;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;
import org.nautile.optim.Evaluation;
import org.nautile.optim.Sgd;
import org.nautile.optim.Trainer;

/** {@code nautile train mnist-mlp}, from its options to its files. */
@ExtendWith(RestoresDefaults.class)
class TrainTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void digits(@TempDir Path shared) throws IOException {
        data = DigitFiles.write(shared.resolve("mnist"), 3000);
    }

    /** Trains on the drawn digits; the history. */
    private JsonNode train(String options) throws IOException {
        return train(data, options);
    }

    private JsonNode train(Path from, String options) throws IOException {
        Path out = folder.resolve("out");
        String line = "train mnist-mlp --data " + from + " --out " + out + " " + options;
        Outcome outcome = Outcome.of(line.split(" +"));
        assertEquals(0, outcome.code(), outcome::toString);
        return JSON.readTree(out.resolve("history.json").toFile());
    }

    /** The history without what depends on time and machine. */
    private static JsonNode numbers(JsonNode history) {
        JsonNode copy = history.get("epochs").deepCopy();
        copy.forEach(epoch -> ((ObjectNode) epoch).remove(List.of("seconds", "samples_per_second")));
        return copy;
    }

    private static double last(JsonNode history, String field) {
        JsonNode epochs = history.get("epochs");
        return epochs.get(epochs.size() - 1).get(field).asDouble();
    }

    @Test
    void learnsAndLeavesEverything() throws IOException {
        Path json = folder.resolve("new/result.json");
        JsonNode history = train("--epochs 15 --lr 0.05 --json " + json);
        assertTrue(last(history, "test_accuracy") > 0.7, history::toString);
        assertTrue(last(history, "train_loss") < 1, history::toString);

        assertEquals(history, JSON.readTree(json.toFile()));
        assertEquals("mnist-mlp", history.get("model").asText());
        assertEquals(Device.defaultDevice().name(), history.get("device").asText());
        assertEquals(52_650, history.get("parameters").asInt());
        assertEquals(0, history.get("seed").asInt());
        assertEquals(Threads.count(), history.get("threads").asInt());
        assertEquals(64, history.get("batch").asInt());
        assertEquals(0.05, history.get("learning_rate").asDouble());
        assertEquals(15, history.get("epochs").size());
        int number = 0;
        for (JsonNode epoch : history.get("epochs")) {
            assertEquals(++number, epoch.get("epoch").asInt());
            Set<String> fields = new TreeSet<>();
            epoch.fieldNames().forEachRemaining(fields::add);
            assertEquals(
                    Set.of(
                            "epoch",
                            "learning_rate",
                            "train_loss",
                            "test_loss",
                            "test_accuracy",
                            "seconds",
                            "samples_per_second"),
                    fields);
            double rate = epoch.get("samples_per_second").asDouble();
            assertEquals(3000, rate * epoch.get("seconds").asDouble(), 1e-6 * 3000);
        }

        LeftFiles.ofTraining(folder.resolve("out"), Set.of(), Set.of("curves.png", "confusion.png", "mistakes.png"));
    }

    @Test
    void weightsAreTheTrainedOnesUnderPyTorchsNames() throws IOException {
        JsonNode history = train("--epochs 3 --lr 0.1");
        Safetensors file = Safetensors.open(folder.resolve("out/model.safetensors"));
        assertEquals(Set.of("0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"), file.names());
        assertEquals("[64,784]", file.shape("0.weight").toString());
        Device here = Device.defaultDevice();
        try (Scope scope = new Scope();
                Sequential model = MnistMlp.network(10, new Generator(99, 0))) {
            Map<String, Tensor> state = new LinkedHashMap<>();
            for (String name : file.names()) {
                state.put(name, file.tensor(name, here));
            }
            model.loadState(state);
            double accuracy = Evaluation.of(
                            model, Loss.crossEntropy(), Mnist.test(data).flattened(), here)
                    .accuracy();
            assertEquals(last(history, "test_accuracy"), accuracy);
        }
    }

    @Test
    void saysWhatItTrainsOnWhatWithWhich() {
        Outcome outcome = Outcome.of(
                "train",
                "mnist-mlp",
                "--data",
                String.valueOf(data.getParent()),
                "--limit",
                "64",
                "--epochs",
                "2",
                "--batch",
                "9",
                "--lr",
                "0.5",
                "--seed",
                "-3",
                "--out",
                folder.toString());
        assertEquals(0, outcome.code(), outcome::toString);
        assertEquals("", outcome.err());
        List<String> lines = outcome.outLines();
        assertEquals(
                "mnist-mlp: MNIST from " + data + ", 64 to train on, " + DigitFiles.TEST + " to test", lines.get(0));
        assertTrue(lines.get(1).startsWith("52 650 parameters, device " + Device.defaultDevice()), lines.get(1));
        assertTrue(lines.get(1).endsWith("2 epochs, batch 9, learning rate 0.5, seed -3"), lines.get(1));
        assertTrue(lines.get(2).startsWith("epoch 1/2  train loss "), lines.get(2));
        assertTrue(lines.get(lines.size() - 2).endsWith(folder.toString()), lines::toString);
        assertTrue(outcome.last().matches("test accuracy 0\\.\\d{4}"), lines::toString);
    }

    @Test
    void resumedTrainingEndsAsAnUninterruptedOne() throws IOException {
        JsonNode whole = numbers(train("--epochs 4 --limit 500"));
        byte[] weights = Files.readAllBytes(folder.resolve("out/model.safetensors"));
        Path out = folder.resolve("out");
        train("--epochs 2 --limit 500");
        Outcome rest =
                Outcome.of(("train mnist-mlp --data " + data + " --epochs 4 --limit 500 --resume " + out).split(" "));
        assertEquals(0, rest.code(), rest::toString);
        assertTrue(rest.out().contains("goes on after epoch 2\nepoch 3/4"), rest::toString);
        assertEquals(whole, numbers(JSON.readTree(out.resolve("history.json").toFile())));
        assertArrayEquals(weights, Files.readAllBytes(out.resolve("model.safetensors")));

        String again = "train mnist-mlp --data " + data + " --resume " + out;
        for (String other : List.of("--seed 1", "--batch 32", "--classes 5", "--lr 1")) {
            Outcome refused = Outcome.of((again + " --limit 500 " + other).split(" "));
            assertEquals(1, refused.code(), refused::toString);
            assertTrue(refused.err().startsWith("nautile: cannot go on: "), refused::toString);
        }
        assertEquals(1, Outcome.of(again.split(" ")).code(), "more data");
        Outcome nothing =
                Outcome.of(again.replace(out.toString(), folder.toString()).split(" "));
        assertEquals(1, nothing.code(), nothing::toString);
        assertTrue(nothing.err().contains("history.json: no such file"), nothing::toString);
    }

    /** The rate is too high to stay at the best: what is saved at the end is not the last epoch's. */
    @Test
    void earlyStoppingSavesTheBestWeights() throws IOException {
        JsonNode history = train("--epochs 30 --lr 0.9 --limit 300 --early-stopping 3");
        double least = Double.POSITIVE_INFINITY;
        double accuracy = 0;
        for (JsonNode epoch : history.get("epochs")) {
            if (epoch.get("test_loss").asDouble() < least) {
                least = epoch.get("test_loss").asDouble();
                accuracy = epoch.get("test_accuracy").asDouble();
            }
        }
        assertTrue(last(history, "test_loss") > least, history::toString);
        assertTrue(history.get("epochs").size() < 30, history::toString);
        Device here = Device.defaultDevice();
        try (Scope scope = new Scope();
                Sequential model = MnistMlp.network(10, new Generator(99, 0))) {
            Safetensors file = Safetensors.open(folder.resolve("out/model.safetensors"));
            Map<String, Tensor> state = new LinkedHashMap<>();
            for (String name : file.names()) {
                state.put(name, file.tensor(name, here));
            }
            model.loadState(state);
            var found =
                    Evaluation.of(model, Loss.crossEntropy(), Mnist.test(data).flattened(), here);
            assertEquals(least, found.loss());
            assertEquals(accuracy, found.accuracy());
        }
    }

    /** One line says where; the files of the last good epoch stay. */
    @Test
    void divergenceEndsTraining() throws IOException {
        train("--epochs 1 --limit 500");
        Path weights = folder.resolve("out/model.safetensors");
        byte[] good = Files.readAllBytes(weights);
        Outcome outcome = Outcome.of(
                ("train mnist-mlp --lr 1e30 --epochs 2 --limit 500 --data " + data + " --out " + folder.resolve("out"))
                        .split(" "));
        assertEquals(1, outcome.code(), outcome::toString);
        assertEquals(1, outcome.err().lines().count(), outcome::toString);
        assertTrue(outcome.err().matches("nautile: loss is NaN in step \\d+ of epoch 1: .*\\R"), outcome::toString);
        assertArrayEquals(good, Files.readAllBytes(weights));
    }

    @Test
    void seedDecidesThreadsDoNot() throws IOException {
        String options = "--epochs 2 --limit 1000 --lr 0.1 ";
        JsonNode first = numbers(train(options + "--seed 7 --threads 1"));
        assertEquals(first, numbers(train(options + "--seed 7 --threads 2")));
        assertEquals(first, numbers(train("--seed 7 --threads 3 " + options)));
        assertNotEquals(first, numbers(train(options + "--seed 8")));
    }

    /** Recorded or op by op: the same numbers; and what was recorded is told. */
    @Test
    void eagerHasTheSameBitsAndPlansAreExplained() throws IOException {
        String options = "--device cpu --epochs 3 --limit 1000 --lr 0.1 ";
        assertEquals(numbers(train(options)), numbers(train(options + "--eager")));
        String command = "train mnist-mlp --data " + data + " --out " + folder.resolve("plan") + " --explain-plan ";
        Outcome explained = Outcome.of((command + options).split(" +"));
        assertEquals(0, explained.code(), explained::toString);
        List<String> plans = explained.outLines().stream()
                .filter(line -> line.startsWith("recorded step: "))
                .toList();
        assertEquals(2, plans.size(), explained::toString); // of 64 examples, and of 40
        assertTrue(
                plans.get(0).matches("recorded step: 1\\d kernels, 0\\.\\d MB, \\d+\\.\\d MFLOP, \\d+\\.\\d+ ms"),
                plans.get(0));
        assertTrue(
                explained.out().matches("(?s).*\n +[\\d.]+ +[\\d.]+  linear forward \\+ relu +\\d+ +(one|all) .*"),
                explained::toString);
        Outcome eager = Outcome.of((command + options + "--eager").split(" +"));
        assertTrue(eager.out().contains("no step was recorded"), eager::toString);
    }

    @ParameterizedTest
    @CsvSource({"2, 52386", "4, 52452", "9, 52617"})
    void fewerDigitsAreFewerOutputs(int classes, int parameters) throws IOException {
        JsonNode history = train("--epochs 2 --lr 0.1 --classes " + classes);
        assertEquals(parameters, history.get("parameters").asInt());
        Safetensors file = Safetensors.open(folder.resolve("out/model.safetensors"));
        assertEquals("[" + classes + ",32]", file.shape("4.weight").toString());
        assertTrue(last(history, "test_accuracy") > 1.0 / classes, history::toString);
    }

    @Test
    void singleSamples() throws IOException {
        JsonNode history = train("--batch 1 --limit 1000 --epochs 3");
        assertTrue(last(history, "test_accuracy") > 0.5, history::toString);
    }

    @Test
    void quickIsLittleData() throws IOException {
        JsonNode history = train("--quick --limit 130 --epochs 1");
        assertTrue(history.get("data").asText().contains("130 to train on"), history::toString);
        assertEquals(12, train("--quick --limit 1").get("epochs").size());
    }

    /** Step by step: a difference cannot hide in a mean. */
    @Test
    void referenceAndCpuAgree() throws IOException {
        JsonNode reference = train("--device reference --epochs 1 --lr 0.1");
        assertEquals("reference", reference.get("device").asText());
        double[] slow = losses("reference");
        double[] fast;
        JsonNode cpu;
        try {
            fast = losses("cpu");
            cpu = train("--device cpu --epochs 1 --lr 0.1");
        } catch (DeviceException e) {
            Assumptions.abort("SKIPPED: no device cpu here: " + e.getMessage());
            return;
        }
        assertTrue(slow.length > 90 && slow[slow.length - 1] < 1.5, "the network learns");
        assertArrayEquals(slow, fast, 1e-4);
        for (String field : List.of("train_loss", "test_loss")) {
            assertEquals(last(reference, field), last(cpu, field), 1e-4, field);
        }
    }

    private static double[] losses(String name) {
        Device device = Device.of(name);
        try (Sequential model = MnistMlp.network(10, new Generator(5, 0))) {
            model.to(device);
            return Losses.of(Trainer.of(model)
                            .optimizer(new Sgd(model, 0.2))
                            .train(Mnist.generate(1, 2000).flattened())
                            .epochs(3)
                            .batchSize(61)
                            .device(device))
                    .stream()
                    .mapToDouble(Double::doubleValue)
                    .toArray();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "train-images-idx3-ubyte, 40000, offset 40000",
        "train-labels-idx1-ubyte, 5, offset 5",
        "t10k-images-idx3-ubyte, 0, offset 0",
        "t10k-labels-idx1-ubyte, 9, offset 9"
    })
    void shortFilesAreNamed(String name, int size, String where) throws IOException {
        Path damaged = DigitFiles.write(folder.resolve("data"), 100);
        Path file = damaged.resolve(name);
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), size));
        refused(damaged, file + ": " + where);
    }

    @Test
    void wrongBytesAreNamed() throws IOException {
        Path damaged = DigitFiles.write(folder.resolve("data"), 100);
        Path labels = damaged.resolve("t10k-labels-idx1-ubyte");
        byte[] bytes = Files.readAllBytes(labels);
        bytes[8 + 17] = 77;
        Files.write(labels, bytes);
        refused(damaged, labels + ": offset 25: label 77");
        bytes[2] = 9;
        Files.write(labels, bytes);
        refused(damaged, labels + ": offset 0: magic number");
        Files.write(labels, new byte[] {0, 0, 8, 1, 127, -1, -1, -1});
        refused(damaged, labels + ": offset 4");
        Files.delete(labels);
        refused(damaged, damaged + ": no data set 'mnist' in it");
    }

    @Test
    void dataWithoutTheDigitsIsRefused() throws IOException {
        Path empty = DigitFiles.write(folder.resolve("data"), 0);
        refused(empty, empty + ": no images of the digits 0 to 9 to train on");
    }

    private void refused(Path badData, String expected) {
        Path out = folder.resolve("out");
        String error = Outcome.of("train", "mnist-mlp", "--data", badData.toString(), "--out", out.toString())
                .error(1);
        assertTrue(error.contains(expected), error);
        assertFalse(Files.exists(out.resolve("history.json")));
    }

    @Test
    void linksAreKept() throws IOException {
        Path real = Files.writeString(folder.resolve("real.json"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link.json"), real);
        train("--limit 10 --epochs 1 --json " + link);
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("mnist-mlp", JSON.readTree(real.toFile()).get("model").asText());
    }

    @Test
    void realDigits() throws IOException {
        JsonNode history = train(RealData.mnist(), "--epochs 1");
        assertEquals(0.786, last(history, "test_accuracy"), 0.006); // PyTorch: 0.80 with weights of its own
    }
}
