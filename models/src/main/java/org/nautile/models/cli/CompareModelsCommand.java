package org.nautile.models.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;
import picocli.CommandLine.Command;
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
                    + " dropout, and with both; then draws models.png: the losses in training and test and the accuracy"
                    + " of all six.",
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

    private static final int QUICK_EPOCHS = 2;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the figure and the trainings' folders, made if missing. Default: runs/models.")
    private Path out = Path.of("runs", "models");

    @Option(names = "--device", paramLabel = "D", description = "As for nautile train. Default: auto.")
    private String device = "auto";

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
        OutputFiles.checkFolder(out);
        PrintWriter lines = spec.commandLine().getOut();
        for (Training training : TRAININGS) {
            lines.println(training.title());
            int code = Main.run(arguments(training), lines, spec.commandLine().getErr());
            if (code != 0) {
                return code;
            }
        }
        Optional<String> obstacle = Picture.obstacle();
        if (obstacle.isPresent()) {
            throw new CommandException("no figure: " + obstacle.get() + "; " + Picture.REMEDY);
        }
        Path figure = out.resolve("models.png");
        Picture picture = figure();
        try {
            picture.write(figure);
        } catch (IOException e) {
            throw OutputFiles.failure(figure, e);
        }
        lines.println("figure: " + figure);
        return 0;
    }

    private String[] arguments(Training training) {
        List<String> args = new ArrayList<>(List.of("train"));
        args.addAll(training.args());
        args.addAll(List.of("--device", device, "--seed", Long.toString(seed)));
        Path folder = out.resolve(training.folder());
        args.addAll(List.of(Files.exists(history(training)) ? "--resume" : "--out", folder.toString()));
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

    private Path history(Training training) {
        return out.resolve(training.folder()).resolve("history.json");
    }

    private Picture figure() throws IOException {
        LineChart train = new LineChart("Loss in training", "epoch", "cross-entropy").legendOutside();
        LineChart test = new LineChart("Loss on the test images", "epoch", "cross-entropy").legendOutside();
        LineChart accuracy = new LineChart("Accuracy", "epoch", "correct of the test images")
                .percent()
                .legendOutside();
        for (Training training : TRAININGS) {
            JsonNode done = new ObjectMapper()
                    .readTree(Files.readAllBytes(history(training)))
                    .path("epochs");
            double[] x = column(done, "epoch");
            train.add(training.title(), x, column(done, "train_loss"));
            test.add(training.title(), x, column(done, "test_loss"));
            accuracy.add(training.title(), x, column(done, "test_accuracy"));
        }
        return new Row("The course's models of CIFAR-10", train, test, accuracy);
    }

    private static double[] column(JsonNode epochs, String field) {
        return StreamSupport.stream(epochs.spliterator(), false)
                .mapToDouble(epoch -> epoch.path(field).asDouble(Double.NaN))
                .toArray();
    }
}
