package org.nautile.bench.works;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.backend.Peaks;
import org.nautile.models.Model;
import org.nautile.models.cli.CommandPage;
import org.nautile.models.cli.DeviceChoice;
import org.nautile.models.cli.JsonOption;
import org.nautile.models.cli.Machine;
import org.nautile.models.cli.Refusal;
import org.nautile.models.cli.Subcommand;
import org.nautile.models.cli.ThreadsOption;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Says what a training step of a model costs, and how long it should take: each {@link Model} is a subcommand. */
@Command(
        name = "describe",
        sortOptions = false,
        header = "Say what a training step of a model costs, and predict its time.",
        synopsisSubcommandLabel = "MODEL",
        commandListHeading = "%nModels:%n",
        description = {
            "The layers with their parameters, operations and bytes; memory; and the time of a step on each device,"
                    + " predicted and measured. Takes a few steps on little data.",
            "",
            "The prediction knows how fast this machine multiplies and moves data, measured just before, and what each"
                    + " kernel has to do. It does not know how long any model took. Of models that train several networks"
                    + " one after the other it is about the first."
        })
public final class DescribeCommand implements Subcommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For {@link java.util.ServiceLoader}. */
    public DescribeCommand() {}

    @Override
    public void addSubcommands(CommandLine self) {
        for (Model model : Model.all()) {
            CommandSpec sub = CommandSpec.forAnnotatedObject(new OfModel(model));
            sub.name(model.name());
            sub.usageMessage().header(model.summary());
            sub.addMixin("model", CommandSpec.forAnnotatedObjectLenient(model));
            self.addSubcommand(sub);
        }
    }

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(),
                "a model is needed: " + String.join(", ", spec.subcommands().keySet()));
    }

    /** {@code nautile describe MODEL}. */
    @Command(
            sortOptions = false,
            description = {
                "Bytes are the least traffic of the whole step, its gradients included. Operations are those of"
                        + " products, a multiply-add being two; what works element by element is bound by memory and shows"
                        + " in the bytes."
            })
    static final class OfModel implements Callable<Integer> {
        private final Model model;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Option(
                names = "--device",
                paramLabel = "D",
                split = ",",
                description =
                        "Devices, separated by commas: auto, or names that nautile devices lists. Default: auto, the"
                                + " best usable.")
        private List<String> devices = new ArrayList<>();

        @Option(
                names = {"--batch-size", "--batch"},
                paramLabel = "N",
                description = "Examples in a step. Default: the model's.")
        private @Nullable Integer batch;

        @Mixin
        private ThreadsOption threads = new ThreadsOption();

        @Option(
                names = "--gpu",
                paramLabel = "NAME",
                description = "Predict for a GPU that need not be here, from published peaks, one of"
                        + " ${COMPLETION-CANDIDATES}. Default: none.")
        private @Nullable Gpu gpu;

        @Option(
                names = "--kernels",
                description = "Show every kernel, predicted beside measured. Default: only layers.")
        private boolean kernels;

        @Option(
                names = "--budget",
                paramLabel = "SECONDS",
                description = "For the step in each of two to six rounds, and as long again for its kernels. Default:"
                        + " ${DEFAULT-VALUE}.")
        private double budget = 0.5;

        @Option(
                names = "--data",
                paramLabel = "DIR",
                description =
                        "The data set's folder, or one that holds a folder of its name. Default: where nautile train"
                                + " looks.")
        private @Nullable Path data;

        @Option(
                names = "--out",
                paramLabel = "DIR",
                description = "Folder for a page with the tables, index.html; made if missing. Default: no page.")
        private @Nullable Path out;

        @Mixin
        private JsonOption json = new JsonOption();

        OfModel(Model model) {
            this.model = model;
        }

        @Override
        public Integer call() throws IOException {
            check();
            CommandPage page =
                    out == null ? null : new CommandPage(model.name() + ": what a training step costs", out, spec);
            List<Prediction> found = new ArrayList<>();
            PrintWriter print = spec.commandLine().getOut();
            List<Cache> caches = Cache.of(new Machine(Path.of("/")));
            for (String name : devices.isEmpty() ? List.of("auto") : devices) {
                DeviceChoice choice = DeviceChoice.open(name);
                Device device = choice.device();
                if (!choice.passedOver().isEmpty()) {
                    print.println("auto chose " + device + ": " + choice.passedOver());
                }
                Peaks peaks = device.backend().peaks();
                Rounds rounds = peaks == null ? null : new Rounds(() -> Processor.measure(device, peaks, caches));
                StepRun.Step step = StepRun.of(
                        model,
                        device.name(),
                        new StepRun.Settings(batch, data, budget),
                        rounds == null ? seconds -> false : rounds);
                Processor processor = rounds == null ? null : rounds.processor();
                found.add(new Prediction(device, new Description(step), processor));
            }
            int size = batch != null ? batch : model.defaults().batch();
            DescribeReport report = new DescribeReport(model, size, found, gpu);
            report.print(print, kernels);
            if (page != null) {
                report.fill(page.report(), kernels);
                page.write();
            }
            json.write(report.values());
            return 0;
        }

        private void check() {
            CommandLine self = spec.commandLine();
            Refusal.below(1, "--batch-size", batch, self);
            threads.use();
            Refusal.budget(budget, self);
            try {
                model.check();
            } catch (IllegalArgumentException e) {
                throw new ParameterException(self, String.valueOf(e.getMessage()), e);
            }
            devices.forEach(device -> DeviceChoice.check(device, self));
            json.check();
        }
    }
}
