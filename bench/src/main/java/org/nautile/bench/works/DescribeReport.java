package org.nautile.bench.works;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nautile.Threads;
import org.nautile.bench.works.Description.Kernel;
import org.nautile.bench.works.Description.Layer;
import org.nautile.models.Model;
import org.nautile.models.cli.Table;
import org.nautile.models.comparison.Figures;
import org.nautile.models.report.HtmlReport;

/** What {@code nautile describe} shows: tables on the screen, a page, and JSON. */
final class DescribeReport {
    private static final double DISTURBED = 1.15; // a step that took so much longer than it had to
    private static final double SHORT = 2e-6; // seconds: of such a step, running the plan is a part

    private final Model model;
    private final int batch;
    private final List<Prediction> devices;
    private final @Nullable Gpu gpu;

    /** The step of a model with batches of a size; the first device is the one whose layers are shown. */
    DescribeReport(Model model, int batch, List<Prediction> devices, @Nullable Gpu gpu) {
        this.model = model;
        this.batch = batch;
        this.devices = devices;
        this.gpu = gpu;
    }

    private Seconds onGpu(Gpu named) {
        return Prediction.sum(first().kernels().stream()
                .map(kernel -> named.seconds(kernel.flops(), kernel.bytes()))
                .toList());
    }

    private Description first() {
        return devices.get(0).description();
    }

    // ------------------------------------------------------------------------------------------------ rows

    private static final List<String> LAYER_HEADER =
            List.of("layer", "kind", "output", ">parameters", ">MFLOP forward", ">MB", ">% predicted", ">% measured");

