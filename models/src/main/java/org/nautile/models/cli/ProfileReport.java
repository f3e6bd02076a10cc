package org.nautile.models.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.nautile.Device;
import org.nautile.MatmulPrecision;
import org.nautile.models.charts.BarChart;
import org.nautile.models.charts.Picture;
import org.nautile.models.comparison.Figures;
import org.nautile.models.profile.OpTime;
import org.nautile.models.profile.Profile;
import org.nautile.models.profile.Trace;
import org.nautile.models.report.HtmlReport;

/** A profile on the screen and in its folder: a table, a bar chart, JSON, a trace and a page. */
final class ProfileReport {
    static final String JSON = "ops.json";
    static final String TRACE = "trace.json";
    static final String PICTURE = "ops.png";

    private static final String MICROSECONDS = "µs"; // where more letters than those of ASCII are sure to be shown
    private static final int BARS = 10;
    private static final String NOTE =
            "Steps ran op by op, and the device was waited for before and after each kernel: times"
                    + " include the launch and the wait.";
    private static final String BYTES =
            "MB are the least that an op reads and writes: each of its tensors once, those that an"
                    + " optimizer changes twice.";
    private static final String VIEWERS = "ui.perfetto.dev or chrome://tracing";

    private final Profile profile;
    private final String command;
    private final String what;
    private final Device device;
    private final double count; // of steps
    private final double stepSeconds;
    private final List<OpTime> ops;

    /**
     * A report.
     *
     * @param profile what was measured
     * @param command what the user typed
     * @param what what was profiled, for example {@code "mnist-mlp, batch 64"}
     */
    ProfileReport(Profile profile, String command, String what, Device device) {
        this.profile = profile;
        this.command = command;
        this.what = what;
        this.device = device;
        this.count = profile.steps().size();
        this.stepSeconds = profile.seconds() / count;
        this.ops = profile.ops();
    }

    void print(PrintWriter out) {
        out.println("profile of " + what + ": " + summary());
        Table phases = new Table("phase", ">us", ">%");
        phases().forEach((name, seconds) ->
                phases.add(name, microseconds(seconds), number(100 * seconds / profile.seconds())));
        phases.print(out);
        ops("us").print(out);
        out.println(NOTE + later("us"));
    }

    private String summary() {
        return String.format(
                Locale.ROOT,
                "%s on %s (%s), after %d of warm-up%s",
                Figures.count(profile.steps().size(), "step"),
                device,
                device.backend().description(),
                profile.warmUp(),
                profile.memory() < 0 ? "" : ", at most " + number(1e-6 * profile.memory()) + " MB in use");
    }

    private String later(String unit) {
        double seconds = profile.laterStepSeconds();
        return Double.isNaN(seconds)
                ? ""
                : " Later steps, not profiled, took " + number(1e6 * seconds) + " " + unit + " each.";
    }

    /** Those that there were, and the whole, in all steps together. */
    private Map<String, Double> phases() {
        Map<String, Double> phases = new LinkedHashMap<>(profile.phaseSeconds());
        phases.values().removeIf(seconds -> seconds == 0);
        phases.put("step", profile.seconds());
        return phases;
    }

    private String microseconds(double secondsOfAll) {
        return number(1e6 * secondsOfAll / count);
    }

    /** What each op took, all per step. */
    private Table ops(String unit) {
        Table table = new Table("op", ">calls", ">" + unit, ">%", ">GFLOP/s", ">MB", ">GB/s", "algorithm");
        for (OpTime op : ops) {
            table.add(
                    op.name(),
                    String.format(Locale.ROOT, op.calls() % count == 0 ? "%.0f" : "%.1f", op.calls() / count),
                    microseconds(op.seconds()),
                    number(100 * op.share()),
                    op.flops() > 0 ? number(1e-9 * op.flops() / op.seconds()) : "-",
                    number(1e-6 * op.bytes() / count),
                    number(1e-9 * op.bytes() / op.seconds()),
                    op.algorithm());
        }
        double own = profile.overheadSeconds();
        return table.add(row("between kernels", profile.seconds() - kernelSeconds() - own))
                .add(row("the profiler", own));
    }

