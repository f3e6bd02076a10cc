package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.RestoresDefaults;
import org.nautile.models.charts.Picture;
import org.nautile.models.tensorboard.EventReader;
import org.nautile.models.tensorboard.EventReader.Event;

/** {@code nautile train --tensorboard}, read as TensorBoard reads it. */
@ExtendWith(RestoresDefaults.class)
class TensorBoardTest {
    private static final int BATCHES = 10; // 600 digits in batches of 64: the last is smaller

    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void digits(@TempDir Path shared) throws IOException {
        data = DigitFiles.write(shared.resolve("mnist"), 600);
    }

    private Outcome train(String options) {
        return Outcome.of(
                ("train mnist-mlp --data " + data + " --tensorboard " + folder.resolve("boards") + " " + options)
                        .split(" +"));
    }

    /** The events of the run called out, in the order of the files. */
    private List<List<Event>> events() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(folder.resolve("boards/out"))) {
            files = found.sorted().toList();
        }
        List<List<Event>> events = new java.util.ArrayList<>();
        for (Path file : files) {
            events.add(EventReader.read(file));
        }
        events.sort(java.util.Comparator.comparingLong(file -> file.get(1).step())); // by their first step
        return events;
    }

    private static List<Event> of(List<Event> events, String tag) {
        return events.stream().filter(event -> event.tag().equals(tag)).toList();
    }

    private static float[] scalars(List<Event> events, String tag) {
        List<Event> found = of(events, tag);
        float[] values = new float[found.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = found.get(i).scalar();
        }
        return values;
    }

    private float[] history(String field) throws IOException {
        JsonNode epochs = new ObjectMapper()
                .readTree(folder.resolve("out/history.json").toFile())
                .get("epochs");
        float[] values = new float[epochs.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) epochs.get(i).get(field).asDouble();
        }
        return values;
    }

    @Test
    void stepsAndEpochsAreThoseOfTheTraining() throws IOException {
        Outcome outcome = train("--epochs 3 --schedule step --out " + folder.resolve("out"));
        assertEquals(0, outcome.code(), outcome::toString);
        List<Event> events = events().get(0);
        Set<String> tags = events.stream().map(Event::tag).collect(Collectors.toCollection(TreeSet::new));
        Set<String> expected = new TreeSet<>(Set.of(
                "", // version and start
                "settings",
                "step/loss",
                "step/learning_rate",
                "step/samples_per_second",
                "epoch/train_loss",
                "epoch/test_loss",
                "epoch/test_accuracy",
                "epoch/learning_rate",
                "epoch/samples_per_second"));
        if (Picture.obstacle().isEmpty()) {
            expected.addAll(Set.of("pictures/confusion", "pictures/curves", "pictures/mistakes"));
        }
        assertEquals(expected, tags);

        List<Event> losses = of(events, "step/loss");
        assertEquals(
                IntStream.rangeClosed(1, 3 * BATCHES)
                        .mapToObj(step -> (long) step)
                        .toList(),
                losses.stream().map(Event::step).toList());
        double mean = 0; // over examples: of the last batch there are fewer
        for (int i = 0; i < BATCHES; i++) {
            mean += losses.get(i).scalar() * (i < BATCHES - 1 ? 64 : 24) / 600.0;
        }
        assertEquals(history("train_loss")[0], mean, 1e-5);
        for (String field :
                List.of("train_loss", "test_loss", "test_accuracy", "learning_rate", "samples_per_second")) {
            assertArrayEquals(history(field), scalars(events, "epoch/" + field), field);
        }
        assertEquals(
                List.of(10L, 20L, 30L),
                of(events, "epoch/train_loss").stream().map(Event::step).toList());
        assertEquals(3 * (BATCHES - 2), of(events, "step/samples_per_second").size());
        for (float speed : scalars(events, "step/samples_per_second")) {
            assertTrue(speed > 0 && speed < 1e9, () -> "speed " + speed);
        }
        float[] rates = scalars(events, "step/learning_rate");
        assertEquals(history("learning_rate")[2], rates[3 * BATCHES - 1]);
        String all = events.stream()
                .filter(event -> event.tag().equals("settings"))
                .map(event -> new String(event.bytes(8), StandardCharsets.UTF_8))
                .collect(Collectors.joining());
        for (String row : List.of("| model | mnist-mlp |", "| batch | 64 |", "| schedule | step |", "| epochs | 3 |")) {
            assertTrue(all.contains(row), () -> row + " in " + all);
        }
    }

    @Test
    void picturesAreTheFiles() throws IOException {
        Assumptions.assumeTrue(Picture.obstacle().isEmpty(), "SKIPPED: no fonts; " + Picture.REMEDY);
        assertEquals(0, train("--epochs 1 --out " + folder.resolve("out")).code());
        Event curves = of(events().get(0), "pictures/curves").get(0);
        assertEquals(BATCHES, curves.step());
        String message = new String(curves.bytes(4), StandardCharsets.ISO_8859_1);
        String file = new String(Files.readAllBytes(folder.resolve("out/curves.png")), StandardCharsets.ISO_8859_1);
        assertTrue(message.contains(file), "the bytes of the picture");
    }

    /** Steps go on, and what an earlier file says of them and later ones is void. */
    @Test
    void aResumedTrainingGoesOn() throws IOException {
        assertEquals(0, train("--epochs 2 --out " + folder.resolve("out")).code());
        assertEquals(0, train("--epochs 3 --resume " + folder.resolve("out")).code());
        List<List<Event>> files = events();
        assertEquals(2, files.size());
        assertEquals(1, files.get(0).get(1).step());
        Event start = files.get(1).get(1);
        assertEquals(1, start.status());
        assertEquals(2 * BATCHES + 1, start.step());
        List<Event> losses = of(files.get(1), "step/loss");
        assertEquals(2 * BATCHES + 1, losses.get(0).step());
        assertEquals(3 * BATCHES, losses.get(losses.size() - 1).step());
    }

    @Test
    void isOffUnlessAskedFor() throws IOException {
        Outcome outcome = Outcome.of(
                ("train mnist-mlp --data " + data + " --epochs 1 --out " + folder.resolve("out")).split(" "));
        assertEquals(0, outcome.code());
        try (Stream<Path> files = Files.walk(folder)) {
            assertFalse(files.anyMatch(file -> file.toString().contains("tfevents")));
        }
    }

    @Test
    void aFileInTheWayIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("boards"), "in the way");
        assertTrue(train("--epochs 1 --out " + folder.resolve("out")).error(1).contains(file.toString()));
    }
}
