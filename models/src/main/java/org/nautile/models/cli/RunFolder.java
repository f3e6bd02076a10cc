package org.nautile.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nautile.models.Model;
import org.nautile.models.Predictor;
import org.nautile.models.Weights;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The folder that a training left behind, or is still writing to. */
final class RunFolder {
    static final String HISTORY = "history.json";
    static final String WEIGHTS = Weights.FILE;
    private static final String CONFIG = "config.json"; // of a checkpoint in the manner of Hugging Face

    private final Path folder;

    RunFolder(Path folder) {
        this.folder = folder;
    }

    /** The model that was trained here, on the default device; whoever asks closes its network. */
    Predictor predictor() throws IOException {
        if (!Files.isRegularFile(folder.resolve(HISTORY)) && Files.isRegularFile(folder.resolve(CONFIG))) {
            return of(named(CONFIG, json(CONFIG).path("model_type").asText())); // a checkpoint from elsewhere
        }
        for (String name : List.of(HISTORY, WEIGHTS)) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new CommandException(folder + ": no " + name + " in it; nautile train leaves one in its --out");
            }
        }
        JsonNode history = json(HISTORY);
        Model model = named(HISTORY, history.path("model").asText());
        setOptions(model, history.path("options"));
        return of(model);
    }

    private Predictor of(Model model) throws IOException {
        return model.predictor(folder)
                .orElseThrow(() -> new CommandException(model.name() + " is not for single images or texts"));
    }

    private Model named(String file, String name) {
        return Model.all().stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandException(folder.resolve(file) + ": there is no model '" + name + "'"));
    }

    private JsonNode json(String name) throws IOException {
        Path file = folder.resolve(name);
        try {
            return new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new CommandException(file + ": " + e.getOriginalMessage(), e);
        }
    }

    /** What {@link TrainRun} wrote of a model's own options is put back. */
    private void setOptions(Model model, JsonNode options) {
        List<String> args = new ArrayList<>();
        options.properties().forEach(option -> {
            String value = option.getValue().asText();
            if (value.startsWith("[")) { // of several values
                value = value.substring(1, value.length() - 1).replace(", ", ",");
            }
            if (!value.isEmpty() && !value.equals("null")) {
                args.add("--" + option.getKey() + "=" + value);
            }
        });
        try {
            new CommandLine(CommandSpec.forAnnotatedObjectLenient(model))
                    .setCaseInsensitiveEnumValuesAllowed(true)
                    .parseArgs(args.toArray(String[]::new));
            model.check();
        } catch (ParameterException | IllegalArgumentException e) {
            throw new CommandException(folder.resolve(HISTORY) + ": " + e.getMessage(), e);
        }
    }
}
