package org.nautile.models.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.models.Digits;
import org.nautile.models.TechniqueTrial;
import org.nautile.models.TechniqueTrial.Outcome;
import org.nautile.models.TechniqueTrial.Setting;
import org.nautile.models.TechniqueTrials;
import org.nautile.models.charts.Grid;
import org.nautile.models.charts.LineChart;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what each technique of training does. */
@Command(
        name = "techniques",
        sortOptions = false,
        header = "Train with and without each technique of the course, and compare.",
        description = {
            "Each technique gets a small perceptron and few handwritten digits, and is tried where it matters: clipping at a"
                    + " rate that is too high, dropout on few images with wrong labels among them. Prints a line for each and"
                    + " draws techniques.png.",
            "",
            "nautile train has options for most of them, too."
        })
public final class TechniquesCommand implements Subcommand {
    private static final int COLUMNS = 2;
    private static final int IMAGES = 3000;
    private static final int QUICK_IMAGES = 1000;
    private static final int TEST_IMAGES = 1000;
    private static final int SEEDS = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "MNIST's folder, or one that holds a folder of its name. Default: where nautile train looks.")
    private @Nullable Path data;

    @Option(
            names = "--quick",
            description = "One seed and " + QUICK_IMAGES + " images in place of " + SEEDS + " and " + IMAGES
                    + ". Default: off.")
    private boolean quick;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the page, index.html, and its picture, techniques.png; made if missing."
                    + " Default: runs/techniques.")
    private Path out = Path.of("runs", "techniques");

    @Mixin
    private JsonOption json = new JsonOption();

    /** For {@link java.util.ServiceLoader}. */
    public TechniquesCommand() {}

    @Override
    public Integer call() throws IOException {
        device.check();
        json.check();
        CommandPage page = new CommandPage("Techniques of training", out, spec);
        device.use();
        PrintWriter print = spec.commandLine().getOut();
        List<LineChart> charts = new ArrayList<>();
        List<Map<String, Object>> results = new ArrayList<>();
        Table table = new Table("technique", "with", "figure", ">without", ">with", "as the course says");
        int seeds = quick ? 1 : SEEDS;
        int images = quick ? QUICK_IMAGES : IMAGES;
        List<Digits> digits = new ArrayList<>();
        for (int seed = 0; seed < seeds; seed++) {
            digits.add(Digits.find(data, seed, 10, images, TEST_IMAGES));
        }
        String what = digits.get(0).source() + ", " + (seeds == 1 ? "1 seed" : "means of " + seeds + " seeds")
                + ", device " + Device.defaultDevice();
        print.println("techniques: " + what);
        print.flush();
        for (TechniqueTrial trial : TechniqueTrials.all()) {
            List<List<Outcome>> runs = new ArrayList<>();
            for (int seed = 0; seed < seeds; seed++) {
                Digits drawn = digits.get(seed);
                runs.add(trial.run()
                        .apply(new Setting(
                                drawn.train().flattened(), drawn.test().flattened(), seed)));
            }
            charts.add(trial.chart(runs.get(0)));
            for (int way = 1; way < runs.get(0).size(); way++) {
                Map<String, Object> result = compare(trial, runs, way);
                results.add(result);
                table.add(result.values().stream().map(TechniquesCommand::text).toList());
            }
        }
        page.report().text(what);
        page.show(table);
        json.write(Map.of("data", digits.get(0).source(), "techniques", results));
        page.picture(
                "techniques.png",
                new Grid("Techniques of training", COLUMNS, charts),
                "The course of training with and without each technique, for the first seed.");
        page.write();
        return 0;
    }

    /** One way of a technique, in the mean of all runs. */
    private static Map<String, Object> compare(TechniqueTrial trial, List<List<Outcome>> runs, int way) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("technique", trial.name());
        result.put("with", runs.get(0).get(way).name());
        result.put("figure", trial.figure());
        result.put("without_mean", mean(runs, 0));
        result.put("with_mean", mean(runs, way));
        long held = runs.stream()
                .filter(run -> trial.claim().test(run.get(0), run.get(way)))
                .count();
        result.put("as_claimed", held + " of " + runs.size());
        return result;
    }

    private static double mean(List<List<Outcome>> runs, int way) {
        return runs.stream().mapToDouble(run -> run.get(way).last()).average().orElseThrow();
    }

    private static String text(Object value) {
        return value instanceof Double number
                ? number.isInfinite() ? "diverged" : String.format(Locale.ROOT, "%.3f", number)
                : value.toString();
    }
}
