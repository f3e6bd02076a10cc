package org.nautile.bench.works;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
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
import org.nautile.models.cli.Refusal;
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
                    + " A result is compared with that of another device (--judge) before it is timed. Several devices run in processes"
                    + " of their own, one work at a time, and so do other libraries (--peer).",
            "",
            "A list of works has a line per work and seven columns separated by tabs: suite, work, kind, parameters"
                    + " (NAME=VALUE,...), flops, bytes, samples. Works of a kind that Nautile does not have are counted in"
                    + " the last line. Exit code 1 if a result is wrong or a work fails."
        })
public final class BenchCommand implements Subcommand {
    private static final int USUAL_ROUNDS = 9;

    /** What lists of works usually have. */
    private static final List<String> SUITES =
            List.of("gemm", "gemm-packed", "precision", "conv", "mem", "attn", "rnn", "train");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--suite",
            paramLabel = "NAME",
            split = ",",
            description = "Only these suites: gemm, gemm-packed, precision, conv, mem, attn, rnn, train. Default: all.")
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
            names = "--judge",
            paramLabel = "D",
            description =
                    "The device with which a result is compared before it is timed. Default: reference, plain Java, which"
                            + " takes long.")
    private String judge = "reference";

    @Option(
            names = "--recorded",
            description =
                    "Time an op as a plan of it alone, which on a GPU is the launch of a graph, instead of a call from"
                            + " Java. Training steps are plans without it. Default: calls.")
    private boolean recorded;

    @Option(
            names = "--budget",
            paramLabel = "SECONDS",
            description =
                    "Samples of each work; the warm-up before takes 3.3 times as long. With --rounds, which has times of its"
                            + " own, it does nothing. Default: 0.6.")
    private double budget = Timing.DEFAULT_BUDGET;

    @Option(
            names = "--peer",
            paramLabel = "NAME=COMMAND",
            description =
                    "Another library to time beside the devices; once per library. The command for the shell starts a"
                            + " program that answers works as bench/README.md says. Default: none.")
    private Map<String, String> peers = new LinkedHashMap<>();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description =
                    "Measure the first device and the two fastest of the others (devices and peers) in turn so many"
                            + " times, briefly, in rounds that other work on the machine disturbs least, and take medians."
                            + " Default: 9 with --results, or else one measurement each.")
    private @Nullable Integer rounds;

    @Option(
            names = "--out",
            paramLabel = "FILE.jsonl",
            description = "Append a line of JSON per measurement to this file. Default: no file.")
    private @Nullable Path out;

    @Option(
            names = "--results",
            paramLabel = "FILE.md",
            description =
                    "Write a table with ratios, spread, geometric means, machine and commit to this file after each work"
                            + " (bench/RESULTS.md in the source tree). Default: no file.")
    private @Nullable Path results;

    @Option(
            names = "--remarks",
            paramLabel = "FILE.tsv",
            description =
                    "What to say about works in the file of --results: work (a regular expression), threads or *, remark."
                            + " Default: none.")
    private @Nullable Path remarks;

    /** For {@link java.util.ServiceLoader}. */
    public BenchCommand() {}

    @Override
    public Integer call() {
        WorkList all = list == null ? WorkList.builtIn() : WorkList.of(list);
        WorkList selected = select(all);
        List<Integer> counts = counts();
        for (String device : devices) {
            DeviceChoice.check(device, spec.commandLine());
        }
        DeviceChoice.check(judge, spec.commandLine());
        Refusal.budget(budget, spec.commandLine());
        Timing timing = Timing.of(budget);
        int rounds = rounds();
        ResultFile file = new ResultFile(out);

        List<Work> known = selected.works().stream()
                .filter(work -> Kinds.of(work.kind()) != null)
                .toList();
        List<Measurement> failures = new ArrayList<>();
        List<Measurement> absent = new ArrayList<>();
        if (!known.isEmpty()) {
            try (Lanes lanes = lanes()) {
                try {
                    measure(known, counts, lanes, session(lanes, timing, rounds, file), failures, absent);
                } catch (CommandException e) {
                    if (!lanes.interrupted()) {
                        throw e;
                    }
                }
            }
        }
        return conclusion(selected, file, failures, absent);
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
            Refusal.below(1, "--threads", count, spec.commandLine());
        }
        return threads.isEmpty() ? List.of(Threads.count()) : threads;
    }

    private int rounds() {
        Refusal.below(1, "--rounds", rounds, spec.commandLine());
        boolean alone = devices.size() + peers.size() < 2;
        if (alone && (results != null || rounds != null)) {
            throw wrong(
                    (results != null ? "--results" : "--rounds") + " compares: it needs several devices, or a --peer");
        }
        if (remarks != null && results == null) {
            throw wrong("--remarks go into the file of --results");
        }
        return rounds != null ? rounds : results != null ? USUAL_ROUNDS : 0;
    }

    private Lanes lanes() {
        return new Lanes(devices.stream().map(this::resolved).distinct().toList(), judge, recorded, peers);
    }

    /** How a work is measured on all lanes, and where that goes. */
    private interface Session {
        List<Measurement> measure(Work work, int threads, Consumer<Lane> watch);
    }

    private Session session(Lanes lanes, Timing timing, int rounds, ResultFile file) {
        Session plain = (work, threads, watch) -> {
            List<Measurement> row = new ArrayList<>();
            for (Lane lane : lanes.lanes()) {
                watch.accept(lane);
                Measurement measurement = lane.measure(work, threads, timing);
                file.add(measurement);
                row.add(measurement);
            }
            return row;
        };
        if (rounds == 0) {
            return plain;
        }
        Contest contest = new Contest(
                lanes.lanes(), rounds, Probe.of(Device.of(lanes.devices().get(0))));
        Results table = results == null
                ? null
                : new Results(
                        results, remarks == null ? Remarks.none() : Remarks.of(remarks), rounds, lanes.descriptions());
        return (work, threads, watch) -> {
            Contest.Result result = contest.measure(work, threads, watch);
            result.measurements().forEach(file::add);
            if (table != null) {
                table.add(work, threads, result);
            }
            return result.measurements();
        };
    }

    private void measure(
            List<Work> works,
            List<Integer> counts,
            Lanes lanes,
            Session session,
            List<Measurement> failures,
            List<Measurement> absent) {
        Terminal terminal = Terminal.of(spec);
        List<String> titles = lanes.lanes().stream()
                .map(lane -> Measurement.title(lane.peer()))
                .toList();
        LiveTable table = new LiveTable(out(), spec.commandLine().getErr(), terminal.err(), titles, works);
        table.header();
        for (Work work : works) {
            for (int count : counts) {
                List<Measurement> row = session.measure(
                        work, count, lane -> table.measuring(work, count, Measurement.title(lane.peer())));
                for (Measurement measurement : row) {
                    if (measurement.problem() != null) {
                        (measurement.absent() ? absent : failures).add(measurement);
                    }
                }
                table.row(row);
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
            out().println("failed: " + failure.work().name() + " on " + failure.title() + ": " + failure.problem());
        }
        absent.stream()
                .filter(measurement -> !peers.containsKey(measurement.peer())) // that a peer lacks something, "-" says
                .collect(Collectors.groupingBy(Measurement::title, TreeMap::new, Collectors.toList()))
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

    /** A device in this process, or several lanes in processes of their own, which end when this one is interrupted. */
    private static final class Lanes implements AutoCloseable {
        private final List<String> devices;
        private final List<Lane> lanes = new ArrayList<>();
        private final List<ForkedLane> forked = new ArrayList<>();
        private Interrupts.@Nullable Stoppable stoppable;
        private volatile boolean interrupted;

        Lanes(List<String> devices, String judge, boolean recorded, Map<String, String> peers) {
            this.devices = devices;
            if (devices.size() == 1 && peers.isEmpty()) {
                lanes.add(new LocalLane(devices.get(0), judge, recorded));
                return;
            }
            try {
                for (String device : devices) {
                    forked.add(ForkedLane.device(device, judge, recorded));
                }
                for (Map.Entry<String, String> peer : peers.entrySet()) {
                    forked.add(ForkedLane.peer(peer.getKey(), peer.getValue()));
                }
                lanes.addAll(forked);
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

        List<String> devices() {
            return devices;
        }

        /** What each is. */
        List<String> descriptions() {
            List<String> lines = new ArrayList<>();
            devices.forEach(device -> lines.add(device + ": " + Device.summary(Device.kind(device))));
            forked.stream()
                    .filter(lane -> !lane.description().isEmpty())
                    .forEach(lane -> lines.add(Measurement.title(lane.peer()) + ": " + lane.description()));
            return lines;
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
