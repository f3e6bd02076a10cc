package org.nautile.models.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.nautile.MatmulPrecision;
import org.nautile.Phase;
import org.nautile.Threads;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.charts.Row;
import org.nautile.models.comparison.DeviceTrial;
import org.nautile.models.comparison.Figures;
import org.nautile.models.comparison.FirstSteps;
import org.nautile.models.comparison.Quantiles;
import org.nautile.models.comparison.StepTimes;
import org.nautile.models.comparison.Verdict;
import org.nautile.models.report.HtmlReport;

/** What {@code nautile compare} found: for the screen, as JSON, and as a page. */
final class CompareReport {
    private static final String RECORDED = "Recorded steps, as nautile train takes them:";
    private static final String PARTS = "Op by op, the device waited for after each part, ms a step:";

    private final String model;
    private final FirstSteps.Settings settings;
    private final List<DeviceTrial> trials;
    private final DeviceTrial first;

    CompareReport(String model, FirstSteps.Settings settings, List<DeviceTrial> trials) {
        this.model = model;
        this.settings = settings;
        this.trials = trials;
        this.first = trials.get(0);
    }

    private String what() {
        return model + ": " + first.source();
    }

    private String how() {
        return String.format(
                Locale.ROOT,
                "%s parameters, batch %d, learning rate %s, seed %d, losses of %d steps",
                Figures.grouped(first.parameters()),
                first.batch(),
                settings.learningRate(),
                settings.seed(),
                first.losses().length);
    }

    /** The processor's clock is what the system says now; it may have been another while there was work. */
    private static String where() {
        Machine machine = new Machine(Path.of("/"));
        String clock = machine.field("/proc/cpuinfo", "cpu MHz")
                .map(mhz -> ", " + Figures.number(Double.parseDouble(mhz) / 1e3) + " GHz")
                .orElse(", clock unknown");
        MatmulPrecision precision = MatmulPrecision.current();
        return machine.cpuModel() + clock + ", " + Figures.count(Threads.count(), "thread")
                + (precision == MatmulPrecision.HIGHEST ? "" : ", precision of matrix products " + precision)
                + ", Java " + System.getProperty("java.version");
    }

    private Table devices() {
        return rows(
                List.of("device", "what runs"),
                trial -> List.of(trial.device().name(), trial.device().backend().description()));
    }

    private Table recorded() {
        return rows(
                List.of(
                        "device",
                        ">samples/s",
                        ">ms a step (quartiles)",
                        ">steps timed",
                        ">kernels",
                        ">last loss",
                        ">largest difference",
                        ">in step",
                        ">device's peak",
                        ">process's peak"),
                trial -> {
                    DeviceTrial.Difference largest = trial.difference(first);
                    boolean same = trial.device().equals(first.device());
                    return List.of(
                            trial.device().name(),
                            Long.toString(Math.round(trial.samplesPerSecond())),
                            Figures.milliseconds(trial.recorded().whole()),
                            Integer.toString(trial.recorded().steps().size()),
                            trial.kernels() == 0 ? Figures.NONE : Long.toString(trial.kernels()),
                            String.format(Locale.ROOT, "%.6f", trial.finalLoss()),
                            same
                                    ? Figures.NONE
                                    : largest.value() == 0 ? "0" : String.format(Locale.ROOT, "%.1e", largest.value()),
                            same ? Figures.NONE : Integer.toString(largest.step()),
                            Figures.megabytes(trial.devicePeak()),
                            Figures.megabytes(trial.hostPeak()));
                });
    }

    private Table parts() {
        List<String> headings = new ArrayList<>(List.of("device"));
        Phase.OF_STEP.stream().map(part -> ">" + part.label()).forEach(headings::add);
        headings.add(">whole step");
        return rows(headings, trial -> {
            StepTimes times = trial.parts();
            List<String> row = new ArrayList<>(List.of(trial.device().name()));
            for (Phase part : Phase.OF_STEP) {
                boolean known = times.split() || part.compareTo(Phase.FORWARD) < 0;
                row.add(known ? Figures.milliseconds(times.part(part)) : Figures.NONE);
            }
            row.add(Figures.milliseconds(times.whole()));
            return row;
        });
    }

    private Table rows(List<String> headings, Function<DeviceTrial, List<String>> row) {
        Table table = new Table(headings);
        trials.forEach(trial -> table.add(row.apply(trial)));
        return table;
    }

