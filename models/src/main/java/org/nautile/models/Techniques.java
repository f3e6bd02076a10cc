package org.nautile.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.data.Dataset;
import org.nautile.models.charts.LineChart;
import org.nautile.nn.Init;
import org.nautile.nn.Module;
import org.nautile.optim.Adagrad;
import org.nautile.optim.Adam;
import org.nautile.optim.AdamW;
import org.nautile.optim.LearningRateFinder;
import org.nautile.optim.Optimizer;
import org.nautile.optim.ReduceOnPlateau;
import org.nautile.optim.Rmsprop;
import org.nautile.optim.Schedule;
import org.nautile.optim.Sgd;
import org.nautile.optim.Trainer;
import picocli.CommandLine.Option;

/** The techniques of training that models take as options: {@code @Mixin Techniques techniques}. */
public final class Techniques {
    private static final double MOMENTUM = 0.9;

    /** How gradients change parameters. */
    public enum OptimizerKind {
        /** Stochastic gradient descent. */
        SGD,
        /** The same with momentum 0.9. */
        MOMENTUM,
        /** The same with Nesterov's momentum 0.9. */
        NESTEROV,
        /** Adam. */
        ADAM,
        /** Adam with decoupled weight decay. */
        ADAMW,
        /** RMSProp. */
        RMSPROP,
        /** AdaGrad. */
        ADAGRAD;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How the learning rate changes. */
    public enum ScheduleKind {
        /** Not at all. */
        CONSTANT,
        /** A tenth after each third of the epochs. */
        STEP,
        /** The same factor after each epoch, down to a hundredth in the last. */
        EXPONENTIAL,
        /** Half a cosine wave down to 0. */
        COSINE,
        /** Up in a line during the first tenth of the steps, then constant. */
        WARMUP,
        /** Up to the rate and down again, step by step. */
        ONECYCLE,
        /** Half after two epochs without a lower loss. */
        PLATEAU;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How the weights start. */
    public enum InitKind {
        /** As PyTorch's layers do. */
        DEFAULT,
        /** Glorot's normal distribution. */
        XAVIER,
        /** He's normal distribution, for ReLU. */
        HE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    OptimizerKind optimizer;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            description = "How the learning rate changes: one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    ScheduleKind schedule = ScheduleKind.CONSTANT;

    @Option(
            names = "--early-stopping",
            paramLabel = "N",
            description = "End after N epochs without a lower test loss, and keep the best weights. Default: never.")
    int patience;

    @Option(
            names = "--clip",
            paramLabel = "X",
            description = "The largest norm of all gradients together; larger ones are scaled down; Infinity: none"
                    + " are. Default: ${DEFAULT-VALUE}.")
    double clip;

    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            description = "The factor of the L2 penalty on weights. Default: ${DEFAULT-VALUE}.")
    double weightDecay;

    @Option(
            names = "--l1",
            paramLabel = "X",
            description = "The factor of the L1 penalty on weights. Default: ${DEFAULT-VALUE}.")
    double l1;

