package org.nautile.bench.works;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.Threads;
import org.nautile.backend.Peaks;
import org.nautile.backend.Peaks.Stream;
import org.nautile.models.charts.RooflineChart;
import org.nautile.models.cli.CommandException;
import org.nautile.models.cli.CommandPage;
import org.nautile.models.cli.DeviceOption;
import org.nautile.models.cli.JsonOption;
import org.nautile.models.cli.Machine;
import org.nautile.models.cli.OutputFiles;
import org.nautile.models.cli.Refusal;
import org.nautile.models.cli.Subcommand;
import org.nautile.models.cli.Table;
import org.nautile.models.cli.ThreadsOption;
import org.nautile.models.comparison.Figures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what the machine can do at best, and how near to it the ops come. */
@Command(
        name = "roofline",
        sortOptions = false,
        header = "Measure what a device can do at best, and how near the ops come.",
        description = {
            "The roofs: multiply-adds in registers, with the instruction set in use; and bandwidths, of arrays that fit a"
                    + " cache and of arrays that fit none. Under them each op of the list that nautile bench times: its"
                    + " arithmetic intensity, what it reaches, and the part of the roof, that is of the time that arithmetic"
                    + " or memory would take at best, whichever is more.",
            "",
            "Operations are those of the formula, exp and its kin being one each; bytes are the least traffic. Data that fits"
                    + " a cache is taken to be there."
        })
