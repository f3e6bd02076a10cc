package org.nautile.bench.works;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;
import org.nautile.models.cli.CommandException;
import org.nautile.models.cli.CommandPage;
import org.nautile.models.cli.DeviceChoice;
import org.nautile.models.cli.JsonOption;
import org.nautile.models.cli.Machine;
import org.nautile.models.cli.Nearest;
import org.nautile.models.cli.OutputFiles;
import org.nautile.models.cli.Refusal;
import org.nautile.models.cli.Subcommand;
import org.nautile.models.cli.Table;
import org.nautile.models.cli.Terminal;
import org.nautile.models.cli.ThreadsOption;
import org.nautile.models.comparison.Figures;
import org.nautile.models.report.HtmlReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures an op in growing sizes on several devices, and says where one overtakes another. */
@Command(
        name = "crossover",
        sortOptions = false,
        header = "Measure from which size on a device is worth it.",
        description = {
            "The time of an op by its size, on each device, in three parts. Launch is what it takes at the smallest size,"
                    + " where there is next to nothing to compute; compute is what it takes longer at others. Copy is the way"
                    + " of all inputs from Java arrays to the device and of the result back, measured apart: it is to be paid"
                    + " where data does not stay on the device.",
            "",
            "Ops: matmul, conv2d, attention, add, gelu, softmax, linear."
        })
