package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.nautile.models.charts.Picture;
import org.nautile.models.tensorboard.EventFile;
import org.nautile.optim.EpochResult;
import org.nautile.optim.TrainerListener;

/**
 * A training as TensorBoard shows it: its settings, the losses and the speed of steps, what each epoch brought, pictures. The steps
 * of a resumed training go on where those before ended.
 */
final class TensorBoardLog implements TrainerListener, AutoCloseable {
    private static final int POINTS = 200; // of an epoch, at most
    private static final long FLUSH_NANOS = 1_000_000_000;

    private final Path folder;
    private final int batchSize;
    private final Supplier<Map<String, ?>> settings;
    private final Supplier<String> metric;
    private final DoubleSupplier learningRate;
    private @Nullable EventFile file;
    private int batches = 1;
    private long steps; // done
    private long first = 1; // step of this training, or of what it resumes
    private double losses; // the sum since the last point
    private int count;
    private long since; // when the first of the steps began whose speed is the next point's
    private int timed;
    private long flushed = System.nanoTime();

    /**
     * A log, whose file is made with the first step.
     *
     * @param folder where it goes, which is there
     * @param settings what else TensorBoard should show, by name
     * @param metric what {@link org.nautile.optim.Trainer#metric} says
     * @param learningRate of the last step
     */
    TensorBoardLog(
            Path folder,
            int batchSize,
            Supplier<Map<String, ?>> settings,
            Supplier<String> metric,
            DoubleSupplier learningRate) {
        this.folder = folder;
        this.batchSize = batchSize;
        this.settings = settings;
        this.metric = metric;
        this.learningRate = learningRate;
    }

    /** What may fail because of the disk. */
    @FunctionalInterface
    private interface Writing {
        void to(EventFile events) throws IOException;
    }

    private void write(Writing writing) {
        try {
            if (file == null) {
                file = new EventFile(folder, first);
                file.text("settings", first, markdown(settings.get()));
            }
            writing.to(file);
        } catch (IOException e) {
            throw OutputFiles.failure(file == null ? folder : file.file(), e);
        }
    }

    /** A table of two columns. */
    private static String markdown(Map<String, ?> settings) {
        StringBuilder table = new StringBuilder("| setting | value |\n| --- | --- |\n");
        settings.forEach((name, value) -> table.append("| ")
                .append(name)
                .append(" | ")
                .append(String.valueOf(value).replace("|", "\\|"))
                .append(" |\n"));
        return table.toString();
    }

    @Override
    public void started(int epochs, int batchCount) {
        batches = Math.max(1, batchCount);
    }

    @Override
    public void resumed(List<EpochResult> done) {
        steps = (long) done.size() * batches;
        first = steps + 1;
    }

    @Override
    public void batchDone(int epoch, int batch, double loss) {
        long now = System.nanoTime();
        steps++;
        losses += loss;
        count++;
        if (batch == 1) {
            since = now; // when the first step began is not known
            timed = 0;
        } else {
            timed++;
        }
        int every = (batches + POINTS - 1) / POINTS;
        if (batch % every == 0 || batch == batches) {
            point(now, batch);
        }
    }

    private void point(long now, int batch) {
        write(events -> {
            events.scalar("step/loss", steps, losses / count);
            events.scalar("step/learning_rate", steps, learningRate.getAsDouble());
            if (timed > 0 && batch < batches) { // the last batch may be smaller
                events.scalar("step/samples_per_second", steps, 1e9 * timed * batchSize / (now - since));
            }
            if (now - flushed > FLUSH_NANOS) {
                flushed = now;
                events.flush();
            }
        });
        losses = 0;
        count = 0;
        since = now;
        timed = 0;
    }

    @Override
    public void epochDone(EpochResult result) {
        write(events -> {
            events.scalar("epoch/train_loss", steps, result.trainLoss());
            if (!Double.isNaN(result.testLoss())) {
                events.scalar("epoch/test_loss", steps, result.testLoss());
            }
            if (!Double.isNaN(result.testMetric())) {
                events.scalar("epoch/test_" + metric.get(), steps, result.testMetric());
            }
            events.scalar("epoch/learning_rate", steps, result.learningRate());
            events.scalar("epoch/samples_per_second", steps, result.samplesPerSecond());
            events.flush();
        });
    }

    /** Shows a picture that is in a file. */
    void picture(Path png, Picture picture) {
        String name = String.valueOf(png.getFileName());
        if (name.endsWith(".png")) {
            write(events -> events.image(
                    "pictures/" + name.substring(0, name.length() - ".png".length()),
                    steps,
                    Files.readAllBytes(png),
                    Picture.SCALE * picture.width(),
                    Picture.SCALE * picture.height()));
        }
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw OutputFiles.failure(folder, e);
        }
    }
}
