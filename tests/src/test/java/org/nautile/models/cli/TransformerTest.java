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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.RestoresDefaults;
import org.nautile.models.charts.Picture;

/** {@code nautile train transformer}, and {@code nautile predict} with what it left. */
@ExtendWith(RestoresDefaults.class)
class TransformerTest {
    private static final String SMALL = "--width 32 --hidden 64 --heads 2 --layers 1 --lr 0.005 ";
    private static final Pattern LAST = Pattern.compile(
            "exact match ([0-9.]+) greedy, ([0-9.]+) with a beam of (\\d+), of (\\d+) unseen (dates|numbers)");

    @TempDir
    private static Path shared = Path.of("");

    private static Path run = Path.of("");
    private static String last = "";

    @TempDir
    private Path folder = Path.of("");

    private static Outcome train(Path out, String options) {
        return Outcome.of(("train transformer --out " + out + " " + SMALL + options).split(" +"));
    }

    @BeforeAll
    static void trainOnce() {
        run = shared.resolve("run");
        last = train(run, "--task numbers --dropout 0 --limit 6000 --epochs 8 --beam 3")
                .last();
    }

    @Test
    void learns() throws IOException {
        Matcher figures = LAST.matcher(last);
        assertTrue(figures.matches(), last);
        assertEquals("3", figures.group(3));
        assertEquals("2000", figures.group(4));
        double exact = Double.parseDouble(figures.group(1));
        assertTrue(exact > 0.3, last);
        assertEquals(exact, Double.parseDouble(figures.group(2)), 0.05);
        JsonNode history =
                new ObjectMapper().readTree(run.resolve("history.json").toFile());
        JsonNode epochs = history.get("epochs");
        assertEquals(exact, epochs.get(7).get("test_exact").asDouble(), 0.1); // of the first 500
        assertTrue(epochs.get(7).get("test_loss").asDouble()
                < 0.5 * epochs.get(0).get("test_loss").asDouble());
        if (Picture.obstacle().isEmpty()) {
            assertTrue(Files.size(run.resolve("curves.png")) > 0);
            assertTrue(Files.size(run.resolve("attention.png")) > 0);
        }
    }

    /** Case changes neither the text nor its probability. */
    @Test
    void predicts() throws IOException {
        Path json = folder.resolve("answers.json");
        Outcome outcome = Outcome.of(
                "predict",
                run.toString(),
                "two thousand and five",
                "Two Thousand and Five",
                "--out",
                folder.resolve("pictures").toString(),
                "--json",
                json.toString());
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(
                outcome.outLines().get(0).matches("two thousand and five: \\d+ \\([01]\\.\\d{4}\\)"),
                outcome::toString);
        JsonNode answers = new ObjectMapper().readTree(json.toFile()).get("predictions");
        double probability = answers.get(0).get("probability").asDouble();
        assertTrue(probability > 0 && probability <= 1, answers::toString);
        assertEquals(answers.get(0).get("text"), answers.get(1).get("text"));
        assertEquals(probability, answers.get(1).get("probability").asDouble());
        if (Picture.obstacle().isEmpty()) {
            assertTrue(Files.size(folder.resolve("pictures/1-two-thousand-and-five-predicted.png")) > 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "one million, 'one million': 'million' is none of zero one two",
        "'', '': 0 words; numbers have 1 to 16",
        "one one one one one one one one one one one one one one one one one, 17 words; numbers have 1 to 16"
    })
    void whatCannotBeReadIsOneLine(String text, String expected) {
        String error = Outcome.of("predict", run.toString(), text).error(1);
        assertTrue(error.contains(expected.replace("''", "'")), error);
    }

    /** What does not depend on how long something took, or where it was put. */
    private static List<String> words(Outcome outcome) {
        assertEquals(0, outcome.code(), outcome::toString);
        return outcome.outLines().stream()
                .filter(line -> line.matches("(exact match|test:|wrong:).*"))
                .toList();
    }

    @Test
    void followsFromItsSeed() {
        Path out = folder.resolve("out");
        Outcome first = train(out, "--quick --epochs 2");
        assertEquals(words(first), words(train(out, "--quick --epochs 2 --eager")));
        assertNotEquals(words(first), words(train(out, "--quick --epochs 2 --seed 1")));
        assertNotEquals(words(first), words(train(out, "--quick --epochs 2 --norm pre")));
        train(out, "--quick --epochs 1 --schedule constant");
        Outcome resumed = train(out, "--quick --epochs 2 --schedule constant --resume " + out);
        assertEquals(words(train(out, "--quick --epochs 2 --schedule constant")), words(resumed));
    }

    @Test
    void aBeamOfOneIsGreedyAlone() {
        String line =
                train(folder.resolve("out"), "--quick --epochs 1 --beam 1").last();
        assertTrue(line.matches("exact match [0-9.]+ greedy, of 100 unseen dates"), line);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--task times",
                "--norm none",
                "--heads 0",
                "--layers 0",
                "--hidden -1",
                "--width 0",
                "--width 33",
                "--dropout 1",
                "--dropout NaN",
                "--beam 0",
                "--beam 101"
            })
    void wrongOptionsAreRefused(String options) {
        String error = Outcome.of(
                        ("train transformer " + options + (options.contains("33") ? " --heads 2" : "")).split(" "))
                .error(2);
        assertTrue(error.contains(options.split(" ", -1)[0]), error);
    }
}
