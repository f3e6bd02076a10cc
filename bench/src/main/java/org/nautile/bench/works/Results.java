package org.nautile.bench.works;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.nautile.Device;
import org.nautile.bench.MatmulBench;
import org.nautile.models.cli.CommandException;
import org.nautile.models.cli.Machine;
import org.nautile.models.cli.OutputFiles;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * RESULTS.md: JMH's figures of the matrix product, with their spread and the ratio between devices, and where they come from.
 *
 * @param devices the devices, the first being what the others are compared with
 * @param threads the numbers of threads
 * @param sizes the extents of the square matrices
 * @param protocol how long JMH measures
 */
record Results(List<String> devices, List<Integer> threads, List<Integer> sizes, Protocol protocol) {
    static final List<Integer> SIZES = List.of(256, 512, 1024, 2048);

    /**
     * How long JMH measures. The memory's layout changes between forks, which moves results more than iterations do.
     *
     * @param forks processes of each figure
     * @param iterations in each process, after three of warm-up
     * @param seconds of each iteration
     */
    record Protocol(int forks, int iterations, double seconds) {
        static final Protocol USUAL = new Protocol(3, 5, 0.4); // four minutes for two devices

        private TimeValue time() {
            return TimeValue.microseconds(Math.round(1e6 * seconds));
        }
    }

    /** GFLOP/s, and half the width of the 99.9 % interval. */
    record Figure(double gflops, double spread) {
        /** From the seconds of a call. A single iteration has no spread. */
        static Figure of(int size, double seconds, double error) {
            double gflops = 2.0 * size * size * size / seconds / 1e9;
            return new Figure(gflops, gflops * error / seconds);
        }

        String text() {
            String spread = Double.isFinite(this.spread) ? String.format(Locale.ROOT, " ± %.1f", this.spread) : "";
            return String.format(Locale.ROOT, "%.1f", gflops) + spread;
        }
    }

    /** A row: one size and number of threads on every device. */
    record Row(int size, int threads, List<Figure> figures) {
        String markdown() {
            StringBuilder line = new StringBuilder("| " + size + " | " + threads);
            figures.forEach(figure -> line.append(" | ").append(figure.text()));
            for (Figure figure : figures.subList(1, figures.size())) {
                line.append(String.format(
                        Locale.ROOT, " | %.2f", figure.gflops() / figures.get(0).gflops()));
            }
            return line.append(" |").toString();
        }
    }

    /** Measures and writes the file; a line per row goes to the screen. */
    void write(Path file, PrintWriter screen) {
        OutputFiles.check(file);
        Machine machine = new Machine(Path.of("/"));
        StringBuilder text = new StringBuilder();
        for (String line : head(machine, commit(machine, file))) {
            text.append(line).append('\n');
        }
        for (String line : heading()) {
            text.append(line).append('\n');
            screen.println(line);
        }
        screen.flush();
        for (int count : threads) {
            for (int size : sizes) {
                List<Figure> figures = new ArrayList<>();
                for (String device : devices) {
                    figures.add(measure(device, size, count));
                }
                String line = new Row(size, count, figures).markdown();
                text.append(line).append('\n');
                screen.println(line);
                screen.flush();
            }
        }
        OutputFiles.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private List<String> heading() {
        StringBuilder titles = new StringBuilder("| size | threads");
        StringBuilder rule = new StringBuilder("|---:|---:");
        for (String device : devices) {
            titles.append(" | ").append(device);
            rule.append("|---:");
        }
        for (String device : devices.subList(1, devices.size())) {
            titles.append(" | ").append(device).append('/').append(devices.get(0));
            rule.append("|---:");
        }
        return List.of(titles.append(" |").toString(), rule.append("|").toString());
    }

    private List<String> head(Machine machine, String commit) {
        List<String> lines = new ArrayList<>(List.of(
                "# Results",
                "",
                "Written by `./nautile bench --results bench/RESULTS.md`. Product of square float32 matrices into a matrix that"
                        + " exists, from Java: GFLOP/s of JMH's mean, with its 99.9 % interval.",
                "",
                "- machine: " + machine.cpuModel() + ", " + machine.processors() + " processors",
                "- date: " + LocalDate.now(ZoneId.systemDefault()) + ", commit " + commit,
                "- JDK " + System.getProperty("java.version") + ", " + System.getProperty("os.name") + " "
                        + System.getProperty("os.version"),
                String.format(
                        Locale.ROOT,
                        "- %d forks a figure, 3 warm-up and %d measuring iterations of %s s each",
                        protocol.forks(),
                        protocol.iterations(),
                        LiveTable.number(protocol.seconds()))));
        for (String device : devices) {
            lines.add("- " + device + ": " + Device.summary(Device.kind(device)));
        }
        lines.add("");
        return lines;
    }

    /** The commit of the source tree that holds the file, and whether it was changed since. */
    private static String commit(Machine machine, Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        String where = folder == null ? "." : folder.toString();
        Optional<String> commit = machine.run("git", "-C", where, "rev-parse", "--short", "HEAD");
        boolean changed = machine.run("git", "-C", where, "status", "--porcelain", "--untracked-files=no")
                .filter(text -> !text.isEmpty())
                .isPresent();
        return commit.orElse("unknown") + (changed ? ", with changes" : "");
    }

    /** One JMH run of its own, so that rows appear as they are done. */
    private Figure measure(String device, int size, int count) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("\\b" + MatmulBench.class.getSimpleName() + "\\.forward$")
                .param("device", device)
                .param("threads", Integer.toString(count))
                .param("size", size + "x" + size + "x" + size)
                .forks(protocol.forks())
                .warmupIterations(3)
                .warmupTime(protocol.time())
                .measurementIterations(protocol.iterations())
                .measurementTime(protocol.time())
                .timeUnit(TimeUnit.SECONDS)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        try {
            for (RunResult run : new Runner(options.build()).run()) {
                Result<?> result = run.getPrimaryResult();
                return Figure.of(size, result.getScore(), result.getScoreError());
            }
        } catch (RunnerException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new CommandException("matmul " + size + " on " + device + ": " + cause.getMessage(), e);
        }
        throw new CommandException(
                "matmul " + size + " on " + device + ": JMH measured nothing; build with mvn compile");
    }
}
