package org.nautile.models.cli;

import java.nio.file.Path;
import java.util.ListResourceBundle;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nautile.MatmulPrecision;
import org.nautile.models.Model;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

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
public final class TrainCommand implements Subcommand {
    /** The name of the mixin that holds a model's own options. */
    static final String OWN_OPTIONS = "model";

    private static final int LAST_PORT = 65_535;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    // Given before or after the model's name: picocli hands inherited options down.

    @Option(
            names = "--device",
            paramLabel = "D",
            scope = ScopeType.INHERIT,
            description =
                    "Where to compute: auto, or a name that nautile devices lists. Default: auto, the best usable.")
    String device = "auto";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "The data set's folder, or one that holds a folder of its name. Default: see above.")
    @Nullable
    Path data;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            description = "Passes over the training data. Default: ${bundle:default.epochs:-the model's}.")
    @Nullable
    Integer epochs;

    @Option(
            names = "--batch",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            description =
                    "Examples in a step; 1 is single-sample gradient descent. Default: ${bundle:default.batch:-the"
                            + " model's}.")
    @Nullable
    Integer batch;

    @Option(
            names = "--lr",
            paramLabel = "X",
            scope = ScopeType.INHERIT,
            description = "Learning rate. Default: ${bundle:default.lr:-the model's}.")
    @Nullable
    Double learningRate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            description = "Seed of the first weights, the shuffling and generated data. The same seed gives the same "
                    + "numbers. Default: 0.")
    long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            description = "Threads that compute; results do not depend on it. Default: OMP_NUM_THREADS, or else the "
                    + "processors the JVM may use.")
    @Nullable
    Integer threads;

    @Option(
            names = "--matmul-precision",
            paramLabel = "P",
            scope = ScopeType.INHERIT,
            description = "What products of matrices may round what they multiply to, where that is faster: highest "
                    + "(float32), high (TF32) or medium (bfloat16). Default: highest.")
    @Nullable
    MatmulPrecision precision;

    @Option(
            names = "--limit",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            description = "Use only the first N training examples. Default: all.")
    @Nullable
    Integer limit;

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
            names = "--quick",
            scope = ScopeType.INHERIT,
            description = "Use little data for everything, to see in seconds that all works. Default: off.")
    boolean quick;

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

    /** Makes each model a subcommand of the command line of this command. */
    void addModels(CommandLine self) {
        for (Model model : Model.all()) {
            CommandSpec sub = CommandSpec.forAnnotatedObject(new OfModel(this, model));
            sub.name(model.name());
            sub.usageMessage().header(model.summary());
            sub.resourceBundle(new ModelTexts(model.defaults()));
            sub.addMixin(OWN_OPTIONS, CommandSpec.forAnnotatedObjectLenient(model));
            self.addSubcommand(sub);
        }
    }

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(),
                "a model is needed: " + String.join(", ", spec.subcommands().keySet()));
    }

    /** What help texts say of a model's defaults. */
    private static final class ModelTexts extends ListResourceBundle {
        private final Model.Defaults defaults;

        ModelTexts(Model.Defaults defaults) {
            this.defaults = defaults;
        }

        @Override
        protected Object[][] getContents() {
            return new Object[][] {
                {"default.epochs", Integer.toString(defaults.epochs())},
                {"default.batch", Integer.toString(defaults.batch())},
                {"default.lr", Double.toString(defaults.learningRate())}
            };
        }
    }

    /** {@code nautile train MODEL}. */
    @Command(
            sortOptions = false,
            description = {
                "Data is looked for in --data, then in the folder NAUTILE_DATA, then in the user's cache, where"
                        + " nautile download puts it. Without any, a built-in generator stands in, and the first line says"
                        + " so."
            })
    static final class OfModel implements Callable<Integer> {
        private final TrainCommand common;
        private final Model model;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        OfModel(TrainCommand common, Model model) {
            this.common = common;
            this.model = model;
        }

        @Override
        public Integer call() throws Exception {
            atLeast(1, "--epochs", common.epochs);
            atLeast(1, "--batch", common.batch);
            atLeast(1, "--threads", common.threads);
            atLeast(1, "--limit", common.limit);
            if (common.live != null && (common.live < 0 || common.live > LAST_PORT)) {
                throw new ParameterException(
                        spec.commandLine(), "--live " + common.live + " is not a port, 0 to " + LAST_PORT);
            }
            Double rate = common.learningRate;
            if (rate != null && !(rate > 0 && Double.isFinite(rate))) {
                throw new ParameterException(spec.commandLine(), "--lr " + rate + " is not a positive number");
            }
            try {
                model.check();
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            }
            DeviceChoice.check(common.device, spec.commandLine());
            return new TrainRun(model, common, spec).execute();
        }

        private void atLeast(int least, String option, @Nullable Integer value) {
            if (value != null && value < least) {
                throw new ParameterException(spec.commandLine(), option + " " + value + " is less than " + least);
            }
        }
    }
}
