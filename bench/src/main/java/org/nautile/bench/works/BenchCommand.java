package org.nautile.bench.works;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Threads;
import org.nautile.models.cli.CommandException;
import org.nautile.models.cli.DeviceChoice;
import org.nautile.models.cli.Interrupts;
import org.nautile.models.cli.Nearest;
import org.nautile.models.cli.Subcommand;
import org.nautile.models.cli.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times a list of works on devices, in the form in which other libraries are measured. */
@Command(
        name = "bench",
        sortOptions = false,
        header = "Time ops and training steps on devices.",
        description = {
            "A row per work: GFLOP/s, GB/s or samples/s, and how many times as fast as the first device the others are."
                    + " A result is compared with the device reference before it is timed. Several devices run in processes"
                    + " of their own, one work at a time.",
            "",
            "A list of works has a line per work and seven columns separated by tabs: suite, work, kind, parameters"
                    + " (NAME=VALUE,...), flops, bytes, samples. Works of a kind that Nautile does not have are counted in"
                    + " the last line. Exit code 1 if a result is wrong or a work fails."
        })
public final class BenchCommand implements Subcommand {
    /** What lists of works usually have. */
    private static final List<String> SUITES = List.of("gemm", "conv", "mem", "attn", "rnn", "train");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--suite",
            paramLabel = "NAME",
            split = ",",
            description = "Only these suites: gemm, conv, mem, attn, rnn, train. Default: all.")
    private List<String> suites = List.of();

    @Option(
            names = "--works",
            paramLabel = "FILE.tsv",
            description = "The list of works. Default: a list of what Nautile has.")
    private @Nullable Path list;

    @Option(
            names = "--filter",
            paramLabel = "REGEX",
            description = "Only works in whose name the expression is found. Default: all.")
    private String filter = "";

    @Option(
            names = "--device",
            paramLabel = "D",
            split = ",",
            description = "Devices to time, the first being what the others are compared with. Default: auto, the best"
                    + " usable.")
    private List<String> devices = List.of("auto");

    @Option(
            names = "--threads",
            paramLabel = "N",
            split = ",",
            description = "Threads that compute. Default: OMP_NUM_THREADS, or else the processors the JVM may use.")
    private List<Integer> threads = List.of();

    @Option(
            names = "--budget",
            paramLabel = "SECONDS",
            description =
                    "Samples of each work; the warm-up before takes 3.3 times as long. With --results, anything but the"
                            + " default means one round of three iterations, each 1.7 times as long. Default: 0.6.")
    private double budget = Timing.DEFAULT_BUDGET;

    @Option(
            names = "--out",
            paramLabel = "FILE.jsonl",
            description = "Append a line of JSON per measurement to this file. Default: no file.")
    private @Nullable Path out;

    @Option(
            names = "--results",
            paramLabel = "FILE.md",
            description =
                    "Instead of a list of works, time products of matrices with JMH and write this file, with machine,"
                            + " commit and spread (bench/RESULTS.md in the source tree). Default: off.")
    private @Nullable Path results;

    /** For {@link java.util.ServiceLoader}. */
    public BenchCommand() {}

    @Override
    public Integer call() {
        if (results != null) {
            return writeResults(results);
        }
        WorkList all = list == null ? WorkList.builtIn() : WorkList.of(list);
        WorkList selected = select(all);
        List<Integer> counts = counts();
        for (String device : devices) {
            DeviceChoice.check(device, spec.commandLine());
        }
        Timing timing = timing();
        ResultFile file = new ResultFile(out);

        List<Work> known = selected.works().stream()
                .filter(work -> Kinds.of(work.kind()) != null)
                .toList();
        List<Measurement> failures = new ArrayList<>();
        List<Measurement> absent = new ArrayList<>();
        if (!known.isEmpty()) {
            measure(known, counts, timing, file, failures, absent);
        }
        return conclusion(selected, file, failures, absent);
    }

    private int writeResults(Path file) {
        if (!suites.isEmpty() || list != null || !filter.isEmpty() || out != null) {
            throw wrong("--results measures works of its own: it goes with --device, --threads and --budget only");
        }
        for (String device : devices) {
            DeviceChoice.check(device, spec.commandLine());
        }
        double seconds = timing().budget() / Timing.DEFAULT_BUDGET; // of an iteration: 1, unless the user is in a hurry
        Results.Protocol protocol = seconds == 1 ? Results.Protocol.USUAL : new Results.Protocol(1, 3, seconds);
        List<String> names = devices.stream().map(this::resolved).distinct().toList();
        names.forEach(Device::of); // says why one cannot be used
        new Results(names, counts(), Results.SIZES, protocol).write(file, out());
        out().println("written: " + file);
        return 0;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private WorkList select(WorkList all) {
        Set<String> suitesThere = new LinkedHashSet<>(SUITES);
        suitesThere.addAll(all.suites());
        Nearest.require(spec.commandLine(), "suite", suites, suitesThere);
        Pattern pattern;
        try {
            pattern = Pattern.compile(filter);
        } catch (PatternSyntaxException e) {
            throw wrong("--filter " + filter + ": " + e.getDescription() + " at character " + (e.getIndex() + 1));
        }
        WorkList selected = all.filter(work -> (suites.isEmpty() || suites.contains(work.suite()))
                && pattern.matcher(work.name()).find());
        if (selected.works().isEmpty()) {
            throw new CommandException("none of the " + all.works().size() + " works of " + all.source()
                    + " is meant by" + (suites.isEmpty() ? "" : " --suite " + String.join(",", suites))
                    + (filter.isEmpty() ? "" : " --filter " + filter)
                    + (suites.isEmpty() && filter.isEmpty() ? " this command" : ""));
        }
        return selected;
    }

    private List<Integer> counts() {
        for (int count : threads) {
            if (count < 1) {
                throw wrong("--threads " + count + " is less than 1");
            }
        }
        return threads.isEmpty() ? List.of(Threads.count()) : threads;
    }

    private Timing timing() {
        if (!(budget > 0 && budget <= 3600)) {
            throw wrong("--budget " + budget + " is not a number of seconds between 0 and 3600");
        }
        return Timing.of(budget);
    }

    private void measure(
            List<Work> works,
            List<Integer> counts,
            Timing timing,
            ResultFile file,
            List<Measurement> failures,
            List<Measurement> absent) {
        List<String> names = devices.stream().map(this::resolved).distinct().toList();
        Lanes lanes = new Lanes(names, timing);
        try (lanes) {
            Terminal terminal = Terminal.of(spec);
            LiveTable table = new LiveTable(out(), spec.commandLine().getErr(), terminal.err(), names, works);
            table.header();
            for (Work work : works) {
                for (int count : counts) {
                    List<Measurement> row = new ArrayList<>();
                    for (Lane lane : lanes.lanes()) {
                        table.measuring(work, count, lane.device());
                        Measurement measurement = lane.measure(work, count);
                        file.add(measurement);
                        row.add(measurement);
                        if (measurement.problem() != null) {
                            (measurement.absent() ? absent : failures).add(measurement);
                        }
                    }
                    table.row(row);
                }
            }
        } catch (CommandException e) {
            if (!lanes.interrupted()) {
                throw e;
            }
        }
    }

    private String resolved(String device) {
        if (!device.equals("auto")) {
            return device.endsWith(":0") ? Device.kind(device) : device; // cuda:0 and cuda are one
        }
        DeviceChoice choice = DeviceChoice.open(device);
        if (!choice.passedOver().isEmpty()) {
            out().println("auto chose " + choice.device() + ": " + choice.passedOver());
        }
        return choice.device().name();
    }

    private int conclusion(WorkList selected, ResultFile file, List<Measurement> failures, List<Measurement> absent) {
        for (Measurement failure : failures) {
            out().println("failed: " + failure.work().name() + " on " + failure.device() + ": " + failure.problem());
        }
        absent.stream()
                .collect(Collectors.groupingBy(Measurement::device, TreeMap::new, Collectors.toList()))
                .forEach((device, those) -> out().println(missing(
                        those.stream().map(Measurement::work).distinct().toList(), selected, "the device " + device)));
        List<Work> unknown = selected.works().stream()
                .filter(work -> Kinds.of(work.kind()) == null)
                .toList();
        String written = file.conclusion();
        if (written != null) {
            out().println(written);
        }
        if (!unknown.isEmpty()) {
            out().println(missing(unknown, selected, "Nautile"));
        }
        out().flush();
        return failures.isEmpty() ? 0 : 1;
    }

    /** For example "37 of 105 works need ops that Nautile does not have yet: conv2d 27, sdpa 10". */
    private static String missing(List<Work> works, WorkList selected, String who) {
        Map<String, Long> kinds = works.stream()
                .map(Work::kind)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        String text = kinds.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        int all = selected.works().size();
        return works.size() + " of " + all + (all == 1 ? " work needs" : " works need") + " ops that " + who
                + " does not have yet: " + text;
    }

    /** The devices: one in this process, several in processes of their own, which end when this one is interrupted. */
    private static final class Lanes implements AutoCloseable {
        private final List<Lane> lanes = new ArrayList<>();
        private final List<ForkedLane> forked = new ArrayList<>();
        private Interrupts.@Nullable Stoppable stoppable;
        private volatile boolean interrupted;

        Lanes(List<String> names, Timing timing) {
            if (names.size() == 1) {
                lanes.add(new LocalLane(names.get(0), timing));
                return;
            }
            try {
                for (String name : names) {
                    ForkedLane lane = new ForkedLane(name, timing);
                    forked.add(lane);
                    lanes.add(lane);
                }
            } catch (CommandException e) {
                close();
                throw e;
            }
            stoppable = Interrupts.onInterrupt(() -> {
                interrupted = true;
                forked.forEach(ForkedLane::kill);
            });
        }

        List<Lane> lanes() {
            return lanes;
        }

        boolean interrupted() {
            return interrupted;
        }

        @Override
        public void close() {
            if (stoppable != null) {
                stoppable.close();
            }
            lanes.forEach(Lane::close);
        }
    }
}
