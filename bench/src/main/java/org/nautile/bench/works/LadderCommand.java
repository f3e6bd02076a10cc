package org.nautile.bench.works;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.MatmulPrecision;
import org.nautile.Scope;
import org.nautile.Threads;
import org.nautile.backend.Ladder;
import org.nautile.backend.Peaks;
import org.nautile.models.charts.LadderChart;
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
import org.nautile.models.report.HtmlReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows how an op becomes fast: from the plain loop to the library's kernel, step by step, measured. */
@Command(
        name = "ladder",
        sortOptions = false,
        header = "Show how an op becomes fast, step by step from the plain loop.",
        description = {
            "Each rung is a small program of its own, which teaches one idea: --source prints them, and the page shows them."
                    + " Measured are its operations per second, how many times faster it is than the rung before, and its"
                    + " part of the roof: of what the device could do at best, multiplying and adding or reading its memory,"
                    + " whichever takes longer. --threads is for the last rungs; the others have one.",
            "",
            "Every rung is first compared with the device reference on odd sizes, and with Nautile's kernel on the size"
                    + " that is timed; a wrong one is not timed. One that would take minutes is not run."
        })
public final class LadderCommand implements Subcommand {
    private static final double WARM_UP = 0.2;
    private static final int SAMPLES = 3;
    private static final int LARGEST = 16384;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "OP", description = "The op: matmul, conv2d or attention.")
    private String op = "";

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Option(
            names = "--size",
            paramLabel = "N",
            description =
                    "Rows and columns of matmul, channels of conv2d, tokens of attention. Default: 768, 64 and 512"
                            + " on processors, 4096, 256 and 4096 on GPUs, 64, 8 and 64 on the emulated one.")
    private @Nullable Integer size;

    @Mixin
    private ThreadsOption threads = new ThreadsOption();

    @Option(
            names = "--budget",
            paramLabel = "SECONDS",
            description = "Samples of each rung, at least three calls. Default: 0.3.")
    private double budget = 0.3;

    @Option(
            names = "--source",
            description =
                    "Print the rungs' source code and measure nothing. Default: measure; the page has the sources.")
    private boolean source;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the page, index.html, and the chart, ladder.png; made if missing."
                    + " Default: runs/ladder-OP-DATE-TIME.")
    private @Nullable Path out;

    @Mixin
    private JsonOption json = new JsonOption();

    /** For {@link java.util.ServiceLoader}. */
    public LadderCommand() {}

    /** What a device can do at best; null roofs where nobody can say. */
    private record Roofs(@Nullable Roof roof, double tensorGflops) {
        Roofs best(Roofs other) {
            return roof == null || other.roof == null
                    ? this
                    : new Roofs(roof.best(other.roof), Math.max(tensorGflops, other.tensorGflops));
        }

        /** The most GFLOP/s of a problem; NaN if unknown. */
        double gflops(LadderProblem problem, boolean rounds) {
            if (roof == null || (rounds && Double.isNaN(tensorGflops))) {
                return Double.NaN;
            }
            Roof mine = rounds ? new Roof(tensorGflops, roof.levels()) : roof;
            Work work = new Work("", problem.op(), "", Map.of(), problem.flops(), problem.bytes(), 0);
            return problem.flops() / mine.seconds(work) / 1e9;
        }
    }

    /** What is shown of a step. */
    private record Row(Climb.Step step, double gflops, double times, double share) {
        List<String> cells() {
            Timing.Sample sample = step.sample();
            return List.of(
                    step.title(),
                    sample != null ? LiveTable.number(1e3 * sample.medianSeconds()) : "-",
                    sample != null ? LiveTable.number(gflops) : step.problem(),
                    Double.isNaN(times) ? "-" : String.format(Locale.ROOT, "%.1f x", times),
                    Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share));
        }
    }

    @Override
    public Integer call() {
        check();
        PrintWriter screen = spec.commandLine().getOut();
        if (source) {
            // to read the CUDA rungs needs no GPU
            boolean gpu = device.name().equals("auto")
                    ? folderOf(device.open()).equals("cuda")
                    : device.name().startsWith("cu");
            Rung.of(gpu ? "cuda" : "cpu", op).forEach(rung -> {
                screen.println("// ---- " + rung.file());
                screen.println(rung.source());
            });
            return 0;
        }
        json.check();
        Device chosen = device.open();
        Ladder ladder = chosen.backend().ladder();
        if (ladder == null) {
            throw new CommandException(
                    "device " + chosen + " has no ladder: its kernels are plain Java; use --device cpu or cuda");
        }
        CommandPage page = new CommandPage(
                "From the plain loop to the kernel: " + op,
                out != null ? out : OutputFiles.dated("ladder-" + op),
                spec);
        MatmulPrecision before = MatmulPrecision.current();
        try (Scope scope = new Scope()) {
            MatmulPrecision.set(MatmulPrecision.HIGHEST);
            return climb(screen, chosen, ladder, page);
        } finally {
            MatmulPrecision.set(before);
        }
    }

    private void check() {
        if (!LadderProblem.OPS.contains(op)) {
            throw new ParameterException(
                    spec.commandLine(), "there is no ladder of '" + op + "': there are matmul, conv2d and attention");
        }
        if (size != null && (size < 1 || size > LARGEST)) {
            throw new ParameterException(spec.commandLine(), "--size " + size + " is not between 1 and " + LARGEST);
        }
        threads.use();
        Refusal.budget(budget, spec.commandLine());
        device.check();
    }

    private static String folderOf(Device device) {
        Ladder ladder = device.backend().ladder();
        return ladder == null ? "cpu" : ladder.folder();
    }

    private int climb(PrintWriter screen, Device chosen, Ladder ladder, CommandPage page) {
        boolean emulated = chosen.name().contains("emulated");
        LadderProblem.Scale scale = emulated
                ? LadderProblem.Scale.EMULATOR
                : ladder.folder().equals("cpu") ? LadderProblem.Scale.CPU : LadderProblem.Scale.GPU;
        int n = size == null ? scale.size(op) : size;
        Climb climb = new Climb(ladder, chosen, scale, new Timing(budget, WARM_UP, SAMPLES));
        LadderProblem problem = LadderProblem.of(op, new Inputs(chosen), n, scale);
        String where = (ladder.folder().equals("cpu") ? new Machine(Path.of("/")).cpuModel() + ", " : "")
                + chosen.backend().description();
        screen.println(op + ", " + problem.text() + ": " + LiveTable.number(problem.flops() / 1e9) + " GFLOP");
        screen.println("device " + chosen + " (" + where + ")");
        if (emulated) {
            screen.println("an emulated GPU: its times say nothing about a real one");
        }
        screen.println();
        screen.flush();
        PrintWriter err = spec.commandLine().getErr();
        // before and after the rungs: what else runs on the machine may have gone by then
        Roofs first = roofs(climb, chosen, ladder, emulated);
        List<Climb.Step> steps = climb.steps(problem, n, Rung.of(ladder.folder(), op), step -> {
            err.println("nautile: " + step.title() + (step.problem().isEmpty() ? "" : ": " + step.problem()));
            err.flush();
        });
        Roofs roofs = first.best(roofs(climb, chosen, ladder, emulated));
        List<Row> rows = rows(problem, steps, roofs);

        Table table = new Table("rung", ">ms", ">GFLOP/s", ">than before", ">of the roof");
        rows.forEach(row -> table.add(row.cells()));
        String title = op + ", " + problem.text();
        double most = roofs.gflops(problem, false);
        double mostRounded = roofs.gflops(problem, true);
        page.report().text(title + ", on " + where + ".");
        page.report().heading("How fast each rung is");
        page.picture(
                "ladder.png",
                chart(title, where, rows, most, mostRounded),
                "Operations per second of each rung; the dashed line is what the device could do.");
        page.show(table);
        screen.println();
        if (!Double.isNaN(most)) {
            page.say("roof: " + LiveTable.number(most) + " GFLOP/s"
                    + (Double.isNaN(mostRounded)
                            ? ""
                            : ", with TF32 by the tensor cores' mma " + LiveTable.number(mostRounded)));
        }
        if (!note(rows).isEmpty()) {
            page.say(note(rows));
        }
        sources(page.report(), rows);
        page.write();
        json.write(result(chosen, problem, n, rows, most, mostRounded));
        return steps.stream().noneMatch(Climb.Step::failed) ? 0 : 1;
    }

    private static Roofs roofs(Climb climb, Device device, Ladder ladder, boolean emulated) {
        Peaks peaks = device.backend().peaks();
        if (peaks != null) {
            Timing timing = Timing.of(0.1);
            return new Roofs(
                    Roof.measure(device, peaks, Cache.of(new Machine(Path.of("/"))), Threads.count(), timing),
                    Double.NaN);
        }
        if (emulated || !ladder.folder().equals("cuda")) {
            return new Roofs(null, Double.NaN);
        }
        Climb.GpuRoof gpu = climb.gpuRoof();
        return new Roofs(gpu.roof(), gpu.tensorGflops());
    }

    private static List<Row> rows(LadderProblem problem, List<Climb.Step> steps, Roofs roofs) {
        List<Row> rows = new ArrayList<>();
        double before = Double.NaN;
        for (Climb.Step step : steps) {
            double gflops = step.gflops(problem);
            // Hopper's own instructions are faster than the one that the roof of TF32 was measured with
            boolean roofed = !(step.rounds() && step.rung() == null);
            rows.add(new Row(
                    step,
                    gflops,
                    gflops / before,
                    roofed ? gflops / roofs.gflops(problem, step.rounds()) : Double.NaN));
            before = Double.isNaN(gflops) ? before : gflops;
        }
        return rows;
    }

    /** Why a bar can be longer than the roof allows; empty if none is. */
    private String note(List<Row> rows) {
        if (rows.stream().noneMatch(row -> row.share() > 1.1)) {
            return "";
        }
        return op.equals("conv2d")
                ? "above the roof: Winograd's algorithm needs fewer operations than the formula, whose operations are counted"
                : "above the roof: the machine did other things while the roof was measured";
    }

    private static LadderChart chart(String title, String where, List<Row> rows, double most, double mostRounded) {
        LadderChart chart = new LadderChart(title, where);
        rows.forEach(
                row -> chart.bar(row.step().title(), row.gflops(), row.step().rung() == null));
        if (!Double.isNaN(most)) {
            chart.roof("roof", most);
        }
        if (!Double.isNaN(mostRounded)
                && rows.stream().anyMatch(row -> row.step().rounds())) {
            chart.roof("tensor cores' roof", mostRounded);
        }
        return chart;
    }

    private static void sources(HtmlReport report, List<Row> rows) {
        for (Row row : rows) {
            Rung rung = row.step().rung();
            if (rung != null) {
                report.heading(rung.title());
                report.text(rung.idea());
                report.code(rung.file(), rung.source());
            }
        }
        report.heading("What every rung is given");
        report.code(Rung.HEADER_FILE, Rung.header());
    }

    private Map<String, Object> result(
            Device device, LadderProblem problem, int n, List<Row> rows, double most, double mostRounded) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("op", op);
        result.put("device", device.name());
        result.put("description", device.backend().description());
        result.put("threads", Threads.count());
        result.put("size", n);
        result.put("problem", problem.text());
        result.put("flops", problem.flops());
        result.put("bytes", problem.bytes());
        result.put("roof_gflops", number(most));
        result.put("tensor_roof_gflops", number(mostRounded));
        List<Map<String, Object>> entries = new ArrayList<>();
        for (Row row : rows) {
            Map<String, Object> entry = new LinkedHashMap<>();
            Rung rung = row.step().rung();
            Timing.Sample sample = row.step().sample();
            entry.put("rung", rung == null ? null : rung.function());
            entry.put("title", row.step().title());
            entry.put("median_ms", sample == null ? null : sample.medianSeconds() * 1e3);
            entry.put("min_ms", sample == null ? null : sample.minSeconds() * 1e3);
            entry.put("gflops", number(row.gflops()));
            entry.put("times_before", number(row.times()));
            entry.put("share_of_roof", number(row.share()));
            entry.put(
                    "problem",
                    row.step().problem().isEmpty() ? null : row.step().problem());
            entries.add(entry);
        }
        result.put("rungs", entries);
        return result;
    }

    private static @Nullable Double number(double value) {
        return Double.isNaN(value) ? null : value;
    }
}
