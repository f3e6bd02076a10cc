package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.models.Predictor;
import org.nautile.models.Predictor.Answer;
import org.nautile.models.profile.Profiler;
import org.nautile.nn.Module;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a trained model about images or texts. */
@Command(
        name = "predict",
        sortOptions = false,
        header = "Ask a trained model about images or texts.",
        description =
                "Of a model that knows classes, the three likeliest of each image; an image of another size or colour"
                        + " than the model's is converted. Of unet, the number of nuclei and a picture of them. Of"
                        + " transformer, what it writes, its probability, and a picture of what it attends to. Of vit,"
                        + " also a picture of where it looked; of bert, the five likeliest tokens for each [MASK]; of"
                        + " sentiment, the probability that a review is kind.",
        parameterListHeading = "%n")
public final class PredictCommand implements Subcommand {
    private static final Pattern IMAGE = Pattern.compile(
            "(?:.*[/\\\\])?(.+)\\.(?:png|jpe?g|gif|bmp|tiff?)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final int PROFILED = 20; // answers
    private static final int LONGEST_NAME = 60; // characters of a text that go into a file's name

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "RUN",
            description = "The folder of a training: that of its --out; or of a BERT as Hugging Face publishes it.")
    private Path folder = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "INPUT",
            description = "An image (PNG, JPEG, GIF or BMP; PNG or TIFF for unet), or a text in quotes.")
    private List<String> inputs = new ArrayList<>();

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Option(
            names = "--invert",
            description =
                    "Change dark and light: for digits that are dark on light, where those of MNIST are light on dark. "
                            + "Default: off.")
    private boolean invert;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the page, index.html, and its pictures; made if missing. Default:"
                    + " RUN/predictions, if there are pictures.")
    private @Nullable Path out;

    @Option(
            names = "--profile",
            paramLabel = "DIR",
            description = "Answer the first input again and again, 20 times after a warm-up, and say which op takes how"
                    + " long; a table, a trace and a page go to DIR, as nautile train --profile makes them."
                    + " Default: off.")
    private @Nullable Path profile;

    @Mixin
    private JsonOption json = new JsonOption();

    /** For {@link java.util.ServiceLoader}. */
    public PredictCommand() {}

    @Override
    public Integer call() throws IOException {
        device.check();
        json.check();
        if (profile != null) {
            OutputFiles.checkFolder(profile);
        }
        device.use();
        Predictor predictor = new RunFolder(folder).predictor();
        List<Answer> given = new ArrayList<>();
        List<Map<String, Object>> results = new ArrayList<>();
        try (Module network = predictor.network()) {
            List<Supplier<Answer>> answers = new ArrayList<>(); // all inputs are read before any answer
            for (String input : inputs) {
                answers.add(predictor.read(input, invert));
            }
            for (int i = 0; i < inputs.size(); i++) {
                Answer answer = answers.get(i).get();
                spec.commandLine().getOut().println(inputs.get(i) + ": " + answer.text());
                given.add(answer);
                results.add(values(inputs.get(i), answer));
            }
            if (out != null
                    || given.stream().anyMatch(answer -> answer.picture().isPresent())) {
                page(given, out != null ? out : folder.resolve("predictions"));
            }
            if (profile != null) {
                profile(answers.get(0), profile);
            }
        }
        json.write(Map.of("predictions", results));
        return 0;
    }

    private void profile(Supplier<Answer> answer, Path to) throws IOException {
        try (Profiler profiler = new Profiler(Device.defaultDevice(), PROFILED)) {
            profiler.prepare(Long.MAX_VALUE);
            while (profiler.observing()) {
                Answer unused = answer.get(); // its time counts
                profiler.stepDone();
            }
            ProfileReport report = new ProfileReport(
                    Objects.requireNonNull(profiler.profile()),
                    CommandText.of(spec),
                    "an answer of " + folder,
                    Device.defaultDevice());
            report.print(spec.commandLine().getOut());
            report.write(to, spec.commandLine().getOut());
        }
    }

    private void page(List<Answer> given, Path to) {
        CommandPage page = new CommandPage("What " + folder + " says", to, spec);
        for (int i = 0; i < given.size(); i++) {
            String input = inputs.get(i);
            page.report().heading(input);
            page.report().text(given.get(i).text());
            String name = pictureName(i);
            given.get(i).picture().ifPresent(picture -> page.picture(name, picture, "The answer to " + input));
        }
        page.write();
    }

    private static Map<String, Object> values(String input, Answer answer) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("input", input);
        values.putAll(answer.values());
        return values;
    }

    /** After the image or the text, and its place among several; never an image's own name. */
    private String pictureName(int index) {
        String input = inputs.get(index);
        Matcher image = IMAGE.matcher(input);
        String kept = (image.matches() ? image.group(1) : input).replaceAll("[^\\p{L}\\p{N}._-]+", "-");
        String stem = kept.substring(0, Math.min(kept.length(), LONGEST_NAME));
        return (inputs.size() == 1 ? "" : index + 1 + "-") + stem + "-predicted.png";
    }
}