    /** What the tables do not say by themselves. */
    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (trials.stream().anyMatch(trial -> !trial.parts().split())) {
            notes.add(model
                    + " takes its step in a way of its own: forward, backward and optimizer cannot be told apart.");
        }
        notes.add(
                "Data is the wait for examples, which another thread gathers meanwhile; copy is their way to the device"
                        + " and the loss's way back; the optimizer's part includes zeros for the gradients. The process's peak"
                        + " includes Java's heap. Medians of parts need not add up to the median of the whole.");
        return notes;
    }

    private List<String> verdicts() {
        DeviceTrial base = Verdict.base(trials);
        return trials.stream().map(trial -> Verdict.of(trial, base)).toList();
    }

    private List<String> naive() {
        return trials.stream()
                .map(Verdict::ofNaive)
                .filter(text -> !text.isEmpty())
                .toList();
    }

    void print(PrintWriter screen) {
        screen.println(what());
        screen.println(how());
        screen.println(where());
        screen.println();
        devices().print(screen);
        screen.println();
        screen.println(RECORDED);
        recorded().print(screen);
        screen.println();
        screen.println(PARTS);
        parts().print(screen);
        notes().forEach(screen::println);
        screen.println();
        verdicts().forEach(screen::println);
        if (!naive().isEmpty()) {
            screen.println();
            screen.println("The wrong numbers:");
            naive().forEach(screen::println);
        }
        screen.flush();
    }

    /** The losses, and how far they are from the first device's. */
    private Picture losses() {
        LineChart curves = new LineChart("Loss of each step", "step", "loss").legendOutside();
        LineChart apart = new LineChart("Loss minus that of " + first.device(), "step", "difference").legendOutside();
        double[] x = steps();
        for (DeviceTrial trial : trials) {
            curves.add(trial.device().name(), x, trial.losses());
            apart.add(trial.device().name(), x, differences(trial));
        }
        return trials.size() > 1 ? new Row(what(), curves, apart) : new Row(what(), curves);
    }

    private double[] steps() {
        return IntStream.rangeClosed(1, first.losses().length).asDoubleStream().toArray();
    }

    private double[] differences(DeviceTrial trial) {
        return IntStream.range(0, first.losses().length)
                .mapToDouble(i -> trial.losses()[i] - first.losses()[i])
                .toArray();
    }

    /** Fills the page, and writes it and its picture. */
    void write(CommandPage written) {
        HtmlReport page = written.report();
        page.text(what());
        page.text(how());
        page.text(where());
        page.heading("Verdict");
        verdicts().forEach(page::text);
        devices().addTo(page);
        page.heading("Speed");
        page.text(RECORDED);
        recorded().addTo(page);
        page.heading("Where the time goes");
        page.text(PARTS);
        if (trials.stream().allMatch(trial -> trial.parts().split())) {
            page.bars(bars("Parts of a step, medians", "ms", trial -> 1e3));
            page.bars(bars(
                    "Parts of a step, shares of it",
                    "%",
                    trial -> 100
                            / Phase.OF_STEP.stream()
                                    .mapToDouble(part -> Figures.rounded(
                                            trial.parts().part(part).median()))
                                    .sum()));
        }
        parts().addTo(page);
        notes().forEach(page::text);
        page.heading("Losses");
        page.chart(chart("Loss of each step", "loss", DeviceTrial::losses));
        page.chart(chart("Loss minus that of " + first.device(), "difference", this::differences));
        written.picture("losses.png", losses(), "The same curves beside each other, as a picture for slides.");
        if (!naive().isEmpty()) {
            page.heading("The wrong numbers");
            naive().forEach(page::text);
        }
        written.write();
    }

    private HtmlReport.Chart chart(String title, String y, Function<DeviceTrial, double[]> values) {
        List<HtmlReport.Series> curves = trials.stream()
                .map(trial -> new HtmlReport.Series(trial.device().name(), steps(), values.apply(trial)))
                .toList();
        return new HtmlReport.Chart(title, "step", y, false, false, curves);
    }

    private HtmlReport.Bars bars(String title, String unit, ToDoubleFunction<DeviceTrial> factor) {
        double[][] values = trials.stream()
                .map(trial -> Phase.OF_STEP.stream()
                        .mapToDouble(part -> factor.applyAsDouble(trial)
                                * Figures.rounded(trial.parts().part(part).median()))
                        .toArray())
                .toArray(double[][]::new);
        return new HtmlReport.Bars(
                title,
                unit,
                trials.stream().map(trial -> trial.device().name()).toList(),
                Phase.OF_STEP.stream().map(Phase::label).toList(),
                values);
    }

    Map<String, Object> json() {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("model", model);
        result.put("data", first.source());
        result.put("parameters", first.parameters());
        result.put("batch", first.batch());
        result.put("learning_rate", settings.learningRate());
        result.put("seed", settings.seed());
        result.put("steps", first.losses().length);
        result.put("threads", Threads.count());
        result.put("machine", where());
        List<String> verdicts = verdicts();
        List<Map<String, Object>> devices = new ArrayList<>();
        for (int i = 0; i < trials.size(); i++) {
            devices.add(json(trials.get(i), verdicts.get(i)));
        }
        result.put("devices", devices);
        return result;
    }

    private Map<String, Object> json(DeviceTrial trial, String verdict) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("device", trial.device().name());
        entry.put("description", trial.device().backend().description());
        entry.put("samples_per_second", trial.samplesPerSecond());
        entry.put("recorded_step_ms", json(trial.recorded().whole()));
        entry.put("recorded_steps_timed", trial.recorded().steps().size());
        entry.put("kernels", trial.kernels());
        entry.put("empty_kernel_us", 1e6 * trial.launch());
        Map<String, Object> parts = new LinkedHashMap<>();
        for (Phase part : Phase.OF_STEP) {
            parts.put(part.label(), json(trial.parts().part(part)));
        }
        entry.put("op_by_op_ms", trial.parts().split() ? parts : Map.of());
        entry.put("op_by_op_step_ms", json(trial.parts().whole()));
        entry.put("op_by_op_steps_timed", trial.parts().steps().size());
        DeviceTrial.Difference largest = trial.difference(first);
        entry.put("largest_difference", largest.value());
        entry.put("largest_difference_step", largest.step());
        entry.put("device_peak_bytes", trial.devicePeak());
        entry.put("process_peak_bytes", trial.hostPeak());
        entry.put("verdict", verdict);
        entry.put("naive", Verdict.ofNaive(trial));
        entry.put("losses", Arrays.stream(trial.losses()).boxed().toList());
        return entry;
    }

    private static Map<String, Object> json(Quantiles seconds) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("median", 1e3 * seconds.median());
        entry.put("lower_quartile", 1e3 * seconds.quantile(1));
        entry.put("upper_quartile", 1e3 * seconds.quantile(3));
        return entry;
    }
}
