package org.nautile.optim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Phase;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.data.Dataset;
import org.nautile.io.Safetensors;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;

/** What a {@link Trainer} does: the epochs, their steps, and how it goes on from a file. */
final class TrainingLoop {
    private static final String EPOCHS = "trainer.epochs";
    private static final String BASES = "trainer.base_rates";
    private static final String RATES = "trainer.rates";
    private static final String PLATEAU = "trainer.plateau";

    private final Module model;
    private final TrainingState state;
    private final Optimizer optimizer;
    private final Dataset train;
    private final int epochs;
    private final int batchSize;
    private final long seed;
    private final boolean shuffled;
    private final boolean recorded;
    private final BooleanSupplier opByOp;
    private final @Nullable Consumer<Plan> explanation;
    private final @Nullable Schedule schedule;
    private final @Nullable Schedule stepSchedule;
    private final @Nullable ReduceOnPlateau plateau;
    private final Function<Batch, Tensor> step;
    private final @Nullable Supplier<Score> measurement;
    private final @Nullable EarlyStopping earlyStopping;
    private final Device device;
    private final List<TrainerListener> listeners;
    private final List<EpochResult> results = new ArrayList<>();
    private final double[] bases; // the optimizers' rates at the start
    private volatile boolean stopped;

    /** A loop with these settings, of which optimizers and data are there. */
    TrainingLoop(Trainer.Builder with, List<Optimizer> optimizers, Dataset train) {
        this.model = with.model;
        this.state = new TrainingState(model, optimizers);
        this.optimizer = optimizers.get(0);
        this.train = train;
        this.epochs = with.epochs;
        this.batchSize = with.batchSize;
        this.seed = with.seed;
        this.shuffled = with.shuffled;
        this.recorded = with.recorded;
        this.opByOp = with.opByOp;
        this.explanation = with.explanation;
        this.schedule = with.schedule;
        this.stepSchedule = with.stepSchedule;
        this.plateau = with.plateau;
        this.step = step(with, optimizer);
        this.measurement = measurement(with);
        this.earlyStopping = with.patience == 0 ? null : new EarlyStopping(state, with.patience);
        this.device = with.device;
        this.listeners = List.copyOf(with.listeners);
        this.bases = optimizers.stream().mapToDouble(Optimizer::learningRate).toArray();
    }

    /** Whether no epoch is done, here or in what this goes on from. */
    boolean isNew() {
        return results.isEmpty();
    }

    Optimizer optimizer() {
        return optimizer;
    }

    void stop() {
        stopped = true;
    }

    boolean stopped() {
        return stopped;
    }

    // ------------------------------------------------------------------------------------------------ what a step does

    /** Forward, loss, backward, clipping, optimizer, unless the user has a step of their own; gives the loss. */
    private static Function<Batch, Tensor> step(Trainer.Builder with, Optimizer optimizer) {
        Function<Batch, Tensor> whole = with.wholeStep;
        if (whole != null) {
            return whole;
        }
        Module model = with.model;
        double clip = with.clip;
        Function<Batch, Tensor> objective = objective(with);
        return batch -> {
            optimizer.clearGradients();
            Tensor value = forward(objective, batch);
            Autograd.backward(value);
            if (clip < Double.POSITIVE_INFINITY) {
                model.flatten().clipGradNorm(clip);
            }
            optimizer.step();
            return value;
        };
    }

    private static Function<Batch, Tensor> objective(Trainer.Builder with) {
        Module model = with.model;
        Loss loss = with.loss;
        Function<Batch, Tensor> own = with.objective;
        return own != null ? own : batch -> loss.of(model.forward(batch.x()), batch.y());
    }

    private static Tensor forward(Function<Batch, Tensor> objective, Batch batch) {
        try (Phase.Span phase = Phase.FORWARD.begin()) {
            return objective.apply(batch);
        }
    }

    /** What is measured after each epoch; null for nothing. */
    private static @Nullable Supplier<Score> measurement(Trainer.Builder with) {
        Module model = with.model;
        Supplier<Score> own = with.ownMeasurement;
        if (own != null) {
            return () -> {
                model.train(false);
                try (Autograd.Pause pause = Autograd.noGrad();
                        Scope scope = new Scope()) {
                    return own.get();
                } finally {
                    model.train(true);
                }
            };
        }
        Dataset test = with.test;
        if (test == null) {
            return null;
        }
        Loss loss = with.loss;
        Device device = with.device;
        return () -> {
            Evaluation found = Evaluation.of(model, loss, test, device);
            return new Score(found.loss(), found.accuracy());
        };
    }

