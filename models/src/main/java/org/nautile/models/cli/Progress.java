package org.nautile.models.cli;

import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.nautile.optim.EpochResult;
import org.nautile.optim.TrainerListener;

/** Shows how training goes: a line per epoch, and on a terminal a bar while it runs. */
final class Progress implements TrainerListener, AutoCloseable {
    private static final long REDRAW_NANOS = 100_000_000;

    private final PrintWriter out;
    private final Terminal terminal;
    private final int batchSize;
    private String metric = "";
    private int epochs;
    private int batches;
    private long drawn;
    private @Nullable ProgressBar bar;

    Progress(PrintWriter out, Terminal terminal, int batchSize) {
        this.out = out;
        this.terminal = terminal;
        this.batchSize = batchSize;
    }

    /** Names the test metric of the results. */
    void metric(String name) {
        metric = name;
    }

    @Override
    public void started(int epochCount, int batchCount) {
        epochs = epochCount;
        batches = batchCount;
    }

    @Override
    public void batchDone(int epoch, int batch, double loss) {
        if (!terminal.err()) {
            return;
        }
        long now = System.nanoTime();
        if (bar == null) {
            bar = bar(String.format(Locale.ROOT, "epoch %d/%d", epoch, epochs), batches * (long) batchSize, "img");
            drawn = now - REDRAW_NANOS;
        }
        if (now - drawn >= REDRAW_NANOS) { // a step may take microseconds, a text takes as long
            drawn = now;
            bar.setExtraMessage(String.format(Locale.ROOT, "batch %d/%d loss %.4f", batch, batches, loss));
            bar.stepTo(batch * (long) batchSize);
        }
    }

    /** A bar on standard error that leaves nothing behind when it is closed. */
    static ProgressBar bar(String task, long total, String unit) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(100)
                .setUnit(" " + unit, 1)
                .showSpeed()
                .clearDisplayOnFinish()
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .build();
    }

    /** Takes the bar away, so that whatever is printed next stands on a line of its own. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    @Override
    public void epochDone(EpochResult result) {
        close();
        int width = Integer.toString(epochs).length();
        StringBuilder line = new StringBuilder();
        line.append(String.format(
                Locale.ROOT, "epoch %" + width + "d/%d  train loss %.4f", result.epoch(), epochs, result.trainLoss()));
        if (!Double.isNaN(result.testLoss())) {
            line.append(String.format(Locale.ROOT, "  test loss %.4f", result.testLoss()));
        }
        if (!Double.isNaN(result.testMetric())) {
            line.append(String.format(Locale.ROOT, "  test %s %.4f", metric, result.testMetric()));
        }
        line.append(
                String.format(Locale.ROOT, "  %.2f s  %,.0f samples/s", result.seconds(), result.samplesPerSecond()));
        out.println(line);
        out.flush();
    }
}
