package org.nautile.models.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nautile.optim.EpochResult;
import org.nautile.optim.TrainerListener;

/**
 * Shows a training on a {@link LivePage}: loss, test metric, speed, memory and the norm of the gradients, against passes over the
 * data. Steps between two points are summed up: a point has the mean of their losses.
 */
public final class LiveTraining implements TrainerListener {
    private static final long INTERVAL_NANOS = 500_000_000;
    private static final long NORM_NANOS = 500_000_000; // between two norms at least, and
    private static final long NORM_SHARE = 100; // so many times as long as one takes
    private static final int UNTIMED = 2; // steps of an epoch, first and last; of such short ones there is a mean speed
    private static final int LOSS = 0; // panels
    private static final int METRIC = 1; // where there is none, the others follow at once
    private static final double MEGABYTE = 1 << 20;

    private final LivePage page;
    private final Supplier<String> metricName;
    private final int batchSize;
    private final DoubleSupplier gradientNorm;
    private final LongSupplier deviceMemory;
    private String metric = "";
    private int others = METRIC; // the first panel after those
    private int batches = 1;
    private int epoch;
    private double done; // passes over the data
    private double lossSum;
    private int steps;
    private int timed; // of the steps: not the first of an epoch, before which other things happen, nor the last
    private long timedNanos;
    private long stepEnd;
    private long shown;
    private long nextNorm;
    private long testShown;
    private @Nullable EpochResult waiting; // epochs may be shorter than anyone can look

    /**
     * For one training.
     *
     * @param page where it is shown
     * @param metric the name of what is measured on test data, empty for none; asked when training begins
     * @param batchSize the examples of a step
     * @param gradientNorm measures the gradients that the last step left; called seldom enough to cost at most a hundredth of
     *     the time
     * @param deviceMemory the bytes of the device that are in use; negative if nobody counts
     */
    public LiveTraining(
            LivePage page,
            Supplier<String> metric,
            int batchSize,
            DoubleSupplier gradientNorm,
            LongSupplier deviceMemory) {
        this.page = page;
        this.metricName = metric;
        this.batchSize = batchSize;
        this.gradientNorm = gradientNorm;
        this.deviceMemory = deviceMemory;
    }

    @Override
    public void started(int epochs, int batchCount) {
        metric = metricName.get();
        batches = Math.max(1, batchCount);
        List<LivePage.Panel> panels = new ArrayList<>(List.of(panel("Loss", "mean loss", "train", "test")));
        if (!metric.isEmpty()) {
            panels.add(panel("Test " + metric, metric, "test"));
        }
        others = panels.size();
        panels.add(panel("Speed", "examples/s", "training"));
        panels.add(panel("Memory", "MB", "process", "Java heap", "tensors on the device"));
        panels.add(panel("Norm of the gradients", "norm", "all parameters"));
        page.begin(panels);
        nextNorm = System.nanoTime();
        shown = nextNorm - INTERVAL_NANOS; // the first step is shown at once
        testShown = shown;
    }

    private static LivePage.Panel panel(String title, String yLabel, String... series) {
        return new LivePage.Panel(title, "epochs", yLabel, List.of(series));
    }

    @Override
    public void resumed(List<EpochResult> done) {
        done.forEach(result -> {
            page.add(List.of(new LivePage.Row(LOSS, result.epoch(), result.trainLoss(), Double.NaN)));
            showTest(result);
        });
    }

    @Override
    public void batchDone(int number, int batch, double loss) {
        long now = System.nanoTime();
        if (number == epoch && batch < batches) { // the last may have fewer examples
            timed++;
            timedNanos += now - stepEnd;
        }
        epoch = number;
        done = number - 1 + (double) batch / batches;
        lossSum += loss;
        steps++;
        if (now - shown >= INTERVAL_NANOS) {
            show(now);
        }
        stepEnd = System.nanoTime();
    }

    private void show(long now) {
        double x = done;
        List<LivePage.Row> rows = new ArrayList<>();
        rows.add(new LivePage.Row(LOSS, x, lossSum / steps, Double.NaN));
        if (timed > 0) {
            rows.add(new LivePage.Row(others, x, timed * (double) batchSize / (timedNanos * 1e-9)));
        }
        long device = deviceMemory.getAsLong();
        rows.add(new LivePage.Row(others + 1, x, resident(), heap(), device < 0 ? Double.NaN : device / MEGABYTE));
        if (now >= nextNorm) {
            long start = System.nanoTime();
            rows.add(new LivePage.Row(others + 2, x, gradientNorm.getAsDouble()));
            long end = System.nanoTime();
            nextNorm = end + Math.max(NORM_NANOS, NORM_SHARE * (end - start));
        }
        page.add(rows);
        shown = now;
        lossSum = 0;
        steps = 0;
        timed = 0;
        timedNanos = 0;
    }

    @Override
    public void epochDone(EpochResult result) {
        waiting = result;
        if (System.nanoTime() - testShown >= INTERVAL_NANOS) {
            showTest(result);
        }
    }

    @Override
    public void finished(List<EpochResult> results) {
        if (steps > 0) {
            show(System.nanoTime());
        }
        if (waiting != null) {
            showTest(waiting);
        }
    }

    private void showTest(EpochResult result) {
        waiting = null;
        testShown = System.nanoTime();
        if (!Double.isNaN(result.testLoss())) {
            page.add(List.of(new LivePage.Row(LOSS, result.epoch(), Double.NaN, result.testLoss())));
        }
        if (!metric.isEmpty() && !Double.isNaN(result.testMetric())) {
            page.add(List.of(new LivePage.Row(METRIC, result.epoch(), result.testMetric())));
        }
        if (batches <= UNTIMED) {
            page.add(List.of(new LivePage.Row(others, result.epoch(), result.samplesPerSecond())));
        }
    }

    /** What the process holds of the machine's memory, in MB; NaN where the system does not say. */
    private static double resident() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException | UncheckedIOException e) {
            return Double.NaN;
        }
    }

    private static double heap() {
        Runtime java = Runtime.getRuntime();
        return (java.totalMemory() - java.freeMemory()) / MEGABYTE;
    }
}
