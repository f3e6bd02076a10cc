package org.nautile.optim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
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

/**
 * Trains a model: for each epoch, one step (forward, loss, backward, optimizer) per mini-batch of the training data, shuffled
 * unless told otherwise, then a measurement on the test data. That of a classifier is made of a {@link Loss}; other models give
 * their own objective and measurement. Prints nothing; {@link TrainerListener}s are told.
 */
public final class Trainer {
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
    private final String metric;
    private final @Nullable EarlyStopping earlyStopping;
    private final Device device;
    private final List<TrainerListener> listeners;
    private final List<Consumer<Trainer>> preparations;
    private final List<EpochResult> results = new ArrayList<>();
    private final double[] bases; // the optimizers' rates at the start
    private volatile boolean stopped;

    private Trainer(Builder builder, List<Optimizer> optimizers, Dataset train) {
        this.model = builder.model;
        this.state = new TrainingState(model, optimizers);
        this.optimizer = optimizers.get(0);
        this.train = train;
        this.epochs = builder.epochs;
        this.batchSize = builder.batchSize;
        this.seed = builder.seed;
        this.shuffled = builder.shuffled;
        this.recorded = builder.recorded;
        this.opByOp = builder.opByOp;
        this.explanation = builder.explanation;
        this.schedule = builder.schedule;
        this.stepSchedule = builder.stepSchedule;
        this.plateau = builder.plateau;
        this.step = builder.step();
        this.measurement = builder.measurement();
        this.metric = builder.metric;
        this.earlyStopping = builder.patience == 0 ? null : new EarlyStopping(state, builder.patience);
        this.device = builder.device;
        this.listeners = List.copyOf(builder.listeners);
        this.preparations = List.copyOf(builder.preparations);
        this.bases = optimizers.stream().mapToDouble(Optimizer::learningRate).toArray();
    }

    /**
     * Settings for a trainer of a model.
     *
     * @param model the model; its parameters must be on the device of the training
     * @return settings: cross-entropy of the model's scores, one epoch, batches of 64, shuffled, seed 0, the default device, steps
     *     recorded
     */
    public static Builder of(Module model) {
        return new Builder(model);
    }

