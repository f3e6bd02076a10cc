package org.nautile.models.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;
import org.nautile.models.report.HtmlReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains the course's models of CIFAR-10 and draws their curves on one figure. */
@Command(
        name = "compare-models",
        sortOptions = false,
        header = "Compare the course's three models of CIFAR-10.",
        description = {
            "Trains cifar-mlp with SGD and with Adam, cifar-cnn-small, and cifar-cnn without batch norm and dropout, without"
                    + " dropout, and with both; then shows the losses in training and test and the accuracy of all"
                    + " six on a page, index.html, and in models.png.",
            "",
            "Each training has a folder of its own in --out, as nautile train makes it. Given the same --out again, what is"
                    + " done there is kept, and what was interrupted goes on."
        })
public final class CompareModelsCommand implements Subcommand {
    /** A training: its name on the figure, its folder, and what nautile train is told. */
    private record Training(String title, String folder, List<String> args) {
        Training(String title, String folder, String... args) {
            this(title, folder, List.of(args));
        }
    }

    private static final List<Training> TRAININGS = List.of(
            new Training("Model 1, SGD", "cifar-mlp-sgd", "cifar-mlp", "--optimizer", "sgd", "--lr", "0.01"),
            new Training("Model 1, Adam", "cifar-mlp", "cifar-mlp"),
            new Training("Model 2", "cifar-cnn-small", "cifar-cnn-small"),
            new Training("Model 3, plain", "cifar-cnn-plain", "cifar-cnn", "--no-batch-norm", "--no-dropout"),
            new Training("Model 3, batch norm", "cifar-cnn-no-dropout", "cifar-cnn", "--no-dropout"),
            new Training("Model 3, both", "cifar-cnn", "cifar-cnn"));

    /** A curve that every training has: its title, the unit of its values, and its field in history.json. */
    private record Curve(String title, String unit, String field) {}

    private static final String ACCURACY = "test_accuracy";

    private static final List<Curve> CURVES = List.of(
            new Curve("Loss in training", "cross-entropy", "train_loss"),
            new Curve("Loss on the test images", "cross-entropy", "test_loss"),
            new Curve("Accuracy", "correct of the test images", ACCURACY));

    private static final String TITLE = "The course's models of CIFAR-10";
    private static final int QUICK_EPOCHS = 2;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Folder for the page, index.html, its picture, models.png, and the trainings' folders; made if"
                            + " missing. Default: runs/models.")
    private Path out = Path.of("runs", "models");

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Option(names = "--data", paramLabel = "DIR", description = "As for nautile train. Default: where it looks.")
    private @Nullable Path data;

    @Option(names = "--epochs", paramLabel = "N", description = "Of every training. Default: each model's.")
    private @Nullable Integer epochs;

    @Option(names = "--limit", paramLabel = "N", description = "As for nautile train. Default: all examples.")
    private @Nullable Integer limit;

    @Option(names = "--seed", paramLabel = "N", description = "As for nautile train. Default: 0.")
    private long seed;

    @Option(names = "--quick", description = "As for nautile train, and two epochs. Default: off.")
    private boolean quick;

    /** For {@link java.util.ServiceLoader}. */
    public CompareModelsCommand() {}

    @Override
    public Integer call() throws IOException {
        device.check();
        OutputFiles.checkFolder(out);
        PrintWriter lines = spec.commandLine().getOut();
        for (Training training : TRAININGS) {
            lines.println(training.title());
            int code = Main.run(arguments(training), lines, spec.commandLine().getErr());
            if (code != 0) {
                return code;
            }
        }
        show();
        return 0;
    }

    private String[] arguments(Training training) {
        List<String> args = new ArrayList<>(List.of("train"));
        args.addAll(training.args());
        args.addAll(List.of("--device", device.name(), "--seed", Long.toString(seed)));
        Path folder = folder(training);
        args.addAll(List.of(Files.exists(folder.resolve(RunFolder.HISTORY)) ? "--resume" : "--out", folder.toString()));
        if (data != null) {
            args.addAll(List.of("--data", data.toString()));
        }
        if (epochs != null || quick) {
            args.addAll(List.of("--epochs", Integer.toString(epochs != null ? epochs : QUICK_EPOCHS)));
        }
        if (limit != null) {
            args.addAll(List.of("--limit", limit.toString()));
        }
        if (quick) {
            args.add("--quick");
        }
        return args.toArray(String[]::new);
    }

    private Path folder(Training training) {
        return out.resolve(training.folder());
    }

    /** Draws the curves of all trainings, and writes the page. */
    private void show() throws IOException {
        Map<Training, RunHistory> histories = new LinkedHashMap<>();
        for (Training training : TRAININGS) {
            histories.put(training, RunHistory.of(folder(training)));
        }
        CommandPage page = new CommandPage(TITLE, out, spec);
        table(histories).addTo(page.report());
        List<LineChart> charts = new ArrayList<>();
        for (Curve curve : CURVES) {
            LineChart chart = new LineChart(curve.title(), "epoch", curve.unit()).legendOutside();
            List<HtmlReport.Series> series = new ArrayList<>();
            histories.forEach((training, run) -> {
                double[] x = run.column("epoch");
                double[] y = run.column(curve.field());
                chart.add(training.title(), x, y);
                series.add(new HtmlReport.Series(training.title(), x, y));
            });
            page.report().chart(new HtmlReport.Chart(curve.title(), "epoch", curve.unit(), false, false, series));
            charts.add(curve.field().equals(ACCURACY) ? chart.percent() : chart);
        }
        page.picture(
                "models.png",
                new Row(TITLE, charts.toArray(Picture[]::new)),
                "The same curves beside each other, as a picture for slides.");
        page.write();
    }

    /** What each training came to, and where the page of its own is. */
    private Table table(Map<Training, RunHistory> histories) {
        Table table = new Table("training", ">epochs", ">train loss", ">test loss", ">accuracy", "page");
        histories.forEach((training, run) -> {
            int last = run.epochs() - 1;
            List<String> row = new ArrayList<>(List.of(training.title(), Integer.toString(run.epochs())));
            for (Curve curve : CURVES) {
                row.add(last < 0 ? "" : String.format(Locale.ROOT, "%.4f", run.column(curve.field())[last]));
            }
            row.add(folder(training).resolve(HtmlReport.FILE).toString());
            table.add(row);
        });
        return table;
    }
}