public final class RooflineCommand implements Subcommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Mixin
    private ThreadsOption threads = new ThreadsOption();

    @Option(
            names = "--works",
            paramLabel = "FILE.tsv",
            description =
                    "The list of works, as for nautile bench; flops and bytes are needed. Default: a list of every op.")
    private @Nullable Path list;

    @Option(
            names = "--budget",
            paramLabel = "SECONDS",
            description =
                    "Samples of each op and each roof; the warm-up of an op takes 3.3 times as long. Default: 0.6.")
    private double budget = Timing.DEFAULT_BUDGET;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the page, index.html, and its picture, roofline.png; made if missing. Default:"
                    + " runs/roofline-DATE-TIME.")
    private @Nullable Path out;

    @Mixin
    private JsonOption json = new JsonOption();

    /** For {@link java.util.ServiceLoader}. */
    public RooflineCommand() {}

    /** An op under its roof. */
    private record Standing(Work work, Measurement measurement, int level, double share) {
        static Standing of(Measurement m, Roof roof) {
            double share = roof.seconds(m.work()) / (m.medianMs() / 1e3);
            return new Standing(m.work(), m, roof.levelOf(m.work().bytes()), share);
        }

        double intensity() {
            return work.flops() / work.bytes();
        }
    }

    @Override
    public Integer call() {
        threads.use();
        Refusal.budget(budget, spec.commandLine());
        device.check();
        List<Work> all = (list == null ? WorkList.builtIn() : WorkList.of(list)).works();
        List<Work> counted = all.stream().filter(work -> work.bytes() > 0).toList();
        List<Work> works =
                counted.stream().filter(work -> Kinds.of(work.kind()) != null).toList();
        json.check();
        Timing timing = Timing.of(budget);
        Device chosen = device.open();
        Peaks peaks = chosen.backend().peaks();
        if (peaks == null) {
            throw new CommandException(
                    "device " + chosen + " has no roofs: what it can do at best cannot be measured" + remedy());
        }
        CommandPage page = new CommandPage(
                "What " + chosen + " can do at best, and what the ops reach",
                out != null ? out : OutputFiles.dated("roofline"),
                spec);
        Machine machine = new Machine(Path.of("/"));
        PrintWriter screen = spec.commandLine().getOut();
        String what = machine.cpuModel() + ", device " + chosen + " ("
                + chosen.backend().description() + ")";
        page.say(what);
        screen.println();
        List<Cache> caches = Cache.of(machine);
        // before and after the ops: what else runs on the machine may have gone by then
        Roof before = Roof.measure(chosen, peaks, caches, Threads.count(), timing);
        List<Measurement> measured = new ArrayList<>();
        List<Measurement> failures = new ArrayList<>();
        try (LocalLane lane = new LocalLane(chosen.name(), "reference", false)) {
            for (Work work : works) {
                Measurement measurement = lane.measure(work, Threads.count(), timing);
                (measurement.problem() == null ? measured : failures).add(measurement);
            }
        }
        Roof roof = before.best(Roof.measure(chosen, peaks, caches, Threads.count(), timing));
        List<Standing> standings =
                measured.stream().map(m -> Standing.of(m, roof)).toList();
        picture(page, what, roof, standings);
        page.report().heading("Roofs");
        page.say("arithmetic: " + LiveTable.number(roof.gflops()) + " GFLOP/s");
        screen.println();
        page.show(roofs(roof));
        screen.println();
        page.report().heading("Ops");
        page.show(ops(roof, standings));
        notes(works, counted, all, standings, failures).forEach(page::say);
        page.write();
        json.write(result(machine, chosen, roof, standings, failures));
        return failures.stream().allMatch(Measurement::absent) ? 0 : 1;
    }

    /** What the tables do not say. */
    private static List<String> notes(
            List<Work> works,
            List<Work> counted,
            List<Work> all,
            List<Standing> standings,
            List<Measurement> failures) {
        List<String> notes = new ArrayList<>();
        if (works.size() < all.size()) {
            int unknown = counted.size() - works.size();
            notes.add("left out: " + unknown + (unknown == 1 ? " work" : " works") + " that Nautile does not have, "
                    + (all.size() - counted.size()) + " without bytes");
        }
        long above = standings.stream().filter(s -> s.share() > 1.1).count();
        if (above > 0) {
            notes.add(above + (above == 1 ? " work is" : " works are") + " above the roof: the machine did other things"
                    + " while the roofs were measured, or data was nearer than its size suggests");
        }
        failures.forEach(failure -> notes.add((failure.absent() ? "not on this device: " : "failed: ")
                + failure.work().name() + ": " + failure.problem()));
        return notes;
    }

    /** Which devices have roofs. */
    private static String remedy() {
        List<String> names =
                Device.names().stream().filter(RooflineCommand::measurable).toList();
        return names.isEmpty() ? "" : "; use --device " + String.join(" or ", names);
    }

    private static boolean measurable(String name) {
        try {
            return Device.of(name).backend().peaks() != null;
        } catch (DeviceException e) {
            return false;
        }
    }

    private static Table roofs(Roof roof) {
        Table table = new Table("level", ">size", ">read GB/s", ">write GB/s", ">copy GB/s", ">triad GB/s");
        for (Roof.Level level : roof.levels()) {
            String[] row = new String[6];
            row[0] = level.name();
            row[1] = level.capacity() == Long.MAX_VALUE ? "" : size(level.capacity());
            for (Stream stream : Stream.values()) {
                row[2 + stream.ordinal()] =
                        LiveTable.number(Objects.requireNonNull(level.gbps().get(stream)));
            }
            table.add(row);
        }
        return table;
    }

    private static String size(long bytes) {
        return bytes >= 1 << 20 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
    }

    private static Table ops(Roof roof, List<Standing> standings) {
        Table table = new Table("op", "work", ">FLOP/byte", ">GFLOP/s", ">GB/s", "data in", ">of the roof");
        for (Standing s : standings) {
            boolean counts = s.work().flops() > 0;
            table.add(
                    Objects.requireNonNull(Kinds.of(s.work().kind())).op(),
                    s.work().name(),
                    counts ? LiveTable.number(s.intensity()) : "-",
                    counts ? LiveTable.number(s.measurement().gflops()) : "-",
                    LiveTable.number(s.measurement().gbps()),
                    roof.levels().get(s.level()).name(),
                    Figures.percent(s.share()));
        }
        return table;
    }

    private static void picture(CommandPage page, String what, Roof roof, List<Standing> standings) {
        RooflineChart chart = new RooflineChart(what, roof.gflops());
        roof.levels().forEach(level -> chart.level(level.name(), level.best()));
        for (Standing s : standings) {
            if (s.work().flops() > 0) { // without arithmetic there is no place on a logarithmic axis
                chart.point(s.work().name(), s.intensity(), s.measurement().gflops(), s.level());
            }
        }
        page.picture(
                "roofline.png",
                chart,
                "Slopes are bandwidths, the flat roof is arithmetic; a dot is an op, the nearer to its roof the better.");
    }

    private static Map<String, Object> result(
            Machine machine, Device device, Roof roof, List<Standing> standings, List<Measurement> failures) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("machine", machine.cpuModel());
        result.put(
                "date",
                LocalDateTime.now(ZoneId.systemDefault())
                        .truncatedTo(ChronoUnit.SECONDS)
                        .toString());
        result.put("device", device.name());
        result.put("description", device.backend().description());
        result.put("threads", Threads.count());
        result.put("peak_gflops", roof.gflops());
        List<Map<String, Object>> levels = new ArrayList<>();
        for (Roof.Level level : roof.levels()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", level.name());
            entry.put("bytes", level.capacity() == Long.MAX_VALUE ? null : level.capacity());
            level.gbps().forEach((stream, gbps) -> entry.put(stream.name().toLowerCase(Locale.ROOT) + "_gbps", gbps));
            levels.add(entry);
        }
        result.put("levels", levels);
        List<Map<String, Object>> works = new ArrayList<>();
        for (Standing s : standings) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("work", s.work().name());
            entry.put("intensity", s.intensity());
            entry.put("median_ms", s.measurement().medianMs());
            entry.put("gflops", s.measurement().gflops());
            entry.put("gbps", s.measurement().gbps());
            entry.put("level", roof.levels().get(s.level()).name());
            entry.put("share_of_roof", s.share());
            works.add(entry);
        }
        result.put("works", works);
        result.put(
                "failed",
                failures.stream().map(m -> m.work().name() + ": " + m.problem()).toList());
        return result;
    }
}