public final class CrossoverCommand implements Subcommand {
    private static final double LONG = 0.1; // seconds of a call, after which larger sizes would take too long
    private static final double FIRST_WARM_UP = 1; // second: the compiler of the JVM has seen nothing of the device yet
    private static final int BARS = 4; // sizes whose parts are drawn as bars, about

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "OP", description = "The op, as listed above.")
    private String op = "";

    @Option(
            names = "--devices",
            paramLabel = "D,D",
            split = ",",
            description = "Devices. Default: all of reference, cpu, openblas, cuda and cudnn that can be used here.")
    private List<String> devices = List.of();

    @Option(
            names = "--sizes",
            paramLabel = "N,N",
            split = ",",
            description =
                    "Sizes, the smallest being that of the launch. Default: the op's own, up to where a call takes"
                            + " a tenth of a second.")
    private List<Integer> sizes = List.of();

    @Mixin
    private ThreadsOption threads = new ThreadsOption();

    @Option(
            names = "--budget",
            paramLabel = "SECONDS",
            description = "Samples of each point; its warm-up takes 3.3 times as long. Default: 0.1.")
    private double budget = 0.1;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the page, index.html, and its picture, crossover.png; made if missing. Default:"
                    + " runs/crossover-OP-DATE-TIME.")
    private @Nullable Path out;

    @Mixin
    private JsonOption json = new JsonOption();

    /** For {@link java.util.ServiceLoader}. */
    public CrossoverCommand() {}

    /**
     * A size on a device.
     *
     * @param size the size
     * @param seconds of the op, its tensors being there
     * @param copy seconds of copies
     */
    private record Point(int size, double seconds, double copy) {}

    /** The points of a device, by growing size. */
    private record Curve(Device device, List<Point> points) {
        double launch() {
            return points.get(0).seconds();
        }

        double compute(Point point) {
            return Math.max(0, point.seconds() - launch());
        }

        Crossing.Line line(boolean copies) {
            return new Crossing.Line(
                    device.name(),
                    points.stream().mapToDouble(Point::size).toArray(),
                    points.stream()
                            .mapToDouble(point -> point.seconds() + (copies ? point.copy() : 0))
                            .toArray());
        }
    }

    @Override
    public Integer call() {
        Sweep sweep = sweep();
        check();
        List<Device> chosen = DeviceChoice.several(devices);
        CommandPage page = new CommandPage(
                "Where devices overtake each other: " + op,
                out != null ? out : OutputFiles.dated("crossover-" + op),
                spec);
        json.check();
        PrintWriter screen = spec.commandLine().getOut();
        page.say(op + ": " + sweep.what());
        page.say(where());
        screen.println();
        List<Curve> curves = measure(sweep, chosen);
        table(curves).print(screen);
        screen.println();
        List<String> sentences = sentences(curves);
        sentences.forEach(page::say);
        fill(page.report(), curves);
        page.picture("crossover.png", picture(sweep, curves), "The curves beside each other, as a picture for slides.");
        page.write();
        json.write(result(sweep, curves, sentences));
        screen.flush();
        return 0;
    }

    private Sweep sweep() {
        Nearest.require(
                spec.commandLine(),
                "op",
                List.of(op),
                Sweep.all().stream().map(Sweep::op).toList());
        return Sweep.all().stream()
                .filter(one -> one.op().equals(op))
                .findFirst()
                .orElseThrow();
    }

    private void check() {
        threads.use();
        Refusal.budget(budget, spec.commandLine());
        for (int i = 0; i < sizes.size(); i++) {
            if (sizes.get(i) < 1 || (i > 0 && sizes.get(i) <= sizes.get(i - 1))) {
                throw new ParameterException(
                        spec.commandLine(), "--sizes " + sizes + " are not numbers from 1 that grow");
            }
        }
        devices.forEach(device -> DeviceChoice.check(device, spec.commandLine()));
    }

    private static String where() {
        return new Machine(Path.of("/")).cpuModel() + ", " + Figures.count(Threads.count(), "thread");
    }

    /** Size by size, the devices in turn, so that what else runs on the machine disturbs all of them. */
    private List<Curve> measure(Sweep sweep, List<Device> chosen) {
        Timing timing = Timing.of(budget);
        List<Curve> curves = chosen.stream()
                .map(device -> new Curve(device, new ArrayList<>()))
                .toList();
        int[] all = sizes.isEmpty()
                ? sweep.sizes()
                : sizes.stream().mapToInt(Integer::intValue).toArray();
        Timing first = new Timing(budget, FIRST_WARM_UP, 1);
        chosen.forEach(device -> point(sweep, all[0], device, first));
        for (int size : all) {
            for (Curve curve : curves) {
                List<Point> points = curve.points();
                boolean slow = sizes.isEmpty()
                        && !points.isEmpty()
                        && points.get(points.size() - 1).seconds() > LONG;
                if (!slow) {
                    progress(curve.device() + ", size " + size);
                    points.add(point(sweep, size, curve.device(), timing));
                }
            }
        }
        progress("");
        return curves;
    }

    /** Says on a terminal what is under way, in place of what was before. */
    private void progress(String what) {
        if (Terminal.of(spec).err()) {
            PrintWriter err = spec.commandLine().getErr();
            err.print("\r\033[K" + what);
            err.flush();
        }
    }

    private static Point point(Sweep sweep, int size, Device device, Timing timing) {
        double seconds;
        // which compares the result with the reference's first
        try (LocalLane lane = new LocalLane(device.name(), "reference", false)) {
            Measurement measured = lane.measure(sweep.work().apply(size), Threads.count(), timing);
            if (measured.problem() != null) {
                throw new CommandException(
                        sweep.op() + " of size " + size + " on " + device + ": " + measured.problem());
            }
            seconds = measured.medianMs() / 1e3;
        }
        long[] numbers = sweep.copied().apply(size);
        try (Scope scope = new Scope()) {
            float[][] arrays = Arrays.stream(numbers)
                    .mapToObj(count -> new float[Math.toIntExact(count)])
                    .toArray(float[][]::new);
            Tensor[] tensors = Arrays.stream(numbers)
                    .mapToObj(count -> Tensor.full(device, DType.FLOAT32, Shape.of(count), 1))
                    .toArray(Tensor[]::new);
            int last = numbers.length - 1;
            Runnable copies = () -> {
                for (int i = 0; i < last; i++) {
                    tensors[i].set(arrays[i]);
                }
                tensors[last].toFloatArray();
            };
            double copy = timing.measure(copies, device.backend()::synchronize).medianSeconds();
            return new Point(size, seconds, copy);
        }
    }

    private static Table table(List<Curve> curves) {
        Table table = new Table(">size", "device", ">launch", ">compute", ">copy", ">without copies", ">with copies");
        int longest =
                curves.stream().mapToInt(curve -> curve.points().size()).max().orElse(0);
        for (int i = 0; i < longest; i++) {
            for (Curve curve : curves) {
                if (i < curve.points().size()) {
                    Point point = curve.points().get(i);
                    table.add(
                            Integer.toString(point.size()),
                            curve.device().name(),
                            Figures.time(curve.launch()),
                            Figures.time(curve.compute(point)),
                            Figures.time(point.copy()),
                            Figures.time(point.seconds()),
                            Figures.time(point.seconds() + point.copy()));
                }
            }
        }
        return table;
    }

    /** What happens between each two devices. */
    private static List<String> sentences(List<Curve> curves) {
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < curves.size(); i++) {
            for (Curve b : curves.subList(i + 1, curves.size())) {
                Curve a = curves.get(i);
                sentences.add(Crossing.sentence(a.line(false), b.line(false), a.line(true), b.line(true)));
            }
        }
        return sentences;
    }

    private Picture picture(Sweep sweep, List<Curve> curves) {
        Picture[] charts = IntStream.range(0, 2)
                .mapToObj(copies -> {
                    LineChart chart = new LineChart(title(copies == 1), "size n", "us")
                            .logarithmic()
                            .logarithmicX()
                            .legendOutside()
                            .size(720, 400);
                    drawn(curves, copies == 1)
                            .forEach(line -> chart.add(line.device(), line.sizes(), microseconds(line)));
                    return chart;
                })
                .toArray(Picture[]::new);
        return new Row(op + ": " + sweep.what(), charts);
    }

    /** The lines, and a point for each crossing. */
    private static List<Crossing.Line> drawn(List<Curve> curves, boolean copies) {
        List<Crossing.Line> lines =
                new ArrayList<>(curves.stream().map(curve -> curve.line(copies)).toList());
        for (int i = 0; i < curves.size(); i++) {
            for (int j = i + 1; j < curves.size(); j++) {
                for (Crossing crossing : Crossing.of(lines.get(i), lines.get(j))) {
                    lines.add(new Crossing.Line(
                            crossing.winner() + " overtakes " + crossing.loser() + " at " + Math.round(crossing.size()),
                            new double[] {crossing.size()},
                            new double[] {crossing.seconds()}));
                }
            }
        }
        return lines;
    }

    private static String title(boolean copies) {
        return copies ? "With copies to the device and back" : "Without copies";
    }

    private static double[] microseconds(Crossing.Line line) {
        return Arrays.stream(line.seconds()).map(seconds -> 1e6 * seconds).toArray();
    }

    private static void fill(HtmlReport page, List<Curve> curves) {
        for (boolean copies : new boolean[] {false, true}) {
            page.chart(new HtmlReport.Chart(
                    title(copies),
                    "size n",
                    "us",
                    true,
                    true,
                    drawn(curves, copies).stream()
                            .map(line -> new HtmlReport.Series(line.device(), line.sizes(), microseconds(line)))
                            .toList()));
        }
        page.text("Launch is the time of the smallest size; compute is what a size takes longer; copy is the way of the"
                + " inputs from Java arrays to the device and of the result back.");
        bars(curves).forEach(page::bars);
        table(curves).addTo(page);
    }

    /** The parts at some sizes from the smallest to the largest that all devices have. */
    private static List<HtmlReport.Bars> bars(List<Curve> curves) {
        int common =
                curves.stream().mapToInt(curve -> curve.points().size()).min().orElse(0);
        int shown = Math.min(BARS, common);
        return IntStream.range(0, shown)
                .map(i -> shown == 1 ? 0 : i * (common - 1) / (shown - 1))
                .mapToObj(at -> bars(curves, at))
                .toList();
    }

    private static HtmlReport.Bars bars(List<Curve> curves, int at) {
        double longest = curves.stream()
                .map(curve -> curve.points().get(at))
                .mapToDouble(point -> point.seconds() + point.copy())
                .max()
                .orElse(0);
        boolean small = longest < 1e-3;
        double[][] values = curves.stream()
                .map(curve -> {
                    Point point = curve.points().get(at);
                    return DoubleStream.of(curve.launch(), curve.compute(point), point.copy())
                            .map(seconds -> Figures.rounded((small ? 1e6 : 1e3) * seconds))
                            .toArray();
                })
                .toArray(double[][]::new);
        return new HtmlReport.Bars(
                "Size " + curves.get(0).points().get(at).size(),
                small ? "us" : "ms",
                curves.stream().map(curve -> curve.device().name()).toList(),
                List.of("launch", "compute", "copy"),
                values);
    }

    private static Map<String, Object> result(Sweep sweep, List<Curve> curves, List<String> sentences) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("op", sweep.op());
        result.put("what", sweep.what());
        result.put("machine", where());
        result.put("threads", Threads.count());
        List<Map<String, Object>> all = new ArrayList<>();
        for (Curve curve : curves) {
            for (Point point : curve.points()) {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("device", curve.device().name());
                entry.put("size", point.size());
                entry.put("launch_us", 1e6 * curve.launch());
                entry.put("compute_us", 1e6 * curve.compute(point));
                entry.put("copy_us", 1e6 * point.copy());
                entry.put("us", 1e6 * point.seconds());
                all.add(entry);
            }
        }
        result.put("points", all);
        result.put("crossings", sentences);
        return result;
    }
}
