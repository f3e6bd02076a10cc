package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.ListResourceBundle;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nautile.MatmulPrecision;
import org.nautile.Threads;
import org.nautile.models.Model;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * A command that trains a model: each {@link Model} is a subcommand with options of its own beside those of this class, which may
 * stand before or after the model's name, as picocli hands inherited options down.
 */
abstract class TrainingCommand implements Subcommand {
    /** The name of the mixin that holds a model's own options. */
    static final String OWN_OPTIONS = "model";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "The data set's folder, or one that holds a folder of its name. Default: see above.")
    @Nullable
    Path data;

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
            description = "Use only the first N training examples. Default: all; compare takes no more than it needs.")
    @Nullable
    Integer limit;

    @Option(
            names = "--quick",
            scope = ScopeType.INHERIT,
            description = "Use little data for everything, to see in seconds that all works. Default: off.")
    boolean quick;

    /** Checks the command's own options; wrong usage is a ParameterException. */
    abstract void check(CommandLine line);

    /** Trains the model; the exit code. */
    abstract int run(Model model, CommandSpec ofModel) throws IOException;

    /** Lets the whole process compute as the options say. */
    void applyToProcess() {
        if (threads != null) {
            Threads.set(threads);
        }
        if (precision != null) {
            MatmulPrecision.set(precision);
        }
    }

    /** Makes each model a subcommand of the command line of this command. */
    @Override
    public void addSubcommands(CommandLine self) {
        for (Model model : Model.all()) {
            CommandSpec sub = CommandSpec.forAnnotatedObject(new OfModel(this, model));
            sub.name(model.name());
            sub.usageMessage().header(model.summary());
            sub.resourceBundle(new ModelTexts(model.defaults()));
            CommandSpec own = CommandSpec.forAnnotatedObjectLenient(model);
            List.copyOf(own.options()).stream()
                    .filter(option -> Arrays.stream(option.names())
                            .anyMatch(self.getCommandSpec().optionsMap()::containsKey))
                    .forEach(own::remove); // keeps its default: the name means something else to this command
            sub.addMixin(OWN_OPTIONS, own);
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

    /** The command for one model. */
    @Command(
            sortOptions = false,
            description = {
                "Data is looked for in --data, then in the folder NAUTILE_DATA, then in the user's cache, where"
                        + " nautile download puts it. Without any, a built-in generator stands in, and the first line says"
                        + " so."
            })
    static final class OfModel implements Callable<Integer> {
        private final TrainingCommand common;
        private final Model model;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        OfModel(TrainingCommand common, Model model) {
            this.common = common;
            this.model = model;
        }

        @Override
        public Integer call() throws Exception {
            CommandLine line = spec.commandLine();
            Refusal.below(1, "--batch", common.batch, line);
            Refusal.below(1, "--threads", common.threads, line);
            Refusal.below(1, "--limit", common.limit, line);
            Double rate = common.learningRate;
            if (rate != null && !(rate > 0 && Double.isFinite(rate))) {
                throw new ParameterException(line, "--lr " + rate + " is not a positive number");
            }
            try {
                model.check();
            } catch (IllegalArgumentException e) {
                throw new ParameterException(line, String.valueOf(e.getMessage()), e);
            }
            common.check(line);
            return common.run(model, spec);
        }
    }
}
