package org.nautile.bench.works;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.bench.MatmulBench;
import org.nautile.models.cli.CommandException;
import org.nautile.models.cli.Machine;
import org.nautile.models.cli.OutputFiles;
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
     * How long JMH measures. Rounds, in each of which every device has a process of its own, because other work on the machine
     * and the memory's layout change the speed from minute to minute and from process to process: what is compared was measured
     * seconds apart.
     *
     * @param rounds processes of each figure
     * @param iterations in each process, after two of warm-up
     * @param seconds of each iteration
     */
    record Protocol(int rounds, int iterations, double seconds) {
        static final Protocol USUAL = new Protocol(9, 4, 0.25); // ten minutes for two devices

        private TimeValue time() {
            return TimeValue.microseconds(Math.round(1e6 * seconds));
        }
    }

    /** Numbers of which the median counts and the quartiles are the spread. */
    record Sample(double[] sorted) {
        static Sample of(DoubleStream numbers) {
            return new Sample(numbers.sorted().toArray());
        }

        private double quantile(int quarters) {
            int length = sorted.length;
            int at = (length - 1) * quarters;
            return sorted[at / 4] + (sorted[Math.min(at / 4 + 1, length - 1)] - sorted[at / 4]) * (at % 4) / 4;
        }

        double median() {
            return quantile(2);
        }

        /** For example "1.05 (0.98 to 1.12)"; a single number has no spread. */
        String text(int decimals) {
            String median = number(median(), decimals);
            return sorted.length == 1
                    ? median
                    : median + " (" + number(quantile(1), decimals) + " to " + number(quantile(3), decimals) + ")";
        }

        private static String number(double value, int decimals) {
            return String.format(Locale.ROOT, "%." + decimals + "f", value);
        }
    }

    /**
     * A row: one size and number of threads on every device.
     *
     * @param seconds of a call, by device and round
     */
    record Row(int size, int threads, double[][] seconds) {
        String markdown() {
            double flops = 2.0 * size * size * size;
            StringBuilder line = new StringBuilder("| " + size + " | " + threads);
            for (double[] device : seconds) {
                Sample gflops = Sample.of(Arrays.stream(device).map(time -> flops / time / 1e9));
                line.append(" | ").append(gflops.text(1));
            }
            for (int other = 1; other < seconds.length; other++) {
                line.append(" | ").append(ratio(seconds[0], seconds[other]).text(2));
            }
            return line.append(" |").toString();
        }

        /** How many times as fast the first is, round by round. */
        private static Sample ratio(double[] first, double[] other) {
            return Sample.of(IntStream.range(0, first.length).mapToDouble(round -> other[round] / first[round]));
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
                String line = new Row(size, count, measure(size, count)).markdown();
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
            titles.append(" | ").append(devices.get(0)).append('/').append(device);
            rule.append("|---:");
        }
        return List.of(titles.append(" |").toString(), rule.append("|").toString());
    }

    private List<String> head(Machine machine, String commit) {
        List<String> lines = new ArrayList<>(List.of(
                "# Results",
                "",
                "Written by `./nautile bench --results bench/RESULTS.md`. Product of square float32 matrices into a matrix that"
                        + " exists, from Java, GFLOP/s: median of the rounds and, in brackets, quartiles. The ratio, above 1 if the"
                        + " first device is faster, is taken within each round.",
                "",
                "- machine: " + machine.cpuModel() + ", " + machine.processors() + " processors",
                "- date: " + LocalDate.now(ZoneId.systemDefault()) + ", commit " + commit,
                "- JDK " + System.getProperty("java.version") + ", " + System.getProperty("os.name") + " "
                        + System.getProperty("os.version"),
                String.format(
                        Locale.ROOT,
                        "- %d rounds; in each a process per device with 2 warm-up and %d measuring iterations of %s s",
                        protocol.rounds(),
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

    /** Seconds of a call, by device and round. Devices take turns in being first. */
    private double[][] measure(int size, int count) {
        double[][] seconds = new double[devices.size()][protocol.rounds()];
        for (int round = 0; round < protocol.rounds(); round++) {
            for (int i = 0; i < devices.size(); i++) {
                int device = round % 2 == 0 ? i : devices.size() - 1 - i;
                seconds[device][round] = measure(devices.get(device), size, count);
            }
        }
        return seconds;
    }

    /** One process of JMH's. */
    private double measure(String device, int size, int count) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("\\b" + MatmulBench.class.getSimpleName() + "\\.forward$")
                .param("device", device)
                .param("threads", Integer.toString(count))
                .param("size", size + "x" + size + "x" + size)
                .forks(1)
                .warmupIterations(2)
                .warmupTime(protocol.time())
                .measurementIterations(protocol.iterations())
                .measurementTime(protocol.time())
                .timeUnit(TimeUnit.SECONDS)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        try {
            for (RunResult run : new Runner(options.build()).run()) {
                return run.getPrimaryResult().getScore();
            }
        } catch (RunnerException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new CommandException("matmul " + size + " on " + device + ": " + cause.getMessage(), e);
        }
        throw new CommandException(
                "matmul " + size + " on " + device + ": JMH measured nothing; build with mvn compile");
    }
}
