package org.nautile.optim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Plan;
import org.nautile.Tensor;
import org.nautile.data.Batch;
import org.nautile.data.Dataset;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;

/**
 * Trains a model: for each epoch, one step (forward, loss, backward, optimizer) per mini-batch of the training data, shuffled
 * unless told otherwise, then a measurement on the test data. A classifier needs a {@link Loss} for both; other models give their
 * own objective and measurement. Prints nothing; {@link TrainerListener}s are told.
 */
public final class Trainer {
    private final TrainingLoop loop;
    private final List<Consumer<Trainer>> preparations;
    private final String metric;

    private Trainer(Builder builder, List<Optimizer> optimizers, Dataset train) {
        this.loop = new TrainingLoop(builder, optimizers, train);
        this.preparations = List.copyOf(builder.preparations);
        this.metric = builder.metric;
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
        if (loop.isNew()) {
            preparations.forEach(preparation -> preparation.accept(this));
        }
        return loop.run();
    }

    /**
     * The learning rate of the first optimizer.
     *
     * @return that of the step that is running or was the last; before the first, that of the first
     */
    public double learningRate() {
        return loop.optimizer().learningRate();
    }

    /** The steps of an epoch. */
    int batches() {
        return loop.batches();
    }

    /** See {@link TrainingLoop#tryRates}. */
    void tryRates(double[] rates, DoublePredicate goesOn) {
        loop.tryRates(rates, goesOn);
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
        return loop.gradientNorm();
    }

    /**
     * Writes all that is needed to go on from the last epoch with the same bits: see {@link #resume}. Between epochs only, for
     * example by {@link TrainerListener#epochDone}. The file takes the place of an older one when it is complete.
     *
     * @param file a safetensors file
     * @throws IOException if it cannot be written
     */
    public void save(Path file) throws IOException {
        loop.save(file);
    }

    /**
     * Goes on from where another training of the same model, data and settings was, with the same bits as without the
     * interruption. Before {@link #run}.
     *
     * @param file what {@link #save} wrote
     * @throws IOException if it cannot be read, or is of a training with another model or other settings
     */
    public void resume(Path file) throws IOException {
        loop.resume(file);
    }

    /** Ends training after the step that is running; may be called from any thread. */
    public void stop() {
        loop.stop();
    }

    /**
     * Whether {@link #stop} was called.
     *
     * @return true if so
     */
    public boolean stopped() {
        return loop.stopped();
    }

    /** Settings of a trainer. */
    public static final class Builder {
        // read by TrainingLoop
        final Module model;
        final List<TrainerListener> listeners = new ArrayList<>();
        final List<Consumer<Trainer>> preparations = new ArrayList<>();
        Loss loss = Loss.crossEntropy();
        List<Optimizer> optimizers = List.of();

        @Nullable
        Function<Batch, Tensor> objective;

        @Nullable
        Function<Batch, Tensor> wholeStep;

        @Nullable
        Dataset train;

        @Nullable
        Dataset test;

        int epochs = 1;
        int batchSize = 64;
        long seed;
        boolean shuffled = true;
        boolean recorded = true;
        BooleanSupplier opByOp = () -> false;

        @Nullable
        Consumer<Plan> explanation;

        @Nullable
        Schedule schedule;

        @Nullable
        Schedule stepSchedule;

        @Nullable
        ReduceOnPlateau plateau;

        double clip = Double.POSITIVE_INFINITY;
        int patience;

        @Nullable
        Supplier<Score> ownMeasurement;

        String metric = "accuracy";
        Device device = Device.defaultDevice();

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

        private static int positive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " " + value + "; at least 1 is needed");
            }
            return value;
        }
    }
}
