package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.data.ImageDataset;
import org.nautile.models.ClassAttributions;
import org.nautile.models.ClassAttributions.Explained;
import org.nautile.models.ClassAttributions.Method;
import org.nautile.models.ClassAttributions.Score;
import org.nautile.models.ClassAttributions.Settings;
import org.nautile.models.Classifier;
import org.nautile.models.Options;
import org.nautile.models.charts.AttributionChart;
import org.nautile.models.shapley.Attribution;
import org.nautile.nn.Module;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows which pixels speak for and against each class. */
@Command(
        name = "explain",
        sortOptions = false,
        header = "Show which pixels of an image speak for and against each class (SHAP).",
        description = {
            "Estimates Shapley values: how much each pixel adds to the score of each class, compared with a background"
                    + " of training images. Their sum is f(x) - mean f, the image's score less the mean score of the"
                    + " background; how far it is from that is printed, with its standard error. So is how the score of"
                    + " the class that was said changes when the pixels with the largest values become those of the"
                    + " background's mean, and when as many random ones do.",
            "",
            "Draws explain.png: a row for each image, red where a pixel speaks for the class, blue where against it."
        },
        parameterListHeading = "%n")
public final class ExplainCommand implements Subcommand {
    private static final int POOL = 10_000; // training images among which the background is drawn
    private static final int TEST = 2000;
    private static final int MOST = 1000;
    private static final long BACKGROUND = 1L << 33; // a stream of random numbers

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "RUN",
            description = "The folder of a training of a classifier of images: that of its --out.")
    private Path folder = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "FILE",
            description = "Images (PNG, JPEG, GIF or BMP). Default: some of the test set, each class in turn.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "How many images of the test set. Default: 10, with --quick 3.")
    private @Nullable Integer images;

    @Option(
            names = "--method",
            paramLabel = "NAME",
            description =
                    "One of ${COMPLETION-CANDIDATES}: gradients between background and image, or the gains of patches"
                            + " that are put into the background one by one. Default: ${DEFAULT-VALUE}.")
    private Method method = Method.EXPECTED_GRADIENTS;

    @Option(
            names = "--score",
            paramLabel = "NAME",
            description = "What is explained, one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Score score = Score.PROBABILITY;

    @Option(
            names = "--patch",
            paramLabel = "N",
            description = "Rows and columns of the patches of --method permutation. Default: ${DEFAULT-VALUE}.")
    private int patch = 4;

    @Option(
            names = "--background",
            paramLabel = "N",
            description = "Training images to compare with, drawn at random. Default: 100, with --quick 25.")
    private @Nullable Integer background;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Rounds of 4 gradients, or pairs of permutations, for each of these, at least 2."
                    + " Default: 20, of permutations 10; with --quick 10.")
    private @Nullable Integer samples;

    @Option(names = "--seed", paramLabel = "N", description = "Of what is drawn. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--quick", description = "Few images, a small background and few samples. Default: off.")
    private boolean quick;

    @Option(
            names = "--invert",
            description = "Change dark and light in files: for digits that are dark on light. Default: off.")
    private boolean invert;

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data set's folder, or one that holds a folder of its name. Default: where nautile train"
                    + " looks.")
    private @Nullable Path data;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the page, index.html, and its picture, explain.png; made if missing."
                    + " Default: RUN/explained.")
    private @Nullable Path out;

    @Mixin
    private JsonOption json = new JsonOption();

    /** For {@link java.util.ServiceLoader}. */
    public ExplainCommand() {}

    /** An image, from 0 to 1. */
    private record Example(String name, String truth, float[] pixels) {}

    @Override
    public Integer call() throws IOException {
        device.check();
        int count = images != null ? images : quick ? 3 : 10;
        int behind = background != null ? background : quick ? 25 : 100;
        int rounds = samples != null ? samples : quick || method == Method.PERMUTATION ? 10 : 20;
        try {
            Options.fromOne("--images", count, TEST);
            Options.fromOne("--background", behind, MOST);
            Options.atLeast("--samples", rounds, 2);
            Options.atLeast("--patch", patch, 1);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        json.check();
        device.use();
        Classifier classifier = new RunFolder(folder)
                .predictor()
                .asClassifier()
                .orElseThrow(() -> new CommandException(folder + ": not the training of a classifier of images"));
        CommandPage page = new CommandPage(
                "Which pixels speak for each class", out != null ? out : folder.resolve("explained"), spec);
        try (Module network = classifier.network()) {
            TrainedImages known = TrainedImages.find(classifier, data, POOL, TEST);
            List<Example> examples = files.isEmpty() ? examples(known.test(), count) : examples(classifier);
            List<float[]> compared = drawn(known.train(), behind);
            page.say(known.source());
            String how = String.format(
                    Locale.ROOT,
                    "%s of the %s; background: %d training images, %d %s each",
                    method.words(),
                    score,
                    compared.size(),
                    rounds,
                    method == Method.PERMUTATION
                            ? "pairs of permutations of " + patch + " x " + patch + " patches"
                            : "rounds of 4 gradients");
            page.say(how + ", seed " + seed);
            Settings settings = new Settings(method, score, rounds, patch, seed);
            ClassAttributions attributions = new ClassAttributions(classifier, compared, settings);
            long start = System.nanoTime();
            List<Explained> explained = new ArrayList<>();
            for (Example example : examples) {
                explained.add(attributions.explain(example.pixels));
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            report(classifier, examples, explained, page);
            spec.commandLine().getOut().printf(Locale.ROOT, "%.1f s%n", seconds);
            page.picture(
                    "explain.png",
                    picture(classifier, examples, explained, how),
                    "A row for each image: red where a pixel speaks for the class, blue where against it.");
            page.write();
            json.write(Map.of("images", values(classifier, examples, explained)));
        }
        return 0;
    }

    /** The first of each class, then the second ones. */
    private static List<Example> examples(ImageDataset test, int count) {
        return IntStream.of(test.eachClassInTurn(count))
                .mapToObj(i -> new Example("test " + i, test.names().get(test.label(i)), test.pixels(i)))
                .toList();
    }

    private List<Example> examples(Classifier classifier) throws IOException {
        List<Example> examples = new ArrayList<>();
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            examples.add(new Example(name, "", classifier.pixels(file.toString(), invert)));
        }
        return examples;
    }

    private List<float[]> drawn(ImageDataset train, int count) {
        return IntStream.of(new Generator(seed, BACKGROUND).permutation(train.size()))
                .limit(count)
                .mapToObj(train::pixels)
                .toList();
    }

    private static void report(
            Classifier classifier, List<Example> examples, List<Explained> explained, CommandPage page) {
        Table table = new Table(
                "image",
                "is",
                "says",
                ">f(x)",
                ">mean f",
                ">sum",
                ">error",
                ">s.e.",
                ">largest value",
                ">s.e.",
                String.format(Locale.ROOT, ">%.0f %% deleted", 100 * ClassAttributions.DELETED),
                ">random");
        long complete = 0;
        double top = 0;
        double random = 0;
        for (int i = 0; i < explained.size(); i++) {
            Explained one = explained.get(i);
            Attribution found = one.attribution();
            int said = one.said();
            int largest = largest(found.values()[said]);
            table.add(
                    examples.get(i).name,
                    examples.get(i).truth,
                    classifier.classes().get(said),
                    decimal(found.scores()[said]),
                    decimal(found.baseline()[said]),
                    decimal(found.sums()[said]),
                    signed(found.gap(said)),
                    small(found.sumErrors()[said]),
                    signed(found.values()[said][largest]),
                    small(found.errors()[said][largest]),
                    signed(-one.deletion().top()),
                    signed(-one.deletion().random()));
            complete += IntStream.range(0, found.sums().length)
                    .filter(found::isComplete)
                    .count();
            top += one.deletion().top() / explained.size();
            random += one.deletion().random() / explained.size();
        }
        page.show(table);
        page.say(String.format(
                Locale.ROOT,
                "all classes: %d of %d sums within 3 standard errors of f(x) - mean f",
                complete,
                explained.size() * classifier.classes().size()));
        page.say(String.format(
                Locale.ROOT,
                "deletion: without the top %.0f %% of the pixels the score of the class said falls by %.4f,"
                        + " without random ones by %.4f (means; %d draws)",
                100 * ClassAttributions.DELETED,
                top,
                random,
                ClassAttributions.DRAWS));
    }

    private static int largest(double... values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            largest = Math.abs(values[i]) > Math.abs(values[largest]) ? i : largest;
        }
        return largest;
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String small(double value) {
        return String.format(Locale.ROOT, "%.5f", value);
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%+.4f", value);
    }

    private AttributionChart picture(
            Classifier classifier, List<Example> examples, List<Explained> explained, String how) {
        Shape shape = classifier.input();
        int channels = (int) shape.dim(0);
        int height = (int) shape.dim(1);
        int width = (int) shape.dim(2);
        AttributionChart chart = new AttributionChart(
                "Which pixels speak for each class",
                how,
                "what a pixel adds to the class's " + score + "; framed: the class said",
                classifier.classes());
        for (int i = 0; i < explained.size(); i++) {
            Explained one = explained.get(i);
            Example example = examples.get(i);
            double[][] maps = new double[classifier.classes().size()][height * width];
            for (int c = 0; c < maps.length; c++) {
                double[] values = one.attribution().values()[c];
                for (int place = 0; place < values.length; place++) {
                    maps[c][place % maps[c].length] += values[place]; // all channels together
                }
            }
            chart.add(
                    example.pixels,
                    channels,
                    height,
                    width,
                    example.truth.isEmpty() ? example.name : "is " + example.truth,
                    "says " + classifier.classes().get(one.said()),
                    one.said(),
                    maps,
                    Arrays.stream(one.attribution().scores())
                            .mapToObj(value -> String.format(
                                    Locale.ROOT, score == Score.PROBABILITY ? "f = %.3f" : "f = %.1f", value))
                            .toList());
        }
        return chart;
    }

    private static List<Map<String, Object>> values(
            Classifier classifier, List<Example> examples, List<Explained> explained) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (int i = 0; i < explained.size(); i++) {
            Attribution found = explained.get(i).attribution();
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("image", examples.get(i).name);
            values.put("said", classifier.classes().get(explained.get(i).said()));
            values.put("scores", found.scores());
            values.put("background", found.baseline());
            values.put("sums", found.sums());
            values.put("sum_errors", found.sumErrors());
            values.put("attributions", found.values());
            values.put("errors", found.errors());
            values.put("deletion", explained.get(i).deletion());
            all.add(values);
        }
        return all;
    }
}