    private double eagerStep(Batch batch) {
        try (Scope scope = new Scope()) {
            return step.apply(batch).item();
        }
    }

    // ------------------------------------------------------------------------------------------------ epochs

    /** Trains; what each epoch brought. */
    List<EpochResult> run() {
        try (DataLoader loader = new DataLoader(train, batchSize, device, shuffled, seed);
                RecordedStep recordedStep = new RecordedStep(device, step, this::stepRecorded, explanation);
                Snapshot before = new Snapshot();
                EarlyStopping stopping = earlyStopping) {
            ToDoubleFunction<Batch> take = recorded
                    ? batch -> opByOp.getAsBoolean() ? eagerStep(batch) : recordedStep.take(batch)
                    : this::eagerStep;
            listeners.forEach(listener -> listener.started(epochs, loader.batches()));
            if (!results.isEmpty()) {
                listeners.forEach(listener -> listener.resumed(List.copyOf(results)));
            }
            while (results.size() < epochs && !stopped && (stopping == null || !stopping.isTime())) {
                int epoch = results.size() + 1;
                if (schedule != null) {
                    setRates(schedule, epoch - 1L);
                }
                before.take(state.all());
                EpochResult result = epoch(epoch, loader, take, before);
                if (!stopped) {
                    results.add(result);
                    double loss = result.decisiveLoss();
                    if (plateau != null) {
                        optimizer.setLearningRate(plateau.next(optimizer.learningRate(), loss));
                    }
                    if (stopping != null) {
                        stopping.epochDone(loss);
                    }
                    listeners.forEach(listener -> listener.epochDone(result));
                }
            }
            if (stopping != null) {
                stopping.restore();
            }
        }
        List<EpochResult> done = List.copyOf(results);
        listeners.forEach(listener -> listener.finished(done));
        return done;
    }

    private void setRates(Schedule rates, long time) {
        for (int i = 0; i < bases.length; i++) {
            state.optimizers().get(i).setLearningRate(rates.rate(bases[i], time));
        }
    }

    private EpochResult epoch(int epoch, DataLoader loader, ToDoubleFunction<Batch> take, Snapshot before) {
        model.train(true);
        long start = System.nanoTime();
        double sum = 0;
        long samples = 0;
        int batch = 0;
        for (Batch part : loader.epoch(epoch)) {
            try (part) {
                if (stepSchedule != null) {
                    setRates(stepSchedule, (epoch - 1L) * loader.batches() + batch);
                }
                int number = ++batch;
                double value = take.applyAsDouble(part);
                if (!Double.isFinite(value)) {
                    throw diverged(epoch, number, value, loader, before);
                }
                sum += value * part.size();
                samples += part.size();
                listeners.forEach(listener -> listener.batchDone(epoch, number, value));
            }
            if (stopped) {
                break;
            }
        }
        device.backend().synchronize();
        double seconds = (System.nanoTime() - start) * 1e-9;
        double trainLoss = samples == 0 ? Double.NaN : sum / samples;
        Score score = measured();
        return new EpochResult(
                epoch, optimizer.learningRate(), trainLoss, score.loss(), score.metric(), seconds, samples / seconds);
    }

    private Score measured() {
        if (measurement == null || stopped) {
            return new Score(Double.NaN, Double.NaN);
        }
        try (Phase.Span phase = Phase.EVALUATION.begin()) {
            return measurement.get();
        }
    }

    private void stepRecorded(Plan plan) {
        listeners.forEach(listener -> listener.stepRecorded(plan));
    }

    /**
     * Finds out what was not finite first: the epoch is repeated up to the step whose loss was not, with the same bits, and op by
     * op.
     */
    private DivergedException diverged(int epoch, int batch, double loss, DataLoader loader, Snapshot before) {
        state.restore(before.tensors());
        String found = "";
        int number = 0;
        for (Batch part : loader.epoch(epoch)) {
            try (part) {
                if (stepSchedule != null) {
                    setRates(stepSchedule, (epoch - 1L) * loader.batches() + number);
                }
                if (++number < batch) {
                    eagerStep(part);
                    continue;
                }
                found = NonFinite.find(model, () -> eagerStep(part));
                break;
            }
        }
        state.restore(before.tensors());
        return new DivergedException("loss is " + loss + " in step " + batch + " of epoch " + epoch + ": " + found
                + "; a lower learning rate (" + optimizer.learningRate() + " now) or clipped gradients may help");
    }