    @Option(
            names = "--init",
            paramLabel = "NAME",
            description = "How the weights start: one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    InitKind init = InitKind.DEFAULT;

    @Option(
            names = "--find-lr",
            description = "Before training, try rising learning rates, draw lr-finder.png and suggest a rate for --lr. "
                    + "Default: off.")
    boolean findRate;

    /**
     * Options.
     *
     * @param optimizer the model's own choice
     */
    public Techniques(OptimizerKind optimizer) {
        this(optimizer, Double.POSITIVE_INFINITY);
    }

    /**
     * Options of a model whose gradients are clipped if the user does not choose otherwise.
     *
     * @param optimizer the model's own choice
     * @param clip the model's own largest norm of all gradients together, {@code >= 0}
     */
    public Techniques(OptimizerKind optimizer, double clip) {
        this.optimizer = optimizer;
        this.clip = clip;
    }

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public void check() {
        Options.atLeast("--early-stopping", patience, 0);
        notNegative("--clip", clip);
        notNegative("--weight-decay", weightDecay);
        notNegative("--l1", l1);
    }

    private static void notNegative(String option, double value) {
        if (!(value >= 0)) {
            throw new IllegalArgumentException(option + " " + value + " is not a number >= 0");
        }
    }

    /**
     * A trainer with these techniques.
     *
     * @param run the settings
     * @param model what is trained; its weights are drawn again if so chosen
     * @param train the examples
     * @return lacks what is measured, and what the loss is if it is not cross-entropy
     */
    public Trainer.Builder trainer(Run run, Module model, Dataset train) {
        startWeights(model, new Generator(run.seed(), 1));
        Trainer.Builder trainer = Trainer.of(model)
                .optimizer(optimizer(model, run.learningRate()))
                .train(train);
        int epochs = run.epochs();
        long steps = (long) epochs * ((train.size() + run.batch() - 1) / run.batch());
        switch (schedule) {
            case CONSTANT -> {}
            case STEP -> trainer.schedule(Schedule.step(Math.max(1, (epochs + 2) / 3), 0.1));
            case EXPONENTIAL -> trainer.schedule(Schedule.exponential(Math.pow(0.01, 1.0 / Math.max(1, epochs - 1))));
            case COSINE -> trainer.schedule(Schedule.cosine(epochs, 0));
            case WARMUP -> trainer.scheduleSteps(Schedule.linearWarmup(0.01, Math.max(1, steps / 10)));
            case ONECYCLE -> trainer.scheduleSteps(Schedule.oneCycle(Math.max(2, steps)));
            case PLATEAU -> trainer.reduceOnPlateau(new ReduceOnPlateau(0.5, 2, 1e-4, 0));
        }
        if (patience > 0) {
            trainer.earlyStopping(patience);
        }
        if (findRate) {
            trainer.before(built -> suggestRate(run, LearningRateFinder.find(built)));
        }
        return trainer.clipGradNorm(clip);
    }

    private static void suggestRate(Run run, LearningRateFinder.Result found) {
        String line = String.format(Locale.ROOT, "learning-rate finder: --lr %.1g may be good", found.suggestion());
        run.say(line);
        try {
            run.picture(
                    "lr-finder.png",
                    new LineChart("Learning-rate finder", "learning rate", "loss, smoothed")
                            .add("loss", found.rates(), found.losses())
                            .logarithmicX());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The chosen optimizer.
     *
     * @param model what it trains
     * @param rate the learning rate
     * @return with the chosen penalties
     */
    public Optimizer optimizer(Module model, double rate) {
        Optimizer chosen = switch (optimizer) {
            case SGD -> new Sgd(model, rate, 0, 0, weightDecay, false);
            case MOMENTUM -> new Sgd(model, rate, MOMENTUM, 0, weightDecay, false);
            case NESTEROV -> new Sgd(model, rate, MOMENTUM, 0, weightDecay, true);
            case ADAM -> new Adam(model, rate, 0.9, 0.999, 1e-8, weightDecay);
            case ADAMW -> new AdamW(model, rate, 0.9, 0.999, 1e-8, weightDecay);
            case RMSPROP -> new Rmsprop(model, rate, 0.99, 1e-8, weightDecay, 0, false);
            case ADAGRAD -> new Adagrad(model, rate, 0, weightDecay, 0, 1e-10);
        };
        chosen.setL1(l1);
        chosen.setPenaltiesOnMatricesOnly(true);
        return chosen;
    }

    private void startWeights(Module model, Generator random) {
        if (init == InitKind.DEFAULT) {
            return;
        }
        model.parameters().values().forEach(parameter -> {
            Tensor value = parameter.value();
            if (value.shape().rank() < 2) {
                return; // biases, and the scales of norms
            }
            if (init == InitKind.XAVIER) {
                Init.xavierNormal(value, Init.LINEAR, random);
            } else {
                Init.kaimingNormal(value, Init.Fan.IN, Init.RELU, random);
            }
        });
    }
}