    /**
     * Trains. To be called once.
     *
     * @return what each epoch brought; fewer than asked for after {@link #stop} or with {@link Builder#earlyStopping}
     * @throws DivergedException if a loss is not finite; the model is then as it was before that epoch
     */
    public List<EpochResult> run() {
        if (results.isEmpty()) {
            preparations.forEach(preparation -> preparation.accept(this));
        }
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

    /**
     * The learning rate of the first optimizer.
     *
     * @return that of the step that is running or was the last; before the first, that of the first
     */
    public double learningRate() {
        return optimizer.learningRate();
    }

    private void stepRecorded(Plan plan) {
        listeners.forEach(listener -> listener.stepRecorded(plan));
    }

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

    private double eagerStep(Batch batch) {
        try (Scope scope = new Scope()) {
            return step.apply(batch).item();
        }
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

    /**
     * What the test metric of the results is.
     *
     * @return for a classifier {@code "accuracy"}; empty if only a loss is measured
     */
    public String metric() {
        return metric;
    }

    /**
     * The norm of the gradients that the last step left, those of all optimizers together: as the optimizers used them, so after
     * clipping. Between steps, for example by {@link TrainerListener#batchDone}.
     *
     * @return {@code >= 0}; 0 before the first step
     */
    public double gradientNorm() {
        double squares = 0;
        for (Optimizer each : state.optimizers()) {
            double norm = each.gradientNorm();
            squares += norm * norm;
        }
        return Math.sqrt(squares);
    }

    /**
     * Writes all that is needed to go on from the last epoch with the same bits: see {@link #resume}. Between epochs only, for
     * example by {@link TrainerListener#epochDone}. The file takes the place of an older one when it is complete.
     *
     * @param file a safetensors file
     * @throws IOException if it cannot be written
     */
    public void save(Path file) throws IOException {
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

    /**
     * Goes on from where another training of the same model, data and settings was, with the same bits as without the
     * interruption. Before {@link #run}.
     *
     * @param file what {@link #save} wrote
     * @throws IOException if it cannot be read, or is of a training with another model or other settings
     */
    public void resume(Path file) throws IOException {
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
        if (rates.length != bases.length) {
            throw new ShapeException("checkpoint: of " + rates.length + " optimizers, there are " + bases.length);
        }
        double[] done = checkpoint.get(EPOCHS);
        state.restore(checkpoint.tensors());
        for (int i = 0; i < rates.length; i++) {
            bases[i] = checkpoint.get(BASES)[i];
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

    /** Ends training after the step that is running; may be called from any thread. */
    public void stop() {
        stopped = true;
    }

    /**
     * Whether {@link #stop} was called.
     *
     * @return true if so
     */
    public boolean stopped() {
        return stopped;
    }

    /** Settings of a trainer. */
    public static final class Builder {
        private final Module model;
        private final List<TrainerListener> listeners = new ArrayList<>();
        private final List<Consumer<Trainer>> preparations = new ArrayList<>();
        private Loss loss = Loss.crossEntropy();
        private List<Optimizer> optimizers = List.of();
        private @Nullable Function<Batch, Tensor> objective;
        private @Nullable Function<Batch, Tensor> wholeStep;
        private @Nullable Dataset train;
        private @Nullable Dataset test;
        private int epochs = 1;
        private int batchSize = 64;
        private long seed;
        private boolean shuffled = true;
        private boolean recorded = true;
        private BooleanSupplier opByOp = () -> false;
        private @Nullable Consumer<Plan> explanation;
        private @Nullable Schedule schedule;
        private @Nullable Schedule stepSchedule;
        private @Nullable ReduceOnPlateau plateau;
        private double clip = Double.POSITIVE_INFINITY;
        private int patience;
        private @Nullable Supplier<Score> ownMeasurement;
        private String metric = "accuracy";
        private Device device = Device.defaultDevice();

        private Builder(Module model) {
            this.model = model;
        }

        /**
         * Sets the loss of a model whose output it compares with what batches hold.
         *
         * @param value the loss
         * @return this
         */
        public Builder loss(Loss value) {
            loss = value;
            return this;
        }

        /**
         * Sets what is to be made small, in place of a {@link #loss} of the model's output: for example, how far the output is
         * from the input. What is measured on test data must be said, too: {@link #measure}.
         *
         * @param value the mean loss of a batch, one element, of a forward pass of the model
         * @return this
         */
        public Builder objective(Function<Batch, Tensor> value) {
            objective = value;
            return this;
        }

        /**
         * Sets all that a step does, in place of forward pass, {@link #objective}, backward pass, clipping and the first
         * optimizer's step: for models of parts that learn against each other.
         *
         * @param value takes the step and gives the loss to be shown, one element
         * @return this
         */
        public Builder step(Function<Batch, Tensor> value) {
            wholeStep = value;
            return this;
        }

        /**
         * Sets the optimizer; needed. There are several only with a {@link #step} of one's own; a schedule is for all of them.
         *
         * @param values optimizers of the model, or of its parts
         * @return this
         */
        public Builder optimizer(Optimizer... values) {
            optimizers = List.of(values);
            return this;
        }

        /**
         * Sets the training data; needed.
         *
         * @param value the examples
         * @return this
         */
        public Builder train(Dataset value) {
            train = value;
            return this;
        }

        /**
         * Sets the test data, measured after each epoch.
         *
         * @param value the examples
         * @return this
         */
        public Builder test(Dataset value) {
            test = value;
            return this;
        }

        /**
         * Sets what is measured after each epoch, in place of a classifier's loss and accuracy on the {@link #test} data.
         *
         * @param name what the second figure is, for example {@code "iou"}; empty for a loss alone
         * @param value measures the model, which is not in training meanwhile
         * @return this
         */
        public Builder measure(String name, Supplier<Score> value) {
            metric = name;
            ownMeasurement = value;
            return this;
        }

        /**
         * Sets the number of passes over the training data.
         *
         * @param value {@code >= 1}
         * @return this
         */
        public Builder epochs(int value) {
            epochs = positive("epochs", value);
            return this;
        }

        /**
         * Sets the number of examples per step.
         *
         * @param value {@code >= 1}
         * @return this
         */
        public Builder batchSize(int value) {
            batchSize = positive("batch size", value);
            return this;
        }

        /**
         * Sets the seed of the shuffling.
         *
         * @param value any number
         * @return this
         */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * Sets whether each epoch has an order of its own. Where a step goes on from what the one before left in the model's
         * buffers, as with the state of a recurrent network, the examples must come in their own order.
         *
         * @param value false for the order of the data set; at first true
         * @return this
         */
        public Builder shuffle(boolean value) {
            shuffled = value;
            return this;
        }

        /**
         * Sets whether steps are recorded once and then run with one call each (see {@link Plan}). The losses have the same bits. A
         * step that does not do the same each time, or draws numbers in Java, cannot be recorded.
         *
         * @param value false to run op by op; at first true
         * @return this
         */
        public Builder recorded(boolean value) {
            recorded = value;
            return this;
        }

        /**
         * Lets steps run op by op for a while, although later ones are recorded, so that somebody can {@linkplain
         * org.nautile.backend.Backend#observe observe} them. The losses are those of recorded steps,
         * as near as a {@link Plan} keeps to its step.
         *
         * @param value asked before each step; at first false
         * @return this
         */
        public Builder opByOpWhile(BooleanSupplier value) {
            opByOp = value;
            return this;
        }

        /**
         * Lets somebody see what recorded steps consist of, and what takes how long.
         *
         * @param value is given each plan when training ends, {@linkplain Plan#measure measured}; it is then closed
         * @return this
         */
        public Builder explain(Consumer<Plan> value) {
            explanation = value;
            return this;
        }

        /**
         * Sets how the learning rate changes from epoch to epoch.
         *
         * @param value gives the rate of an epoch; its base is the optimizer's rate at the start
         * @return this
         */
        public Builder schedule(Schedule value) {
            schedule = value;
            return this;
        }

        /**
         * Sets how the learning rate changes from step to step.
         *
         * @param value gives the rate of a step; its base is the optimizer's rate at the start
         * @return this
         */
        public Builder scheduleSteps(Schedule value) {
            stepSchedule = value;
            return this;
        }

        /**
         * Lets the learning rate of the first optimizer fall when the loss does no more: the test loss, or without test data that
         * of the training.
         *
         * @param value the rule; remembers the losses of one training
         * @return this
         */
        public Builder reduceOnPlateau(ReduceOnPlateau value) {
            plateau = value;
            return this;
        }

        /**
         * Scales the gradients down where their norm is too large: {@link org.nautile.nn.FlatParameters#clipGradNorm}.
         *
         * @param maxNorm the largest norm, {@code >= 0}; at first infinite
         * @return this
         */
        public Builder clipGradNorm(double maxNorm) {
            if (!(maxNorm >= 0)) {
                throw new IllegalArgumentException("norm " + maxNorm + " is not >= 0");
            }
            clip = maxNorm;
            return this;
        }

        /**
         * Ends training when the loss does not fall any more, and puts back the weights of the best epoch: by the test loss, or
         * without a measurement by that of the training.
         *
         * @param epochs after so many without a lower loss, {@code >= 1}
         * @return this
         */
        public Builder earlyStopping(int epochs) {
            patience = positive("early stopping", epochs);
            return this;
        }

        /**
         * Sets the device.
         *
         * @param value where the model's parameters are
         * @return this
         */
        public Builder device(Device value) {
            device = value;
            return this;
        }

        /**
         * Adds a listener.
         *
         * @param value is told how training goes
         * @return this
         */
        public Builder listener(TrainerListener value) {
            listeners.add(value);
            return this;
        }

        /**
         * Adds what is done before the first epoch; not when a training is resumed.
         *
         * @param value is given the trainer, for example to {@link LearningRateFinder#find}
         * @return this
         */
        public Builder before(Consumer<Trainer> value) {
            preparations.add(value);
            return this;
        }

        /**
         * The trainer.
         *
         * @return a trainer with these settings
         * @throws IllegalStateException if the optimizer or the training data are missing, or there is more than one rule for
         *     the learning rate
         */
        public Trainer build() {
            if (optimizers.isEmpty() || train == null) {
                throw new IllegalStateException("a trainer wants an optimizer and training data");
            }
            if (optimizers.size() > 1 && wholeStep == null) {
                throw new IllegalStateException("a trainer of several optimizers wants a step");
            }
            if (Stream.of(schedule, stepSchedule, plateau)
                            .filter(Objects::nonNull)
                            .count()
                    > 1) {
                throw new IllegalStateException("a trainer wants one schedule: by epoch, by step or on a plateau");
            }
            return new Trainer(this, optimizers, train);
        }

        private Function<Batch, Tensor> step() {
            if (wholeStep != null) {
                return wholeStep;
            }
            Function<Batch, Tensor> goal =
                    objective != null ? objective : batch -> loss.of(model.forward(batch.x()), batch.y());
            Optimizer one = optimizers.get(0);
            return batch -> {
                one.clearGradients();
                Tensor value = forward(goal, batch);
                Autograd.backward(value);
                if (clip < Double.POSITIVE_INFINITY) {
                    model.flatten().clipGradNorm(clip);
                }
                one.step();
                return value;
            };
        }

        private static Tensor forward(Function<Batch, Tensor> goal, Batch batch) {
            try (Phase.Span phase = Phase.FORWARD.begin()) {
                return goal.apply(batch);
            }
        }

        private @Nullable Supplier<Score> measurement() {
            Supplier<Score> own = ownMeasurement;
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
            Dataset data = test;
            return data == null
                    ? null
                    : () -> {
                        Evaluation found = Evaluation.of(model, loss, data, device);
                        return new Score(found.loss(), found.accuracy());
                    };
        }

        private static int positive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " " + value + "; at least 1 is needed");
            }
            return value;
        }
    }
}
