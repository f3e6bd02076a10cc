package org.nautile.models.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.MatmulPrecision;
import org.nautile.Scope;
import org.nautile.Threads;
import org.nautile.io.Safetensors;
import org.nautile.models.Model;
import org.nautile.models.Run;
import org.nautile.models.charts.Picture;
import org.nautile.models.comparison.Figures;
import org.nautile.models.profile.Profile;
import org.nautile.models.profile.Profiler;
import org.nautile.models.report.LivePage;
import org.nautile.models.report.LiveTraining;
import org.nautile.nn.Module;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;

/** A training started by {@code nautile train}: settings from options, results to the screen and to files. */
final class TrainRun implements Run {
    private static final Logger LOG = LoggerFactory.getLogger(TrainRun.class);

    private static final String PROFILE = "profile";
    private static final String CHECKPOINT = "checkpoint.safetensors";

    private final Model model;
    private final TrainCommand options;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Terminal terminal;
    private final Path folder;
    private final DeviceChoice choice;
    private final String command;
    private final @Nullable Path profileFolder;
    private final @Nullable TensorBoardLog tensorBoard;
    private final boolean pictures;
    private final List<Path> drawn = new ArrayList<>();
    private final @Nullable LivePage live;
    private final Map<String, String> ownOptions = new TreeMap<>(); // the model's, as they are set
    private final Map<String, Object> results = new LinkedHashMap<>();
    private final Map<String, String> files = new LinkedHashMap<>(); // to be written when training begins
    private @Nullable Trainer trainer;

    /** Also while pictures are drawn, so that none is left half written. */
    private Interrupts.@Nullable Stoppable stoppable;

    TrainRun(Model model, TrainCommand options, CommandSpec spec) {
        this.model = model;
        this.options = options;
        this.out = spec.commandLine().getOut();
        this.err = spec.commandLine().getErr();
        this.terminal = Terminal.of(spec);
        this.command = CommandText.of(spec);
        Objects.requireNonNull(spec.mixins().get(TrainingCommand.OWN_OPTIONS))
                .options()
                .forEach(option -> ownOptions.put(
                        option.longestName().replaceFirst("^-*", ""), Objects.toString(option.getValue())));
        // Whatever cannot work shall fail now, not after hours of training.
        this.folder = options.out != null
                ? options.out
                : options.resume != null ? options.resume : OutputFiles.dated(model.name());
        OutputFiles.checkFolder(folder);
        this.profileFolder = options.profile == null ? null : profileFolder(options.profile);
        if (profileFolder != null) {
            OutputFiles.checkFolder(profileFolder);
        }
        this.tensorBoard = options.tensorBoard == null ? null : tensorBoard(options.tensorBoard);
        if (options.json != null) {
            OutputFiles.check(options.json);
        }
        options.applyToProcess();
        this.choice = DeviceChoice.open(options.device);
        Device.setDefault(choice.device());
        Optional<String> obstacle = Picture.obstacle();
        this.pictures = obstacle.isEmpty();
        obstacle.ifPresent(reason -> err.println("nautile: no pictures: " + reason + "; " + Picture.REMEDY));
        // the last, so that nothing fails that would leave it open
        this.live = options.live == null ? null : livePage(options.live);
    }

    private LivePage livePage(int port) {
        try {
            LivePage page = new LivePage(port, "Training of " + model.name());
            out.println("live: " + page.address());
            out.flush();
            return page;
        } catch (IOException e) {
            throw new CommandException("cannot listen on 127.0.0.1:" + port + ": " + Failures.reason(e), e);
        }
    }

    /** Without a name, picocli gives an empty one. */
    private Path profileFolder(Path given) {
        if (given.toString().isEmpty()) {
            return folder.resolve(PROFILE);
        }
        if (given.toAbsolutePath().normalize().equals(folder.toAbsolutePath().normalize())) {
            throw new CommandException("cannot write the profile to " + given
                    + ": the page of the training goes there; name another folder, or none");
        }
        return given;
    }

