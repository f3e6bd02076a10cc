package org.nautile.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.data.Dataset;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;

/**
 * Trains a classifier: for each epoch, one step (forward, loss, backward, optimizer) per mini-batch of the shuffled
 * training data, then a measurement on the test data. Prints nothing; {@link TrainerListener}s are told.
 */
public final class Trainer {
    private static final int EVALUATION_BATCH = 1000;

    private final Module model;
    private final Loss loss;
    private final Optimizer optimizer;
    private final Dataset train;
    private final @Nullable Dataset test;
    private final int epochs;
    private final int batchSize;
    private final long seed;
    private final boolean recorded;
    private final @Nullable Schedule schedule;
    private final @Nullable Schedule stepSchedule;
    private final @Nullable ReduceOnPlateau plateau;
    private final double clip;
    private final Device device;
    private final List<TrainerListener> listeners;
    private volatile boolean stopped;

    private Trainer(Builder builder, Optimizer optimizer, Dataset train) {
        this.model = builder.model;
        this.loss = builder.loss;
        this.optimizer = optimizer;
        this.train = train;
        this.test = builder.test;
        this.epochs = builder.epochs;
        this.batchSize = builder.batchSize;
        this.seed = builder.seed;
        this.recorded = builder.recorded;
        this.schedule = builder.schedule;
        this.stepSchedule = builder.stepSchedule;
        this.plateau = builder.plateau;
        this.clip = builder.clip;
        this.device = builder.device;
        this.listeners = List.copyOf(builder.listeners);
    }

    /**
     * Settings for a trainer of a model.
     *
     * @param model the model; its parameters must be on the device of the training
     * @return settings: cross-entropy, one epoch, batches of 64, seed 0, the default device, steps not recorded
     */
    public static Builder of(Module model) {
        return new Builder(model);
    }

    /**
     * Trains.
     *
     * @return what each epoch brought; fewer than asked for after {@link #stop}
     */
    public List<EpochResult> run() {
        List<EpochResult> results = new ArrayList<>();
        double base = optimizer.learningRate();
        try (DataLoader loader = new DataLoader(train, batchSize, device, true, seed);
                RecordedStep recordedStep = new RecordedStep(device, this::step)) {
            ToDoubleFunction<Batch> step = recorded ? recordedStep::take : this::eagerStep;
            listeners.forEach(listener -> listener.started(epochs, loader.batches()));
            for (int epoch = 1; epoch <= epochs && !stopped; epoch++) {
                if (schedule != null) {
                    optimizer.setLearningRate(schedule.rate(base, epoch - 1));
                }
                EpochResult result = epoch(epoch, loader, step, base);
                if (!stopped) {
                    results.add(result);
                    if (plateau != null) {
                        double loss = test == null ? result.trainLoss() : result.testLoss();
                        optimizer.setLearningRate(plateau.next(optimizer.learningRate(), loss));
                    }
                    listeners.forEach(listener -> listener.epochDone(result));
                }
            }
        }
        listeners.forEach(listener -> listener.finished(results));
        return results;
    }

    private EpochResult epoch(int epoch, DataLoader loader, ToDoubleFunction<Batch> step, double base) {
        model.train(true);
        long start = System.nanoTime();
        double sum = 0;
        long samples = 0;
        int batch = 0;
        for (Batch part : loader.epoch(epoch)) {
            try (part) {
                if (stepSchedule != null) {
                    long time = (epoch - 1L) * loader.batches() + batch;
                    optimizer.setLearningRate(stepSchedule.rate(base, time));
                }
                double value = step.applyAsDouble(part);
                sum += value * part.size();
                samples += part.size();
                int number = ++batch;
                listeners.forEach(listener -> listener.batchDone(epoch, number, value));
            }
            if (stopped) {
                break;
            }
        }
        device.backend().synchronize();
        double seconds = (System.nanoTime() - start) * 1e-9;
        double rate = optimizer.learningRate();
        double trainLoss = samples == 0 ? Double.NaN : sum / samples;
        if (test == null || stopped) {
            return new EpochResult(epoch, rate, trainLoss, Double.NaN, Double.NaN, seconds, samples / seconds);
        }
        Evaluation measured = evaluate(model, loss, test, device);
        return new EpochResult(
                epoch, rate, trainLoss, measured.loss(), measured.accuracy(), seconds, samples / seconds);
    }

