package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.nautile.Device;
import org.nautile.models.ImageFile;
import org.nautile.models.Predictor;
import org.nautile.models.Predictor.Guess;
import org.nautile.nn.Module;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a trained model what images show. */
@Command(
        name = "predict",
        sortOptions = false,
        header = "Ask a trained model what images show.",
        description =
                "Prints the three likeliest classes of each image. An image of another size or colour than the model's"
                        + " is converted.",
        parameterListHeading = "%n")
public final class PredictCommand implements Subcommand {
    private static final int SHOWN = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a training: that of its --out.")
    private Path folder = Path.of("");

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "PNG, JPEG, GIF or BMP.")
    private List<Path> images = new ArrayList<>();

    @Option(
            names = "--device",
            paramLabel = "D",
            description =
                    "Where to compute: auto, or a name that nautile devices lists. Default: auto, the best usable.")
    private String device = "auto";

    @Option(
            names = "--invert",
            description =
                    "Change dark and light: for digits that are dark on light, where those of MNIST are light on dark. "
                            + "Default: off.")
    private boolean invert;

    @Mixin
    private JsonOption json = new JsonOption();

    /** For {@link java.util.ServiceLoader}. */
    public PredictCommand() {}

    @Override
    public Integer call() throws IOException {
        DeviceChoice.check(device, spec.commandLine());
        json.check();
        Device.setDefault(DeviceChoice.open(device).device());
        Predictor predictor = new RunFolder(folder).predictor();
        List<Map<String, Object>> results = new ArrayList<>();
        try (Module network = predictor.network()) {
            List<float[]> pixels = new ArrayList<>(); // of all, before any answer
            for (Path image : images) {
                pixels.add(ImageFile.read(image, predictor.input()));
            }
            for (int i = 0; i < images.size(); i++) {
                results.add(answer(predictor, images.get(i), pixels.get(i)));
            }
        }
        json.write(Map.of("predictions", results));
        return 0;
    }

    private Map<String, Object> answer(Predictor predictor, Path image, float... pixels) {
        if (invert) {
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = 1 - pixels[i];
            }
        }
        List<Guess> guesses = predictor.guess(pixels);
        List<Guess> shown = guesses.subList(0, Math.min(SHOWN, guesses.size()));
        spec.commandLine()
                .getOut()
                .println(image + ": "
                        + shown.stream()
                                .map(guess -> String.format(
                                        Locale.ROOT, "%s %.1f %%", guess.name(), 100 * guess.probability()))
                                .collect(Collectors.joining(", ")));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("image", image.toString());
        result.put("classes", shown);
        return result;
    }
}