    /** The log of this training, among those of others. */
    private TensorBoardLog tensorBoard(Path runs) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        Path own = runs.resolve(name == null ? model.name() : name.toString());
        OutputFiles.checkFolder(own);
        return new TensorBoardLog(
                own,
                batch(),
                this::settings,
                () -> training().metric(),
                () -> training().learningRate());
    }

    /** What {@link #describe} was told, and what was chosen. */
    private Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(results);
        settings.remove("epochs");
        settings.remove("options");
        settings.put("epochs", epochs());
        settings.putAll(ownOptions);
        settings.put("command", command);
        return settings;
    }

    /** Trains; the exit code. */
    int execute() throws IOException {
        try (LivePage page = live;
                TensorBoardLog log = tensorBoard) {
            model.train(this);
            writePage();
            return interrupted() ? Main.INTERRUPTED : 0;
        } finally {
            if (stoppable != null) {
                stoppable.close();
            }
        }
    }

    /** The page of this training, beside its history: also of one that ended early. */
    private void writePage() throws IOException {
        if (trainer != null) {
            RunReport report = new RunReport(List.of(RunHistory.of(folder)));
            report.page(command, List.of(drawn)).write(folder);
        }
    }

    @Override
    public Device device() {
        return choice.device();
    }

    @Override
    public int epochs() {
        return options.epochs != null ? options.epochs : model.defaults().epochs();
    }

    @Override
    public int batch() {
        return options.batch != null ? options.batch : model.defaults().batch();
    }

    @Override
    public double learningRate() {
        return options.learningRate != null
                ? options.learningRate
                : model.defaults().learningRate();
    }

    @Override
    public long seed() {
        return options.seed;
    }

    @Override
    public int limit() {
        return options.limit != null ? options.limit : Integer.MAX_VALUE;
    }

    @Override
    public boolean quick() {
        return options.quick;
    }

    @Override
    public @Nullable Path data() {
        return options.data;
    }

    @Override
    public void describe(String data, long parameters) {
        out.println(model.name() + ": " + data);
        out.println(String.format(
                Locale.ROOT,
                "%s parameters, device %s (%s), %s, batch %d, learning rate %s, seed %d",
                Figures.grouped(parameters),
                device(),
                device().backend().description(),
                Figures.count(epochs(), "epoch"),
                batch(),
                learningRate(),
                seed()));
        if (!choice.passedOver().isEmpty()) {
            out.println("auto chose " + device() + ": " + choice.passedOver());
        }
        out.flush();
        results.put("model", model.name());
        results.put("device", device().name());
        results.put("parameters", parameters);
        results.put("seed", seed());
        results.put("threads", Threads.count());
        results.put("matmul_precision", MatmulPrecision.current().toString());
        results.put("data", data);
        results.put("batch", batch());
        results.put("learning_rate", learningRate());
        results.put("options", ownOptions);
        results.put("epochs", List.of());
    }

    @Override
    public List<EpochResult> train(Trainer.Builder builder, Module network) throws IOException {
        History history = new History(network);
        try (Progress progress = new Progress(out, terminal, batch());
                Profiler profiler = profileFolder == null ? null : new Profiler(device(), options.profileSteps)) {
            List<String> plans = new ArrayList<>();
            if (options.eager) {
                builder.recorded(false);
            }
            if (options.explainPlan) {
                builder.explain(plan -> plans.addAll(PlanTable.lines(plan)));
            } else if (LOG.isDebugEnabled()) {
                builder.explain(plan -> PlanTable.algorithms(plan).forEach(LOG::debug));
            }
            builder.epochs(epochs())
                    .batchSize(batch())
                    .seed(seed())
                    .device(device())
                    .listener(progress)
                    .listener(history);
            if (live != null) {
                builder.listener(new LiveTraining(
                        live,
                        () -> training().metric(),
                        batch(),
                        () -> training().gradientNorm(),
                        device().backend()::memoryUsed));
            }
            if (tensorBoard != null) {
                builder.listener(tensorBoard);
            }
            if (profiler != null) {
                builder.listener(profiler).opByOpWhile(profiler::observing);
            }
            Trainer training = builder.build();
            trainer = training;
            progress.metric(training.metric());
            if (options.resume != null) {
                resume(training, options.resume);
            }
            files.forEach(
                    (name, text) -> OutputFiles.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8)));
            if (stoppable != null) { // the model's second training takes the place of its first
                stoppable.close();
            }
            stoppable = Interrupts.onInterrupt(training::stop);
            List<EpochResult> done = training.run();
            history.finish();
            if (options.explainPlan && plans.isEmpty()) {
                plans.add("no step was recorded: --eager, or no shape of batches came twice");
            }
            plans.forEach(this::say);
            if (profiler != null) {
                report(profiler);
            }
            return done;
        }
    }

    private void report(Profiler profiler) throws IOException {
        Profile profile = profiler.profile();
        if (profile == null || profileFolder == null) {
            say("no profile: no step was done");
            return;
        }
        ProfileReport report = new ProfileReport(profile, command, model.name() + ", batch " + batch(), device());
        report.print(out);
        report.write(profileFolder, out);
    }

    /** Goes on from a folder's checkpoint, if its training had the same settings. */
    private void resume(Trainer training, Path from) throws IOException {
        Path history = from.resolve(RunFolder.HISTORY);
        ObjectMapper json = new ObjectMapper();
        JsonNode saved = json.readTree(Files.readAllBytes(history));
        JsonNode mine = json.readTree(json.writeValueAsString(results));
        for (String setting : List.of("model", "data", "seed", "batch", "learning_rate", "options")) {
            if (!mine.path(setting).equals(saved.path(setting))) {
                throw new CommandException("cannot go on: " + setting + " is " + mine.path(setting) + ", and in "
                        + history + " " + saved.path(setting));
            }
        }
        training.resume(from.resolve(CHECKPOINT));
    }

    @Override
    public boolean interrupted() {
        return trainer != null && trainer.stopped();
    }

    @Override
    public void picture(String name, Picture picture) throws IOException {
        if (pictures && !interrupted()) {
            Path file = folder.resolve(name);
            try {
                picture.write(file);
                drawn.add(file);
            } catch (IOException e) {
                throw OutputFiles.failure(file, e);
            }
            if (tensorBoard != null) {
                tensorBoard.picture(file, picture);
            }
        }
    }

    @Override
    public void file(String name, String text) {
        files.put(name, text);
    }

    @Override
    public void say(String line) {
        out.println(line);
        out.flush();
    }

    @Override
    public void result(String line) {
        out.println(
                (pictures && !interrupted() ? "page, pictures, history" : "page, history") + " and weights: " + folder);
        out.println(line);
        out.flush();
    }

    private Trainer training() {
        return Objects.requireNonNull(trainer);
    }

    /** Keeps the files up to date, epoch by epoch: whatever ends the program, what was done is there. */
    private final class History implements TrainerListener {
        private final Module network;
        private final List<Map<String, Object>> epochs = new ArrayList<>();

        History(Module network) {
            this.network = network;
            Interrupts.report("no epoch was done");
        }

        @Override
        public void resumed(List<EpochResult> done) {
            done.forEach(this::add);
            out.println("goes on after epoch " + done.size());
            out.flush();
        }

        private void add(EpochResult result) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("epoch", result.epoch());
            entry.put("learning_rate", result.learningRate());
            entry.put("train_loss", result.trainLoss());
            entry.put("test_loss", result.testLoss());
            String metric = training().metric();
            if (!metric.isEmpty()) {
                entry.put("test_" + metric, result.testMetric());
            }
            entry.put("seconds", result.seconds());
            entry.put("samples_per_second", result.samplesPerSecond());
            epochs.add(entry);
            results.put("epochs", List.copyOf(epochs));
        }

        @Override
        public void epochDone(EpochResult result) {
            add(result);
            write(false); // the small file first: where the disk is full, it may still fit
            writeWeights(folder.resolve(RunFolder.WEIGHTS));
            writeCheckpoint(folder.resolve(CHECKPOINT));
            Interrupts.report(epochs.size() + " of " + epochs() + " epochs and their weights are in " + folder);
        }

        /**
         * The last word: also without a single epoch, and to a device or a pipe, which take the result once. The weights are
         * those of the best epoch, if training stops early.
         */
        void finish() {
            write(true);
            if (!epochs.isEmpty()) {
                writeWeights(folder.resolve(RunFolder.WEIGHTS));
            }
        }

        private void write(boolean last) {
            JsonFile.write(folder.resolve(RunFolder.HISTORY), results);
            if (options.json != null && (last || !special(options.json))) {
                JsonFile.write(options.json, results);
            }
        }

        private void writeWeights(Path file) {
            try (Scope scope = new Scope()) {
                Safetensors.write(file, network.state());
            } catch (IOException e) {
                throw OutputFiles.failure(file, e);
            }
        }

        private void writeCheckpoint(Path file) {
            try {
                training().save(file);
            } catch (IOException e) {
                throw OutputFiles.failure(file, e);
            }
        }

        private static boolean special(Path file) {
            try {
                return OutputFiles.isSpecial(file);
            } catch (IOException e) {
                throw OutputFiles.failure(file, e);
            }
        }
    }
}
