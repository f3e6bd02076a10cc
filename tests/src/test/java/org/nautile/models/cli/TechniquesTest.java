package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.RestoresDefaults;
import org.nautile.models.TechniqueTrials;
import org.nautile.models.charts.Picture;

/** {@code nautile techniques}, and the learning-rate finder of {@code nautile train}. */
@ExtendWith(RestoresDefaults.class)
class TechniquesTest {
    @TempDir
    private Path folder = Path.of("");

    /** Too few digits for the claims, enough for a line, a curve and an entry of each technique. */
    @Test
    void everyTechniqueHasItsLine() throws IOException {
        Path json = folder.resolve("techniques.json");
        Outcome outcome = Outcome.of(
                "techniques",
                "--quick",
                "--data",
                DigitFiles.write(folder.resolve("mnist"), 60).toString(),
                "--out",
                folder.toString(),
                "--json",
                json.toString());
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(outcome.outLines().get(0).startsWith("techniques: MNIST from " + folder), outcome::toString);
        JsonNode results = new ObjectMapper().readTree(json.toFile()).get("techniques");
        TreeSet<String> seen = new TreeSet<>(results.findValuesAsText("technique"));
        TreeSet<String> expected = new TreeSet<>();
        TechniqueTrials.all().forEach(trial -> expected.add(trial.name()));
        assertEquals(expected, seen);
        for (JsonNode result : results) {
            assertTrue(result.get("as_claimed").asText().matches("[01] of 1"), result::toString);
            assertTrue(
                    outcome.outLines().stream()
                            .anyMatch(line ->
                                    line.startsWith(result.get("technique").asText())
                                            && line.contains(result.get("with").asText())),
                    outcome::toString);
        }
        Pages.check(outcome, folder, "techniques", "techniques.png", "technique", "as the course says");
    }

    @Test
    void finderSuggestsADrawnRate() throws IOException {
        Path data = DigitFiles.write(folder.resolve("mnist"), 500);
        for (String option : new String[] {"", " --find-lr"}) {
            Path out = folder.resolve("out" + option.length());
            String line = "train mnist-mlp --epochs 1 --data " + data + " --out " + out + option;
            Outcome outcome = Outcome.of(line.split(" "));
            assertEquals(0, outcome.code(), outcome::toString);
            boolean asked = !option.isEmpty();
            assertEquals(asked, outcome.out().matches("(?s).*finder: --lr 0\\.\\d+ may.*"), outcome::toString);
            assertEquals(asked && Picture.obstacle().isEmpty(), Files.exists(out.resolve("lr-finder.png")));
        }
        ObjectMapper json = new ObjectMapper();
        assertEquals(
                json.readTree(folder.resolve("out0/history.json").toFile()).findValues("train_loss"),
                json.readTree(folder.resolve("out10/history.json").toFile()).findValues("train_loss"),
                "training is the same with and without the search before it");
    }
}