    private List<List<String>> layerRows() {
        Prediction on = devices.get(0);
        Description description = on.description();
        List<Seconds> predicted = on.predictedKernels();
        int count = description.layers().size();
        double[] seconds = new double[count];
        double[] measured = new double[count];
        double[] bytes = new double[count];
        int[] kernels = new int[count];
        for (int i = 0; i < description.kernels().size(); i++) {
            Kernel kernel = description.kernels().get(i);
            seconds[kernel.layer()] += predicted == null ? 0 : predicted.get(i).total();
            measured[kernel.layer()] +=
                    kernel.part() == null ? 0 : kernel.part().seconds();
            bytes[kernel.layer()] += kernel.bytes();
            kernels[kernel.layer()]++;
        }
        double all = predicted == null ? 0 : Prediction.sum(predicted).total();
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Layer layer = description.layers().get(i);
            if (kernels[i] == 0 && layer.output().isEmpty()) {
                continue;
            }
            rows.add(List.of(
                    layer.name(),
                    layer.kind(),
                    layer.output(),
                    layer.parameters() == 0 ? "" : Figures.grouped(layer.parameters()),
                    layer.flops() == 0 ? "" : number(layer.flops() / 1e6),
                    number(bytes[i] / 1e6),
                    all == 0 ? "-" : percent(seconds[i] / all),
                    on.timed() ? percent(measured[i] / on.measuredKernels()) : "-"));
        }
        return rows;
    }

    private static final List<String> KERNEL_HEADER =
            List.of("kernel", "algorithm", ">MFLOP", ">KB", "bound by", ">us predicted", ">us measured", ">ratio");

    private static List<List<String>> kernelRows(Prediction on) {
        List<Seconds> predicted = on.predictedKernels();
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < on.description().kernels().size(); i++) {
            Kernel kernel = on.description().kernels().get(i);
            double measured = kernel.part() == null ? 0 : kernel.part().seconds();
            Seconds seconds = predicted == null ? null : predicted.get(i);
            rows.add(List.of(
                    kernel.name(),
                    kernel.part() == null ? "" : kernel.part().algorithm(),
                    kernel.flops() == 0 ? "" : number(kernel.flops() / 1e6),
                    number(kernel.bytes() / 1e3),
                    seconds == null ? "-" : bound(seconds),
                    seconds == null ? "-" : number(1e6 * seconds.total()),
                    measured == 0 ? "-" : number(1e6 * measured),
                    seconds == null || measured == 0 ? "-" : ratio(seconds.total() / measured)));
        }
        return rows;
    }

    private static String bound(Seconds seconds) {
        double most = Math.max(seconds.overhead(), Math.max(seconds.arithmetic(), seconds.memory()));
        return seconds.arithmetic() == most ? "arithmetic" : seconds.memory() == most ? "memory" : "overhead";
    }

    private static final List<String> TIME_HEADER = List.of(
            "device",
            ">ms predicted",
            ">% arithmetic",
            ">% memory",
            ">% overhead",
            ">ms measured",
            ">predicted/measured",
            ">examples/s");

    private List<List<String>> timeRows() {
        List<List<String>> rows = new ArrayList<>();
        for (Prediction on : devices) {
            Seconds predicted = on.predicted();
            double measured = on.description().step().bestSeconds();
            rows.add(timeRow(on.device() + " (" + on.device().backend().description() + ")", predicted, measured));
        }
        if (gpu != null) {
            rows.add(timeRow(gpu.title() + ", not measured", onGpu(gpu), 0));
        }
        return rows;
    }

    private List<String> timeRow(String name, @Nullable Seconds predicted, double measured) {
        String known = measured > 0 ? number(1e3 * measured) : "-";
        if (predicted == null) {
            return List.of(name, "-", "-", "-", "-", known, "-", "-");
        }
        double total = predicted.total();
        return List.of(
                name,
                number(1e3 * total),
                percent(predicted.arithmetic() / total),
                percent(predicted.memory() / total),
                percent(predicted.overhead() / total),
                known,
                measured > 0 ? ratio(total / measured) : "-",
                Figures.grouped(Math.round(batch / total)));
    }

    /** What one should know of the times. */
    private List<String> remarks() {
        List<String> lines = new ArrayList<>();
        for (Prediction on : devices) {
            Processor processor = on.processor();
            double undisturbed = on.undisturbed();
            double best = on.description().step().bestSeconds();
            double median = on.description().step().medianSeconds();
            if (best > DISTURBED * undisturbed + SHORT) {
                lines.add(on.device() + ": other programs ran while it was measured; undisturbed, the step takes about "
                        + number(1e3 * undisturbed) + " ms");
            } else if (median > DISTURBED * best + SHORT) {
                lines.add(on.device() + ": other programs ran while it was measured: half of the runs took "
                        + number(1e3 * median) + " ms or more");
            }
            if (processor == null) {
                lines.add(on.device() + ": no prediction, for what it can do at best cannot be measured here");
            } else {
                lines.add(on.device() + ": " + roofs(processor));
            }
        }
        if (gpu != null) {
            lines.add(gpu.title() + ": not here, and not measured; of the published peaks "
                    + Figures.percent(Gpu.SHARE)
                    + " are taken to be reached, and " + number(1e6 * Gpu.LAUNCH) + " us to launch each kernel");
        }
        return lines;
    }

    private static String roofs(Processor processor) {
        StringBuilder line = new StringBuilder("roofs measured in " + number(processor.measured()) + " s: "
                + number(processor.team().gflops()) + " GFLOP/s;");
        String separator = " ";
        for (Roof.Level level : processor.team().levels()) {
            line.append(separator)
                    .append(level.name())
                    .append(' ')
                    .append(number(level.typical()))
                    .append(" GB/s");
            separator = ", ";
        }
        if (processor.threads() > 1) {
            line.append("; threads meet in ")
                    .append(number(1e6 * processor.meeting()))
                    .append(" us");
        }
        return line.toString();
    }

    private Map<String, Double> memory() {
        Map<String, Double> memory = new LinkedHashMap<>();
        Description description = first();
        memory.put("weights", description.weightBytes());
        memory.put("gradients", description.weightBytes());
        memory.put("optimizer", description.optimizerBytes());
        memory.put("between layers and in kernels", (double) description.step().bytes());
        return memory;
    }

    // ------------------------------------------------------------------------------------------------ screen

    /** Prints the tables. */
    void print(PrintWriter out, boolean kernels) {
        out.println(model.name() + ": " + first().step().data());
        out.println(heading());
        out.println();
        table(LAYER_HEADER, layerRows()).print(out);
        out.println();
        totals().forEach(out::println);
        out.println();
        table(TIME_HEADER, timeRows()).print(out);
        remarks().forEach(out::println);
        if (kernels) {
            for (Prediction on : devices) {
                out.println();
                out.println("kernels on " + on.device());
                table(KERNEL_HEADER, kernelRows(on)).print(out);
            }
        }
        out.flush();
    }

    private static Table table(List<String> header, List<List<String>> rows) {
        Table table = new Table(header);
        rows.forEach(table::add);
        return table;
    }

    private String heading() {
        return "a training step of " + Figures.count(batch, "example") + ", "
                + Figures.count(Threads.count(), "thread");
    }

    private List<String> totals() {
        Description description = first();
        List<String> lines = new ArrayList<>();
        lines.add(Figures.grouped(description.parameterCount()) + " parameters; a step: "
                + number(description.forwardFlops() / 1e6) + " MFLOP forward, " + number(description.flops() / 1e6)
                + " MFLOP in all, " + number(description.bytes() / 1e6) + " MB read or written, "
                + description.kernels().size() + " kernels");
        StringBuilder memory = new StringBuilder("memory:");
        String separator = " ";
        for (Map.Entry<String, Double> entry : memory().entrySet()) {
            memory.append(separator)
                    .append(entry.getKey())
                    .append(' ')
                    .append(number(entry.getValue() / 1e6))
                    .append(" MB");
            separator = ", ";
        }
        lines.add(memory.toString());
        return lines;
    }

    // ------------------------------------------------------------------------------------------------ page

    private static final int LONGEST = 20; // layers in the picture

    /** Fills a page with the tables. */
    void fill(HtmlReport page, boolean kernels) {
        page.text(model.summary() + ". " + first().step().data() + "; " + heading() + ".");
        page.heading("Time of a step");
        page.text("Predicted from how fast the machine multiplies and moves data, and from what each kernel has to do;"
                + " measured: the fastest of " + first().step().runs() + " runs.");
        table(TIME_HEADER, timeRows()).addTo(page);
        page.bars(timeBars());
        remarks().forEach(page::text);
        page.heading("Layers");
        totals().forEach(page::text);
        if (devices.get(0).processor() != null) {
            page.bars(layerBars());
        }
        table(LAYER_HEADER, layerRows()).addTo(page);
        if (kernels) {
            for (Prediction on : devices) {
                page.heading("Kernels on " + on.device());
                table(KERNEL_HEADER, kernelRows(on)).addTo(page);
            }
        }
    }

    private HtmlReport.Bars timeBars() {
        List<String> labels = new ArrayList<>();
        List<double[]> values = new ArrayList<>();
        for (Prediction on : devices) {
            Seconds predicted = on.predicted();
            if (predicted != null) {
                labels.add(on.device() + ", predicted");
                values.add(scaled(1e3, predicted, 0));
            }
            labels.add(on.device() + ", measured");
            values.add(scaled(1e3, Seconds.NONE, on.description().step().bestSeconds()));
        }
        if (gpu != null) {
            labels.add(gpu.title() + ", predicted");
            values.add(scaled(1e3, onGpu(gpu), 0));
        }
        return new HtmlReport.Bars(
                "Time of a training step",
                "ms",
                labels,
                List.of("arithmetic", "memory", "overhead", "measured"),
                values.toArray(double[][]::new));
    }

    private static double[] scaled(double units, Seconds predicted, double measured) {
        double[] values = {predicted.arithmetic(), predicted.memory(), predicted.overhead(), measured};
        double unit = Math.pow(
                10, Math.floor(Math.log10(units * Arrays.stream(values).max().orElse(0) + 1e-9)) - 3);
        return Arrays.stream(values)
                .map(x -> Math.round(units * x / unit) * unit) // four digits of the largest
                .toArray();
    }

    /** The layers that should take longest, by what they are bound by. */
    private HtmlReport.Bars layerBars() {
        List<Seconds> seconds = new ArrayList<>();
        Description description = first();
        List<Seconds> predicted = devices.get(0).predictedKernels();
        description.layers().forEach(layer -> seconds.add(Seconds.NONE));
        for (int i = 0; predicted != null && i < predicted.size(); i++) {
            int layer = description.kernels().get(i).layer();
            seconds.set(layer, seconds.get(layer).plus(predicted.get(i)));
        }
        List<Integer> longest = IntStream.range(0, seconds.size())
                .boxed()
                .filter(i -> seconds.get(i).total() > 0)
                .sorted(Comparator.comparingDouble(i -> -seconds.get(i).total()))
                .limit(LONGEST)
                .sorted()
                .toList();
        return new HtmlReport.Bars(
                "Predicted time of layers, gradients included" + (seconds.size() > LONGEST ? ": the longest" : ""),
                "us",
                longest.stream()
                        .map(i -> description.layers().get(i).name() + " "
                                + description.layers().get(i).kind())
                        .map(String::strip)
                        .toList(),
                List.of("arithmetic", "memory", "overhead"),
                longest.stream()
                        .map(i -> Arrays.copyOf(scaled(1e6, seconds.get(i), 0), 3))
                        .toArray(double[][]::new));
    }

    // ------------------------------------------------------------------------------------------------ JSON

    /** All of it, for JSON. */
    Map<String, Object> values() {
        Description description = first();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("model", model.name());
        values.put("data", description.step().data());
        values.put("batch", batch);
        values.put("threads", Threads.count());
        values.put("parameters", description.parameterCount());
        values.put("forward_flops", description.forwardFlops());
        values.put("step_flops", description.flops());
        values.put("step_bytes", description.bytes());
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("weights", description.weightBytes());
        memory.put("gradients", description.weightBytes());
        memory.put("optimizer", description.optimizerBytes());
        memory.put("step", description.step().bytes());
        values.put("memory_bytes", memory);
        List<Map<String, Object>> layers = new ArrayList<>();
        for (Layer layer : description.layers()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", layer.name());
            entry.put("kind", layer.kind());
            entry.put("output", layer.output());
            entry.put("parameters", layer.parameters());
            entry.put("forward_flops", layer.flops());
            layers.add(entry);
        }
        values.put("layers", layers);
        List<Map<String, Object>> all = new ArrayList<>();
        devices.forEach(on -> all.add(values(on)));
        if (gpu != null) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("device", gpu.toString());
            entry.put("predicted_seconds", onGpu(gpu).total());
            entry.put("measured_seconds", null);
            all.add(entry);
        }
        values.put("devices", all);
        return values;
    }

    private static Map<String, Object> values(Prediction on) {
        Map<String, Object> entry = new LinkedHashMap<>();
        Seconds predicted = on.predicted();
        entry.put("device", on.device().name());
        entry.put("description", on.device().backend().description());
        entry.put("predicted_seconds", predicted == null ? null : predicted.total());
        entry.put("predicted_parts", predicted);
        entry.put("measured_seconds", on.description().step().bestSeconds());
        entry.put("median_seconds", on.description().step().medianSeconds());
        entry.put("kernels_seconds", on.timed() ? on.measuredKernels() : null);
        entry.put("undisturbed_seconds", on.undisturbed());
        entry.put("runs", on.description().step().runs());
        List<Seconds> seconds = on.predictedKernels();
        List<Map<String, Object>> kernels = new ArrayList<>();
        for (int i = 0; i < on.description().kernels().size(); i++) {
            Kernel kernel = on.description().kernels().get(i);
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", kernel.name());
            one.put("algorithm", kernel.part() == null ? "" : kernel.part().algorithm());
            one.put("layer", on.description().layers().get(kernel.layer()).name());
            one.put("flops", kernel.flops());
            one.put("bytes", kernel.bytes());
            one.put("predicted_seconds", seconds == null ? null : seconds.get(i).total());
            one.put(
                    "measured_seconds",
                    kernel.part() == null ? null : kernel.part().seconds());
            kernels.add(one);
        }
        entry.put("kernels", kernels);
        return entry;
    }

    private static String number(double value) {
        return value == 0 ? "0" : value < 5e-4 ? "<0.001" : value < 1e-2 ? decimals(value) : LiveTable.number(value);
    }

    private static String decimals(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
