package org.nautile.models.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.nautile.models.report.HtmlReport;

/** The page of a training, or of several with their curves laid over each other. */
final class RunReport {
    private final List<RunHistory> runs;
    private final List<String> names;

    RunReport(List<RunHistory> runs) {
        this.runs = List.copyOf(runs);
        List<String> last = runs.stream().map(RunHistory::name).toList();
        this.names = Set.copyOf(last).size() == last.size()
                ? last
                : runs.stream().map(run -> run.folder().toString()).toList();
    }

    /** The page; pictures are those of every run, in this order. */
    HtmlReport page(String command, List<List<Path>> pictures) throws IOException {
        String models = runs.stream().map(RunHistory::model).distinct().collect(Collectors.joining(" and "));
        String named = String.join(" and ", names);
        String title = runs.size() == 1
                ? "Training of " + models
                : "Trainings of " + models + (named.equals(models) ? "" : ": " + named);
        HtmlReport report = new HtmlReport(title, command);
        report.heading("Result");
        result(report);
        report.heading("Curves");
        curves(report);
        report.heading("Settings");
        settings(report);
        if (pictures.stream().anyMatch(list -> !list.isEmpty())) {
            report.heading("Pictures");
            for (int i = 0; i < pictures.size(); i++) {
                for (Path picture : pictures.get(i)) {
                    report.picture(picture, prefix(i) + picture.getFileName());
                }
            }
        }
        return report;
    }

    private String prefix(int run) {
        return runs.size() == 1 ? "" : names.get(run) + ": ";
    }

    /** The last epoch and the best. */
    private void result(HtmlReport report) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            RunHistory run = runs.get(i);
            if (run.epochs() == 0) {
                report.text(prefix(i) + "no epoch was done.");
                continue;
            }
            double[] test = run.column("test_loss");
            double[] decisive = Arrays.stream(test).allMatch(Double::isNaN) ? run.column("train_loss") : test;
            rows.add(row(i, run, "last", run.epochs() - 1));
            rows.add(row(i, run, "lowest loss", lowest(decisive)));
        }
        if (!rows.isEmpty()) {
            List<String> header = new ArrayList<>(List.of("run", "", "epoch", "train loss", "test loss"));
            metrics().forEach(metric -> header.add(words(metric)));
            header.add("seconds so far");
            report.table(header, rows);
        }
    }

    private List<String> row(int index, RunHistory run, String which, int epoch) {
        List<String> cells = new ArrayList<>(List.of(names.get(index), which));
        cells.add(String.format(Locale.ROOT, "%.0f", run.column("epoch")[epoch]));
        Stream.concat(Stream.of("train_loss", "test_loss"), metrics().stream())
                .mapToDouble(field -> run.column(field)[epoch])
                .forEach(value -> cells.add(Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.4f", value)));
        double seconds = Arrays.stream(run.column("seconds"), 0, epoch + 1).sum();
        cells.add(String.format(Locale.ROOT, "%.2f", seconds));
        return cells;
    }

    private static int lowest(double... losses) {
        int best = 0;
        for (int i = 1; i < losses.length; i++) {
            if (losses[i] < losses[best] || Double.isNaN(losses[best])) {
                best = i;
            }
        }
        return best;
    }

    private Set<String> metrics() {
        Set<String> all = new LinkedHashSet<>();
        runs.forEach(run -> all.addAll(run.metrics()));
        return all;
    }

    private void curves(HtmlReport report) {
        if (runs.size() == 1) {
            chart(report, "Loss", "mean loss", List.of("train_loss", "test_loss"));
        } else { // a run has the same colour on every chart
            chart(report, "Loss in training", "mean loss", List.of("train_loss"));
            chart(report, "Loss on test data", "mean loss", List.of("test_loss"));
        }
        for (String metric : metrics()) {
            String name = words(metric);
            chart(report, Character.toUpperCase(name.charAt(0)) + name.substring(1), name, List.of(metric));
        }
        chart(report, "Speed of the training part", "examples/s", List.of("samples_per_second"));
        boolean changes = runs.stream()
                .anyMatch(run ->
                        Arrays.stream(run.column("learning_rate")).distinct().count() > 1);
        if (changes) {
            chart(report, "Learning rate of an epoch's last step", "learning rate", List.of("learning_rate"));
        }
    }

    /** A chart of some fields of all runs; nothing if no run has any of them. */
    private void chart(HtmlReport report, String title, String yLabel, List<String> fields) {
        List<HtmlReport.Series> series = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            for (String field : fields) {
                double[] values = runs.get(i).column(field);
                if (Arrays.stream(values).anyMatch(Double::isFinite)) {
                    String name = runs.size() > 1 ? names.get(i) : words(field);
                    series.add(new HtmlReport.Series(name, runs.get(i).column("epoch"), values));
                }
            }
        }
        if (!series.isEmpty()) {
            report.chart(new HtmlReport.Chart(title, "epoch", yLabel, false, false, series));
        }
    }

    /** "test_iou" as a reader has it. */
    private static String words(String field) {
        return field.replace('_', ' ');
    }

    /** Of several runs, what they differ in comes first. */
    private void settings(HtmlReport report) {
        List<Map<String, String>> settings =
                runs.stream().map(RunHistory::settings).toList();
        Set<String> keys = new LinkedHashSet<>();
        settings.forEach(map -> keys.addAll(map.keySet()));
        List<List<String>> different = new ArrayList<>();
        List<List<String>> equal = new ArrayList<>();
        for (String key : keys) {
            List<String> values =
                    settings.stream().map(map -> map.getOrDefault(key, "")).toList();
            List<String> row = new ArrayList<>(List.of(key));
            if (values.stream().distinct().count() > 1) {
                row.addAll(values);
                different.add(row);
            } else {
                row.add(values.get(0));
                equal.add(row);
            }
        }
        if (!different.isEmpty()) {
            List<String> header = new ArrayList<>(List.of("setting"));
            header.addAll(names);
            report.text("What the runs differ in:");
            report.table(header, different);
        }
        if (runs.size() > 1) {
            report.text(different.isEmpty() ? "The runs have the same settings:" : "What they have in common:");
        }
        report.table(List.of("setting", "value"), equal);
    }
}
