package org.nautile.models.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.models.Model;
import org.nautile.models.comparison.DeviceTrial;
import org.nautile.models.comparison.DeviceTrials;
import org.nautile.models.comparison.FirstSteps;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** Trains a model on several devices and says how fast each is, where the time goes, and whether they learn the same. */
@Command(
        name = "compare",
        sortOptions = false,
        header = "Compare devices by training a model on each.",
        description = {
            "Every device trains from the same seed with the same batches, twice. First with recorded steps, as nautile train"
                    + " does: samples per second, losses, memory. Then op by op, waiting for the device after each part of a"
                    + " step: what takes how long. Times are medians and quartiles after a warm-up. A sentence for each"
                    + " device says what follows.",
            "",
            "nautile compare-models compares models on one device."
        },
        synopsisSubcommandLabel = "MODEL",
        commandListHeading = "%nModels:%n")
public final class CompareCommand extends TrainingCommand {
    @Option(
            names = "--devices",
            paramLabel = "D,D",
            split = ",",
            scope = ScopeType.INHERIT,
            description = "Devices; the losses of the others are compared with those of the first. Default: all of"
                    + " reference, cpu, openblas, cuda and cudnn that can be used here.")
    List<String> devices = List.of();

    @Option(
            names = "--steps",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            description = "Steps whose losses are compared; a fast device takes more, to be timed. Default: 100.")
    int steps = 100;

    @Option(
            names = "--budget",
            paramLabel = "SECONDS",
            scope = ScopeType.INHERIT,
            description = "Steps timed of each device, recorded and again op by op; the warm-up takes twice as long."
                    + " Default: 1.")
    double budget = 1;

    @Option(
            names = "--narrow",
            scope = ScopeType.INHERIT,
            description = "Train the small model of the same kind that nautile validate trains, with its batch and"
                    + " learning rate. Default: the course's size.")
    boolean narrow;

    @Option(
            names = "--naive",
            scope = ScopeType.INHERIT,
            description =
                    "Show also the wrong times that one gets without warm-up and without waiting for the device, and"
                            + " say why they are wrong. Default: off.")
    boolean naive;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            scope = ScopeType.INHERIT,
            description = "Fail with exit code 1 where a loss differs by more than X from that of the first device."
                    + " Default: any difference is only shown.")
    @Nullable
    Double tolerance;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "Folder for the page, index.html, and its picture; made if missing. Default:"
                    + " runs/compare-MODEL-DATE-TIME.")
    @Nullable
    Path out;

    @Mixin
    private JsonOption json = new JsonOption();

    /** For {@link java.util.ServiceLoader}. */
    public CompareCommand() {}

    @Override
    void check(CommandLine line) {
        Refusal.below(1, "--steps", steps, line);
        if (tolerance != null && !(tolerance >= 0)) {
            throw new ParameterException(line, "--tolerance " + tolerance + " is not a number >= 0");
        }
        Refusal.budget(budget, line);
        devices.forEach(device -> DeviceChoice.check(device, line));
    }

    @Override
    int run(Model model, CommandSpec ofModel) throws IOException {
        List<Device> chosen = DeviceChoice.several(devices);
        String title = model.name() + (narrow ? ", narrow" : "");
        CommandPage page = new CommandPage(
                "Devices compared by training " + title,
                out != null ? out : OutputFiles.dated("compare-" + model.name()),
                ofModel);
        json.check();
        applyToProcess();
        PrintWriter screen = ofModel.commandLine().getOut();
        Model.Trial small = narrow ? model.trial() : null;
        DeviceTrials trials =
                new DeviceTrials(model, device -> settings(model, small, device), steps, budget, naive, line -> {
                    screen.println(line);
                    screen.flush();
                });
        List<DeviceTrial> done = new ArrayList<>();
        try (Interrupts.Stoppable stoppable = Interrupts.onInterrupt(trials::stop)) {
            for (Device device : chosen) {
                DeviceTrial trial = trials.on(device);
                if (trials.stopped()) {
                    return Main.INTERRUPTED;
                }
                if (trial == null) {
                    throw new CommandException(model.name() + " with these options takes no " + steps
                            + " steps of training, so that there is nothing to compare");
                }
                done.add(trial);
            }
        }
        CompareReport report = new CompareReport(title, settings(model, small, chosen.get(0)), done);
        report.print(screen);
        report.write(page);
        json.write(report.json());
        return tolerance == null || within(done, tolerance, screen) ? 0 : 1;
    }

    private FirstSteps.Settings settings(Model model, Model.@Nullable Trial small, Device device) {
        int size = batch != null
                ? batch
                : small != null ? small.batch() : model.defaults().batch();
        double rate = learningRate != null
                ? learningRate
                : small != null ? small.learningRate() : model.defaults().learningRate();
        long needed = (long) steps * size;
        int most = limit != null ? limit : (int) Math.min(needed, Integer.MAX_VALUE);
        return new FirstSteps.Settings(device, model.defaults().epochs(), size, rate, seed, most, quick, data);
    }

    /** Says of each device whether its losses are near enough to the first one's. */
    static boolean within(List<DeviceTrial> done, double tolerance, PrintWriter screen) {
        boolean all = true;
        for (DeviceTrial trial : done.subList(1, done.size())) {
            DeviceTrial.Difference largest = trial.difference(done.get(0));
            boolean near = largest.value() <= tolerance; // not if it is NaN
            screen.println(String.format(
                    Locale.ROOT,
                    "%s %s: losses of %d steps differ from those of %s by at most %.2g, allowed is %.2g",
                    near ? "passed" : "FAILED",
                    trial.device(),
                    trial.losses().length,
                    done.get(0).device(),
                    largest.value(),
                    tolerance));
            all &= near;
        }
        screen.flush();
        return all;
    }
}
