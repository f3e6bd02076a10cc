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
    static final String WEIGHTS = "model.safetensors";

    private final Path folder;

    RunFolder(Path folder) {
        this.folder = folder;
    }

    /** The model that was trained here, on the default device; whoever asks closes its network. */
    Predictor predictor() throws IOException {
        for (String name : List.of(HISTORY, WEIGHTS)) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new CommandException(folder + ": no " + name + " in it; nautile train leaves one in its --out");
            }
        }
        JsonNode history = history();
        String name = history.path("model").asText();
        Model model = Model.all().stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new CommandException(folder.resolve(HISTORY) + ": there is no model '" + name + "'"));
        setOptions(model, history.path("options"));
        Predictor predictor = model.predictor(folder)
                .orElseThrow(() -> new CommandException(name + " is not for single images or texts"));
        try {
            Weights.load(predictor.network(), name, folder.resolve(WEIGHTS));
        } catch (IOException | RuntimeException e) {
            predictor.network().close();
            throw e;
        }
        return predictor;
    }

    private JsonNode history() throws IOException {
        Path file = folder.resolve(HISTORY);
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
