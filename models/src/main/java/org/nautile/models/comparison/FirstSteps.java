package org.nautile.models.comparison;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.models.Run;
import org.nautile.models.charts.Picture;
import org.nautile.nn.Module;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Score;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;

/** A run that ends when enough steps are taken, measures nothing on test data, and shows nothing. */
public final class FirstSteps implements Run {
    /**
     * What is trained how.
     *
     * @param device where
     * @param epochs passes over the data, which schedules of the learning rate go by; the steps may need more or fewer
     * @param batch examples in a step
     * @param learningRate of the optimizer
     * @param seed of everything random
     * @param limit the most training examples
     * @param quick whether to use little data
     * @param data the folder for data; null where models look by themselves
     */
    public record Settings(
            Device device,
            int epochs,
            int batch,
            double learningRate,
            long seed,
            int limit,
            boolean quick,
            @Nullable Path data) {}

    private final Settings settings;
    private final IntPredicate enough;
    private final Consumer<Trainer.Builder> extra;
    private final List<Double> losses = new ArrayList<>();
    private String source = "";
    private long parameters;
    private @Nullable Trainer trainer;
    private volatile boolean stopped;

    /**
     * A run.
     *
     * @param settings what is trained how
     * @param enough is asked after each step whether so many are enough
     * @param extra what else the trainer is told
     */
    public FirstSteps(Settings settings, IntPredicate enough, Consumer<Trainer.Builder> extra) {
        this.settings = settings;
        this.enough = enough;
        this.extra = extra;
    }

    /**
     * The loss of each step.
     *
     * @return none if the model trained nothing
     */
    public double[] losses() {
        return losses.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /**
     * What the model trains on.
     *
     * @return in its own words; empty if it said nothing
     */
    public String source() {
        return source;
    }

    /**
     * How many numbers are trained.
     *
     * @return the sum of the parameters' sizes
     */
    public long parameters() {
        return parameters;
    }

    /** Ends the training after the step that is running; may be called from any thread. */
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

    @Override
    public List<EpochResult> train(Trainer.Builder builder, Module model) {
        builder.epochs(Integer.MAX_VALUE)
                .batchSize(batch())
                .seed(seed())
                .device(device())
                .measure("", () -> new Score(Double.NaN, Double.NaN));
        extra.accept(builder);
        Trainer training = builder.listener(new Counter()).build();
        trainer = training;
        training.run();
        return List.of();
    }

    /** After all other listeners: keeps the losses and ends the training. */
    private final class Counter implements TrainerListener {
        @Override
        public void batchDone(int epoch, int batch, double loss) {
            losses.add(loss);
            if ((enough.test(losses.size()) || stopped) && trainer != null) {
                trainer.stop();
            }
        }
    }

    @Override
    public Device device() {
        return settings.device();
    }

    @Override
    public int epochs() {
        return settings.epochs();
    }

    @Override
    public int batch() {
        return settings.batch();
    }

    @Override
    public double learningRate() {
        return settings.learningRate();
    }

    @Override
    public long seed() {
        return settings.seed();
    }

    @Override
    public int limit() {
        return settings.limit();
    }

    @Override
    public boolean quick() {
        return settings.quick();
    }

    @Override
    public @Nullable Path data() {
        return settings.data();
    }

    @Override
    public void describe(String data, long numbers) {
        source = data;
        parameters = numbers;
    }

    @Override
    public boolean interrupted() {
        return true; // no pictures
    }

    @Override
    public void picture(String name, Picture picture) {}

    @Override
    public void file(String name, String text) {}

    @Override
    public void say(String line) {}

    @Override
    public void result(String line) {}
}