    // ------------------------------------------------------------------------------------------------ steps on trial

    /** The steps of an epoch. */
    int batches() {
        return (train.size() + batchSize - 1) / batchSize;
    }

    /**
     * Takes a step at each of these rates of the first optimizer, going through the data as often as needed. Everything is then
     * put back as it was.
     *
     * @param goesOn is told the loss of each step; false ends it
     */
    void tryRates(double[] rates, DoublePredicate goesOn) {
        boolean training = model.training();
        double[] before =
                state.optimizers().stream().mapToDouble(Optimizer::learningRate).toArray();
        model.train(true);
        try (DataLoader loader = new DataLoader(train, batchSize, device, shuffled, seed);
                Snapshot saved = new Snapshot()) {
            saved.take(state.all());
            int taken = 0;
            boolean more = loader.batches() > 0;
            for (int epoch = 1; more && taken < rates.length; epoch++) {
                for (Batch part : loader.epoch(epoch)) {
                    try (part) {
                        double rate = rates[taken++];
                        setRates((base, time) -> base * rate / bases[0], 0);
                        more = goesOn.test(eagerStep(part));
                    }
                    if (!more || taken == rates.length) {
                        break;
                    }
                }
            }
            state.restore(saved.tensors());
        }
        for (int i = 0; i < before.length; i++) {
            state.optimizers().get(i).setLearningRate(before[i]);
        }
        model.train(training);
    }

    /** The norm of the gradients of all optimizers together. */
    double gradientNorm() {
        double squares = 0;
        for (Optimizer each : state.optimizers()) {
            double norm = each.gradientNorm();
            squares += norm * norm;
        }
        return Math.sqrt(squares);
    }

    // ------------------------------------------------------------------------------------------------ files

    /** Writes a checkpoint. */
    void save(Path file) throws IOException {
        try (Scope scope = new Scope()) {
            Checkpoint checkpoint = new Checkpoint(state.all());
            checkpoint.put(
                    EPOCHS,
                    results.stream()
                            .flatMapToDouble(result -> DoubleStream.of(result.toArray()))
                            .toArray());
            checkpoint.put(BASES, bases);
            checkpoint.put(
                    RATES,
                    state.optimizers().stream()
                            .mapToDouble(Optimizer::learningRate)
                            .toArray());
            if (plateau != null) {
                checkpoint.put(PLATEAU, plateau.save());
            }
            if (earlyStopping != null) {
                earlyStopping.save(checkpoint);
            }
            Safetensors.write(file, checkpoint.tensors());
        }
    }

    /** Reads a checkpoint. */
    void resume(Path file) throws IOException {
        try (Scope scope = new Scope()) {
            Checkpoint checkpoint = new Checkpoint();
            Safetensors saved = Safetensors.open(file);
            for (String name : saved.names()) {
                checkpoint.tensors().put(name, saved.tensor(name, Device.of("reference")));
            }
            try {
                load(checkpoint);
            } catch (ShapeException e) {
                throw new IOException(file + ": " + e.getMessage(), e);
            }
        }
    }

    private void load(Checkpoint checkpoint) {
        double[] rates = checkpoint.get(RATES);
        double[] starts = checkpoint.get(BASES);
        for (double[] each : List.of(rates, starts)) {
            if (each.length != bases.length) {
                throw new ShapeException("checkpoint: of " + each.length + " optimizers, there are " + bases.length);
            }
        }
        double[] done = checkpoint.get(EPOCHS);
        if (done.length % EpochResult.FIELDS != 0) {
            throw new ShapeException(
                    "checkpoint: " + done.length + " numbers for epochs that have " + EpochResult.FIELDS + " each");
        }
        state.restore(checkpoint.tensors());
        for (int i = 0; i < rates.length; i++) {
            bases[i] = starts[i];
            state.optimizers().get(i).setLearningRate(rates[i]);
        }
        if (plateau != null) {
            plateau.load(checkpoint.get(PLATEAU));
        }
        if (earlyStopping != null) {
            earlyStopping.load(checkpoint);
        }
        for (int i = 0; i < done.length; i += EpochResult.FIELDS) {
            results.add(EpochResult.of(Arrays.copyOfRange(done, i, i + EpochResult.FIELDS)));
        }
    }
}