    /** Forward, loss, backward, clipping, optimizer; gives the loss. */
    private Tensor step(Batch batch) {
        optimizer.clearGradients();
        Tensor value = loss.of(model.forward(batch.x()), batch.y());
        Autograd.backward(value);
        if (clip < Double.POSITIVE_INFINITY) {
            model.flatten().clipGradNorm(clip);
        }
        optimizer.step();
        return value;
    }

    private double eagerStep(Batch batch) {
        try (Scope scope = new Scope()) {
            return step(batch).item();
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

    /**
     * Measures a classifier.
     *
     * @param model gives class scores [N, C]
     * @param loss of scores and labels, a mean over the batch
     * @param dataset the examples, at least one
     * @param device where the model's parameters are
     * @return loss, accuracy and all answers
     */
    public static Evaluation evaluate(Module model, Loss loss, Dataset dataset, Device device) {
        boolean before = model.training();
        model.train(false);
        int size = dataset.size();
        int[] labels = new int[size];
        int[] predictions = new int[size];
        float[][] scores = new float[size][];
        double sum = 0;
        int done = 0;
        int right = 0;
        try (Autograd.Pause pause = Autograd.noGrad();
                DataLoader loader = new DataLoader(dataset, EVALUATION_BATCH, device, false, 0)) {
            for (Batch batch : loader.epoch(1)) {
                try (batch;
                        Scope scope = new Scope()) {
                    Tensor output = model.forward(batch.x());
                    sum += loss.of(output, batch.y()).item() * batch.size();
                    float[] all = output.toFloatArray();
                    long[] truth = batch.y().toLongArray();
                    int classes = all.length / batch.size();
                    for (int i = 0; i < batch.size(); i++, done++) {
                        scores[done] = java.util.Arrays.copyOfRange(all, i * classes, (i + 1) * classes);
                        labels[done] = (int) truth[i];
                        predictions[done] = argmax(scores[done]);
                        right += predictions[done] == labels[done] ? 1 : 0;
                    }
                }
            }
        }
        model.train(before);
        return new Evaluation(sum / size, (double) right / size, labels, predictions, scores);
    }

    private static int argmax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    /** Settings of a trainer. */
    public static final class Builder {
        private final Module model;
        private final List<TrainerListener> listeners = new ArrayList<>();
        private Loss loss = Loss.crossEntropy();
        private @Nullable Optimizer optimizer;
        private @Nullable Dataset train;
        private @Nullable Dataset test;
        private int epochs = 1;
        private int batchSize = 64;
        private long seed;
        private boolean recorded;
        private @Nullable Schedule schedule;
        private @Nullable Schedule stepSchedule;
        private @Nullable ReduceOnPlateau plateau;
        private double clip = Double.POSITIVE_INFINITY;
        private Device device = Device.defaultDevice();

        private Builder(Module model) {
            this.model = model;
        }

        /**
         * Sets the loss.
         *
         * @param value the loss
         * @return this
         */
        public Builder loss(Loss value) {
            loss = value;
            return this;
        }

        /**
         * Sets the optimizer; needed.
         *
         * @param value an optimizer of the model
         * @return this
         */
        public Builder optimizer(Optimizer value) {
            optimizer = value;
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
         * Sets whether steps are recorded once and then run with one call each (see {@link org.nautile.Plan}): for models
         * whose forward pass does the same in every step and draws nothing at random. The losses have the same bits.
         *
         * @param value true to record; at first false
         * @return this
         */
        public Builder recorded(boolean value) {
            recorded = value;
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
         * Lets the learning rate fall when the loss does no more: the test loss, or without test data that of the training.
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
         * The trainer.
         *
         * @return a trainer with these settings
         * @throws IllegalStateException if the optimizer or the training data are missing, or there is more than one rule for
         *     the learning rate
         */
        public Trainer build() {
            if (optimizer == null || train == null) {
                throw new IllegalStateException("a trainer wants an optimizer and training data");
            }
            if (Stream.of(schedule, stepSchedule, plateau)
                            .filter(Objects::nonNull)
                            .count()
                    > 1) {
                throw new IllegalStateException("a trainer wants one schedule: by epoch, by step or on a plateau");
            }
            return new Trainer(this, optimizer, train);
        }

        private static int positive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " " + value + "; at least 1 is needed");
            }
            return value;
        }
    }
}