    private List<String> row(String name, double seconds) {
        return List.of(name, "", microseconds(seconds), number(100 * seconds / profile.seconds()), "", "", "", "");
    }

    private double kernelSeconds() {
        return ops.stream().mapToDouble(OpTime::seconds).sum();
    }

    /** As many digits as say something; bounds are those of the rounded number. */
    private static String number(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 99.95 || size == 0 ? "%.0f" : size >= 9.995 ? "%.1f" : "%.2f", value);
    }

    /** Writes all files to a folder. */
    void write(Path folder, PrintWriter out) throws IOException {
        JsonFile.write(folder.resolve(JSON), json());
        OutputFiles.write(folder.resolve(TRACE), Trace.of(profile, command, facts()));
        HtmlReport page = new HtmlReport("Profile of " + what, command);
        page.text("Profile of " + summary() + ". " + NOTE + later(MICROSECONDS));
        page.heading("Phases of a step");
        List<String> names = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        profile.phaseSeconds().forEach((name, seconds) -> {
            names.add(name);
            values.add(Math.max(0, 1e6 * seconds / count)); // a sum of differences may be below 0 by rounding
        });
        double[][] bar = {values.stream().mapToDouble(Double::doubleValue).toArray()};
        page.bars(new HtmlReport.Bars("Time of a step by phase", MICROSECONDS, List.of("step"), names, bar));
        page.heading("Ops");
        if (Picture.obstacle().isEmpty()) {
            Path file = folder.resolve(PICTURE);
            chart().write(file);
            page.picture(file, "The most expensive ops of a step");
        }
        ops(MICROSECONDS).addTo(page);
        page.text("All per step. " + BYTES);
        page.heading("Trace");
        page.text(TRACE + " beside this page shows every kernel on a time axis: open it in " + VIEWERS + ".");
        page.write(folder);
        out.println("profile: " + folder.resolve(HtmlReport.FILE) + "; trace for " + VIEWERS + ": "
                + folder.resolve(TRACE));
        out.flush();
    }

    private Picture chart() {
        BarChart chart = new BarChart(
                "The most expensive ops of " + what,
                String.format(
                        Locale.ROOT,
                        "time in a step of %s %s on %s, run op by op",
                        number(1e6 * stepSeconds),
                        MICROSECONDS,
                        device));
        for (OpTime op : ops.subList(0, Math.min(BARS, ops.size()))) {
            chart.add(
                    op.name(),
                    op.seconds(),
                    microseconds(op.seconds()) + " " + MICROSECONDS + ", " + number(100 * op.share()) + " %");
        }
        return chart;
    }

    private Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("profiled", what);
        facts.put("device", device + " (" + device.backend().description() + ")");
        facts.put("matmul precision", MatmulPrecision.current().toString());
        facts.put("note", NOTE);
        return facts;
    }

    private Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>(facts());
        json.put("warm_up_steps", profile.warmUp());
        json.put("steps", profile.steps().size());
        json.put("step_seconds", stepSeconds);
        json.put("later_step_seconds", profile.laterStepSeconds());
        json.put("memory_bytes", profile.memory() < 0 ? Double.NaN : (double) profile.memory());
        Map<String, Object> phases = new LinkedHashMap<>();
        profile.phaseSeconds().forEach((name, seconds) -> phases.put(name.replace(' ', '_'), seconds / count));
        json.put("phase_seconds", phases);
        json.put("kernel_seconds", kernelSeconds() / count);
        json.put("profiler_seconds", profile.overheadSeconds() / count);
        json.put("ops", ops.stream().map(this::json).toList());
        return json;
    }

    /** Of all steps together, but for the rates. */
    private Map<String, Object> json(OpTime op) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("op", op.op());
        json.put("direction", op.direction());
        json.put("algorithm", op.algorithm());
        json.put("calls", op.calls());
        json.put("seconds", op.seconds());
        json.put("share", op.share());
        json.put("flops", op.flops() > 0 ? op.flops() : Double.NaN);
        json.put("gflops_per_second", op.flops() > 0 ? 1e-9 * op.flops() / op.seconds() : Double.NaN);
        json.put("bytes", op.bytes());
        json.put("gigabytes_per_second", 1e-9 * op.bytes() / op.seconds());
        return json;
    }
}
