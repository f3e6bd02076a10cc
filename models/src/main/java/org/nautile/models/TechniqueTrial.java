package org.nautile.models;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.data.Dataset;
import org.nautile.models.charts.LineChart;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;
import org.nautile.optim.DivergedException;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Evaluation;
import org.nautile.optim.Optimizer;
import org.nautile.optim.Score;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;

/**
 * A technique of training, tried: small trainings that differ in nothing else, and what is said to come of it.
 *
 * @param name the technique
 * @param figure what is compared
 * @param claim whether the first outcome, without the technique, and another one, with it, are as the course says
 * @param run trains without the technique (the first outcome) and with it (all others)
 */
public record TechniqueTrial(
        String name, String figure, BiPredicate<Outcome, Outcome> claim, Function<Setting, List<Outcome>> run) {
    private static final int POINTS = 24;
    private static final double NOT_DRAWN = 2 * Math.log(10); // twice the loss of guessing among ten: diverging

    /**
     * What is trained on.
     *
     * @param train flattened images
     * @param test others
     * @param seed of weights and shuffling
     */
    public record Setting(Dataset train, Dataset test, long seed) {}

    /**
     * What a training brought.
     *
     * @param name what was used in it
     * @param x steps or epochs
     * @param y the figure at each; infinite where the training had diverged
     * @param last the figure at the end
     */
    public record Outcome(String name, double[] x, double[] y, double last) {
        /**
         * The least of all figures.
         *
         * @return infinite if all are
         */
        public double least() {
            return DoubleStream.of(y).min().orElse(Double.POSITIVE_INFINITY);
        }
    }

    /**
     * Draws the figure as it changes in training.
     *
     * @param outcomes of a run
     * @return a small chart
     */
    public LineChart chart(List<Outcome> outcomes) {
        double[] longest = outcomes.stream()
                .map(Outcome::x)
                .max((a, b) -> Double.compare(a[a.length - 1], b[b.length - 1]))
                .orElseThrow();
        boolean epochs = longest.length != POINTS;
        LineChart chart = new LineChart(name, epochs ? "epoch" : "step", figure)
                .size(540, 300)
                .legendOutside();
        double most = figure.contains("loss") ? NOT_DRAWN : Double.POSITIVE_INFINITY;
        for (Outcome outcome : outcomes) {
            double[] drawn = DoubleStream.of(outcome.y())
                    .map(y -> y <= most ? y : Double.NaN)
                    .toArray();
            chart.add(outcome.name(), outcome.x(), drawn);
        }
        return chart;
    }

    /** A small training: a model, an optimizer, and what else is asked for. */
    static final class Training {
        private final Setting setting;
        private final String name;
        private final Sequential model;
        private final Trainer.Builder trainer;
        private final int epochs;
        private final int batch;

        Training(Setting setting, String name, Sequential model, Optimizer optimizer, int epochs, int batch) {
            this.setting = setting;
            this.name = name;
            this.model = model;
            this.epochs = epochs;
            this.batch = batch;
            this.trainer = Trainer.of(model)
                    .optimizer(optimizer)
                    .train(setting.train())
                    .epochs(epochs)
                    .batchSize(batch)
                    .seed(setting.seed());
        }

        /** For further settings. */
        Training with(Consumer<Trainer.Builder> settings) {
            settings.accept(trainer);
            return this;
        }

        /** Trains; the figure is the loss of the training batches, in means over parts of the training. */
        Outcome losses() {
            int steps = epochs * ((setting.train().size() + batch - 1) / batch);
            double[] losses = new double[steps];
            Arrays.fill(losses, Double.POSITIVE_INFINITY);
            int[] done = new int[1];
            trainer.listener(new TrainerListener() {
                @Override
                public void batchDone(int epoch, int number, double loss) {
                    losses[done[0]++] = loss;
                }
            });
            run();
            int points = Math.min(POINTS, steps);
            double[] x = new double[points];
            double[] y = new double[points];
            for (int i = 0; i < points; i++) {
                int from = i * steps / points;
                int to = (i + 1) * steps / points;
                x[i] = to;
                y[i] = Arrays.stream(losses, from, to).average().orElseThrow();
            }
            return new Outcome(name, x, y, y[points - 1]);
        }

        /** Trains; the figure is what this says of the model after each epoch, and at the end. */
        Outcome measured(ToDoubleFunction<Sequential> figure) {
            trainer.measure("figure", () -> new Score(loss(model, setting.test()), figure.applyAsDouble(model)));
            List<EpochResult> results = run();
            double[] y = new double[results.size()];
            for (int i = 0; i < y.length; i++) {
                y[i] = results.get(i).testMetric();
            }
            double[] x = IntStream.rangeClosed(1, y.length).asDoubleStream().toArray();
            model.train(false);
            return new Outcome(name, x, y, y.length == 0 ? Double.POSITIVE_INFINITY : figure.applyAsDouble(model));
        }

        private List<EpochResult> run() {
            List<EpochResult> results = new ArrayList<>();
            trainer.listener(new TrainerListener() {
                @Override
                public void epochDone(EpochResult result) {
                    results.add(result);
                }
            });
            try {
                trainer.build().run();
            } catch (DivergedException e) {
                return results; // an outcome like others
            }
            return results;
        }
    }

    /** The loss of a model in use. */
    static double loss(Sequential model, Dataset data) {
        return Evaluation.of(model, Loss.crossEntropy(), data, Device.defaultDevice())
                .loss();
    }
}
