package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.nautile.models.Model;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** Trains a model: each {@link Model} is a subcommand with options of its own beside those of this class. */
@Command(
        name = "train",
        sortOptions = false,
        header = "Train a model of the course.",
        description = {
            "Prints a line per epoch and, at the end, the quality that was reached. Pictures, the history and the"
                    + " weights go to a folder.",
            "",
            "Data is looked for in --data, then in the folder NAUTILE_DATA, then in the user's cache, where nautile "
                    + "download puts it. Without any, a built-in generator stands in, and the first line says so."
        },
        synopsisSubcommandLabel = "MODEL",
        commandListHeading = "%nModels:%n")
public final class TrainCommand extends TrainingCommand {
    private static final int LAST_PORT = 65_535;

    @Option(
            names = "--device",
            paramLabel = "D",
            scope = ScopeType.INHERIT,
            description =
                    "Where to compute: auto, or a name that nautile devices lists. Default: auto, the best usable.")
    String device = "auto";

    @Option(
            names = "--epochs",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            description = "Passes over the training data. Default: ${bundle:default.epochs:-the model's}.")
    @Nullable
    Integer epochs;

    @Option(
            names = "--eager",
            scope = ScopeType.INHERIT,
            description = "Run steps op by op. Default: record them, and run each again with one call.")
    boolean eager;

    @Option(
            names = "--explain-plan",
            scope = ScopeType.INHERIT,
            description = "After training, print what recorded steps consist of and what takes how long. Default: off.")
    boolean explainPlan;

    @Option(
            names = "--profile",
            paramLabel = "DIR",
            arity = "0..1",
            scope = ScopeType.INHERIT,
            description =
                    "Measure some steps, which then run op by op: which op takes how long, and which phase. Prints a table;"
                            + " ops.json, ops.png, a trace for Perfetto or chrome://tracing (trace.json) and a page (index.html)"
                            + " go to DIR; --profile alone means the folder profile in --out. Default: off.")
    @Nullable
    Path profile;

    @Option(
            names = "--profile-steps",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            description = "How many steps --profile measures, after a warm-up of at least five and a second."
                    + " Default: 20.")
    int profileSteps = 20;

    @Option(
            names = "--tensorboard",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description =
                    "Also write losses, measurements, learning rate, speed, settings and pictures as TensorBoard reads"
                            + " them, to a folder in DIR that has the name of that of --out. Default: off.")
    @Nullable
    Path tensorBoard;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "Folder for index.html (the report), pictures, history.json, model.safetensors and "
                    + "checkpoint.safetensors; made if missing. Default: runs/MODEL-DATE-TIME, or that of --resume.")
    @Nullable
    Path out;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description =
                    "Go on from the checkpoint in this folder of an earlier training with the same settings, up to "
                            + "--epochs in all. Default: start anew.")
    @Nullable
    Path resume;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Write settings and the results of each epoch as JSON to this file. Default: no file.")
    @Nullable
    Path json;

    @Option(
            names = "--live",
            paramLabel = "PORT",
            arity = "0..1",
            fallbackValue = "0",
            scope = ScopeType.INHERIT,
            description =
                    "Show curves while training goes on, on a page for browsers of this machine; without PORT at any "
                            + "that is free. Default: no such page.")
    @Nullable
    Integer live;

    /** For {@link java.util.ServiceLoader}. */
    public TrainCommand() {}

    @Override
    void check(CommandLine line) {
        Refusal.below(1, "--epochs", epochs, line);
        if (live != null && (live < 0 || live > LAST_PORT)) {
            throw new ParameterException(line, "--live " + live + " is not a port, 0 to " + LAST_PORT);
        }
        Refusal.below(1, "--profile-steps", profileSteps, line);
        DeviceChoice.check(device, line);
    }

    @Override
    int run(Model model, CommandSpec ofModel) throws IOException {
        return new TrainRun(model, this, ofModel).execute();
    }
}
