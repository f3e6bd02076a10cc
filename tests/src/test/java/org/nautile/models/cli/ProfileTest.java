package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;

/** {@code nautile train --profile} and {@code nautile predict --profile}: what is printed, and the files. */
@ExtendWith(RestoresDefaults.class)
class ProfileTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void digits(@TempDir Path shared) throws IOException {
        data = DigitFiles.write(shared.resolve("mnist"), 640);
    }

    private Outcome train(String options) {
        Path out = folder.resolve("out");
        return Outcome.of(("train mnist-mlp --data " + data + " --epochs 3 --out " + out + " " + options).split(" +"));
    }

    private static void check(Path folder) throws IOException {
        LeftFiles.exactly(folder, Set.of("index.html", "ops.json", "trace.json"), Set.of("ops.png"));
    }

    @Test
    void printsATableAndLeavesFiles() throws IOException {
        Outcome outcome = train("--profile-steps 4 --profile");
        assertEquals(0, outcome.code(), outcome::toString);
        List<String> lines = outcome.outLines();
        assertTrue(lines.stream().anyMatch(line -> line.matches("op +calls +us +% +GFLOP/s +MB +GB/s +algorithm")));
        assertTrue(lines.stream().anyMatch(line -> line.matches("linear backward +3 .*")), outcome::out);
        assertTrue(lines.stream().anyMatch(line -> line.matches("step +[\\d.]+ +100")), outcome::out);
        assertTrue(outcome.out().contains("include the launch and the wait"), outcome::out);

        Path profile = folder.resolve("out/profile");
        check(profile);
        JsonNode json = JSON.readTree(profile.resolve("ops.json").toFile());
        assertEquals(4, json.get("steps").asInt());
        assertTrue(json.get("warm_up_steps").asInt() >= 5, json::toString);
        double share = 0;
        for (JsonNode op : json.get("ops")) {
            assertEquals(0, op.get("calls").asInt() % 4, op::toString); // the same in every step
            share += op.get("share").asDouble();
        }
        assertEquals(
                json.get("kernel_seconds").asDouble() / json.get("step_seconds").asDouble(), share, 1e-9);
        double phases = 0;
        for (JsonNode seconds : json.get("phase_seconds")) {
            phases += seconds.asDouble();
        }
        assertEquals(json.get("step_seconds").asDouble(), phases, 1e-9);
        JsonNode trace = JSON.readTree(profile.resolve("trace.json").toFile());
        assertEquals(
                "mnist-mlp, batch 64", trace.get("otherData").get("profiled").asText());
        assertTrue(Files.readString(profile.resolve("index.html")).contains("<h1>Profile of mnist-mlp, batch 64</h1>"));
        assertTrue(Files.readString(profile.resolve("index.html")).contains("linear backward"));
    }

    /** The losses of the steps that are observed, and of those after them, are those of every training. */
    @Test
    void changesNoNumber() throws IOException {
        List<String> losses = List.of("train_loss", "test_loss", "test_accuracy");
        List<JsonNode> histories = new java.util.ArrayList<>();
        for (String options : List.of("", "--profile=" + folder.resolve("p") + " --profile-steps 3")) {
            assertEquals(0, train(options).code());
            JsonNode epochs =
                    JSON.readTree(folder.resolve("out/history.json").toFile()).get("epochs");
            epochs.forEach(epoch -> ((com.fasterxml.jackson.databind.node.ObjectNode) epoch).retain(losses));
            histories.add(epochs);
        }
        assertEquals(histories.get(0), histories.get(1));
        check(folder.resolve("p"));
        assertFalse(Files.exists(folder.resolve("out/profile")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"train --profile mnist-mlp", "train mnist-mlp --profile"})
    void mayStandBeforeTheModelAndAfterIt(String line) throws IOException {
        Outcome outcome = Outcome.of((line + " --data " + data + " --epochs 1 --out " + folder).split(" "));
        assertEquals(0, outcome.code(), outcome::toString);
        check(folder.resolve("profile"));
        assertEquals(
                5, // of ten steps, half are the warm-up
                JSON.readTree(folder.resolve("profile/ops.json").toFile())
                        .get("steps")
                        .asInt());
    }

    @Test
    void anAnswerHasAProfile() throws IOException {
        assertEquals(0, train("").code());
        Path digit = folder.resolve("digit.png");
        javax.imageio.ImageIO.write(
                new java.awt.image.BufferedImage(28, 28, java.awt.image.BufferedImage.TYPE_BYTE_GRAY),
                "png",
                digit.toFile());
        Path to = folder.resolve("p");
        Outcome outcome =
                Outcome.of("predict", folder.resolve("out").toString(), digit.toString(), "--profile", to.toString());
        assertEquals(0, outcome.code(), outcome::toString);
        check(to);
        assertTrue(outcome.outLines().stream().anyMatch(line -> line.matches("linear forward +3 .*")), outcome::out);
        assertFalse(outcome.out().contains("backward"), outcome::out);
    }

    @Test
    void refusesWhatCannotBe() throws IOException {
        assertTrue(train("--profile --profile-steps 0").error(2).contains("--profile-steps 0 is less than 1"));
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        assertTrue(train("--profile=" + file).error(1).contains("cannot write " + file));
        String error = train("--profile=" + folder.resolve("out")).error(1);
        assertTrue(error.contains("the page of the training goes there"), error);
    }
}
