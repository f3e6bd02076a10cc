package org.nautile.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * What {@link TrainRun} wrote of a training: its settings, and what each epoch brought.
 *
 * @param folder where it is
 * @param json an object whose {@code epochs} is a list of objects
 */
record RunHistory(Path folder, JsonNode json) {
    private static final String EPOCHS = "epochs";
    private static final Set<String> NOT_MEASURED =
            Set.of("epoch", "learning_rate", "train_loss", "test_loss", "seconds", "samples_per_second");

    /** Reads the file in a folder. */
    static RunHistory of(Path folder) throws IOException {
        Path file = folder.resolve(RunFolder.HISTORY);
        if (!Files.isRegularFile(file)) {
            throw new CommandException(
                    folder + ": no " + RunFolder.HISTORY + " in it; nautile train leaves one in its --out");
        }
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new CommandException(file + ": " + e.getOriginalMessage(), e);
        }
        boolean good = json.path(EPOCHS).isArray()
                && StreamSupport.stream(json.path(EPOCHS).spliterator(), false).allMatch(JsonNode::isObject);
        if (!good) {
            throw new CommandException(file + ": not the history of a training, which has a list of epochs");
        }
        return new RunHistory(folder, json);
    }

    /** What to call the run beside others. */
    String name() {
        Path last = folder.toAbsolutePath().normalize().getFileName();
        return last == null ? folder.toString() : last.toString();
    }

    String model() {
        return json.path("model").asText("?");
    }

    int epochs() {
        return json.path(EPOCHS).size();
    }

    /** The names of what was measured on test data besides the loss: one, or none. */
    Set<String> metrics() {
        Set<String> names = new LinkedHashSet<>();
        json.path(EPOCHS).forEach(epoch -> epoch.fieldNames().forEachRemaining(names::add));
        names.removeAll(NOT_MEASURED);
        return names;
    }

    /** A field of each epoch; NaN where it is missing. */
    double[] column(String field) {
        return StreamSupport.stream(json.path(EPOCHS).spliterator(), false)
                .mapToDouble(epoch -> epoch.path(field).asDouble(Double.NaN))
                .toArray();
    }

    /** The settings as text, the model's own options last. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        json.properties().forEach(entry -> {
            if (entry.getValue().isValueNode()) {
                settings.put(entry.getKey().replace('_', ' '), entry.getValue().asText());
            }
        });
        json.path("options").properties().forEach(option -> {
            if (!option.getValue().asText().equals("null")) {
                settings.put("--" + option.getKey(), option.getValue().asText());
            }
        });
        return settings;
    }

    /** The pictures in the folder, by name. */
    List<Path> pictures() throws IOException {
        List<Path> pictures = new ArrayList<>();
        try (var files = Files.list(folder)) {
            files.filter(file -> file.getFileName().toString().matches(".+\\.(png|gif)"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .forEach(pictures::add);
        }
        return pictures;
    }
}
