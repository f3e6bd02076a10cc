package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;
import org.nautile.models.language.Texts;

/** {@code nautile train char-lm} on a generated text. */
@ExtendWith(RestoresDefaults.class)
class CharLmTest {
    private static final String SMALL =
            " --hidden 48 --embedding 16 --chunk 32 --batch 16 --symbols 32 --epochs 3 --lr 0.01 --length 40";

    @TempDir
    private Path folder = Path.of("");

    private Path text = Path.of("");

    @BeforeEach
    void write() throws IOException {
        text = Files.writeString(folder.resolve("text.txt"), Texts.generate(7, 60_000));
    }

    private Outcome run(String options) {
        return Outcome.of(("train char-lm --text " + text + " --out " + folder.resolve("out") + options).split(" +"));
    }

    private static double bits(String last) {
        assertTrue(
                last.matches("held-out text [0-9.]+ bits per character \\([0-9.]+ nats\\), trigram model [0-9.]+ bits"),
                last);
        return Double.parseDouble(last.split(" ", -1)[2]);
    }

    private double[] unigramAndTrigram(String last) throws IOException {
        String all = Files.readString(text);
        String held = all.substring(54_000);
        double entropy = 0;
        for (int c : held.chars().distinct().toArray()) {
            double share = held.chars().filter(other -> other == c).count() / (double) held.length();
            entropy -= share * Math.log(share) / Math.log(2);
        }
        String[] words = last.split(" ", -1);
        return new double[] {entropy, Double.parseDouble(words[words.length - 2])};
    }

    @ParameterizedTest
    @CsvSource({"lstm, 1", "gru, 1", "lstm, 2"})
    void learnsAndWrites(String cell, int layers) throws IOException {
        Outcome outcome = run(SMALL + " --cell " + cell + " --layers " + layers);
        String last = outcome.last();
        double[] others = unigramAndTrigram(last);
        assertTrue(bits(last) < others[0] - 1, last + "; of single characters " + others[0]);
        assertTrue(others[1] < others[0] - 0.5, last);
        assertEquals(
                3,
                outcome.outLines().stream()
                        .filter(line -> line.startsWith("sample: "))
                        .count(),
                outcome::toString);
        JsonNode history =
                new ObjectMapper().readTree(folder.resolve("out/history.json").toFile());
        JsonNode end = history.get("epochs").get(2);
        assertEquals(bits(last), end.get("test_bits").asDouble(), 1e-3);
        assertEquals(bits(last) * Math.log(2), end.get("test_loss").asDouble(), 1e-3);
        LeftFiles.ofTraining(folder.resolve("out"), Set.of(), Set.of("curves.png"));
    }

    /** What does not depend on how long something took, or where it was put. */
    private static List<String> words(Outcome outcome) {
        return outcome.outLines().stream()
                .filter(line -> line.startsWith("sample: ") || line.startsWith("held-out"))
                .toList();
    }

    @Test
    void followsFromItsSeed() {
        String one = SMALL;
        Outcome first = run(one + " --quick");
        assertEquals(words(first), words(run(one + " --quick")));
        assertEquals(words(first), words(run(one + " --quick --eager")));
        assertNotEquals(words(first), words(run(one + " --quick --seed 1")));
        Outcome again = run(one + " --quick --generate " + folder.resolve("out") + " --seed 1");
        assertEquals(4, words(again).size(), again::toString);
    }

    @Test
    void resumesWithTheSameBits() {
        Outcome whole = run(SMALL);
        Outcome part = run(SMALL.replace("--epochs 3", "--epochs 1"));
        assertEquals(0, part.code(), part::toString);
        assertEquals(words(whole), words(run(SMALL + " --resume " + folder.resolve("out"))));
    }

    @Test
    void writesWithWhatWasTrained() {
        Outcome trained = run(SMALL + " --prompt the");
        Outcome written = run(SMALL + " --prompt the --generate " + folder.resolve("out"));
        assertEquals(trained.last(), written.last());
        assertEquals(words(trained), words(written));
        assertTrue(words(written).get(0).startsWith("sample: the"), written::toString);
    }

    @Test
    void otherWeightsAreNamed() {
        run(SMALL).last();
        String error = run(SMALL.replace("48", "40") + " --generate " + folder.resolve("out"))
                .error(1);
        assertTrue(error.contains("model.safetensors: not the weights of char-lm with these options"), error);
    }

    @Test
    void badTexts() throws IOException {
        Files.writeString(text, "too short");
        String held = run(SMALL).error(1);
        assertTrue(held.contains("to train on: a text of 8 characters; at least 513 are needed"), held);
        Files.writeString(text, "");
        assertTrue(run(SMALL).error(1).contains("text.txt: an empty file"), "empty");
        Files.write(text, new byte[] {65, -1});
        assertTrue(run(SMALL).error(1).contains("text.txt: line 1: byte 0xFF found"), "not UTF-8");
        Files.delete(text);
        assertTrue(run(SMALL).error(1).contains("text.txt: no such file"), "absent");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--hidden 0",
                "--layers 0",
                "--embedding 0",
                "--chunk 0",
                "--length 0",
                "--symbols 1",
                "--symbols 257",
                "--temperature -1",
                "--top-k -1"
            })
    void optionsOutOfRange(String option) {
        String error = run(" " + option).error(2);
        assertTrue(error.contains(option), error);
    }
}
