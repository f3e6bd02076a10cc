package org.nautile.bench.works;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.nautile.models.cli.Machine;
import org.nautile.models.cli.OutputFiles;
import org.nautile.models.comparison.Figures;

/**
 * RESULTS.md: what came out of the contests, work by work, with spread, machine and commit, geometric means, and a remark for each
 * work that is slow. Written anew after each work, so an interruption costs the one that was under way.
 */
final class Results {
    /** A work below this needs a remark. */
    private static final double SLOW = 0.8;

    private record Entry(Work work, int threads, Contest.Result result) {
        boolean met() {
            return !result.rivals().isEmpty();
        }

        /** How many times as fast as the fastest of the others the first is. */
        double ratio() {
            return result.rivals().get(0).ratio().median();
        }
    }

    private final Path file;
    private final Remarks remarks;
    private final List<String> head;
    private final List<Entry> entries = new ArrayList<>();

    /**
     * Throws {@link org.nautile.models.cli.CommandException} if the file cannot be written.
     *
     * @param about a line each about the lanes
     */
    Results(Path file, Remarks remarks, int rounds, List<String> about) {
        OutputFiles.check(file);
        this.file = file;
        this.remarks = remarks;
        Machine machine = new Machine(Path.of("/"));
        head = new ArrayList<>(
                List.of(
                        "# Results",
                        "",
                        "Written by `./nautile bench --results`. The ratio is the other's time by ours, above 1 where we are faster: the"
                                + " median of the rounds and, in brackets, the quartiles; times are medians. In a round both were measured a"
                                + " fraction of a second apart. Rounds: those in which a loop of multiply-adds, before and after each"
                                + " measurement, ran within 3 % of the most it has reached, of those that count.",
                        "",
                        "- machine: " + machine.cpuModel() + ", " + machine.processors() + " processors",
                        "- date: " + LocalDate.now(ZoneId.systemDefault()) + ", commit " + commit(machine, file),
                        "- JDK " + System.getProperty("java.version") + ", " + System.getProperty("os.name") + " "
                                + System.getProperty("os.version"),
                        "- " + Figures.count(rounds, "round")
                                + "; each other library or mode has a first look, the two fastest, if near each other, meet ours"));
        about.forEach(line -> head.add("- " + line));
        head.add("");
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

    void add(Work work, int threads, Contest.Result result) {
        entries.add(new Entry(work, threads, result));
        OutputFiles.write(file, text().getBytes(StandardCharsets.UTF_8));
    }

    /** The whole file. */
    String text() {
        List<String> lines = new ArrayList<>(head);
        Map<String, List<Entry>> suites = new LinkedHashMap<>();
        entries.forEach(entry -> suites.computeIfAbsent(entry.work().suite(), name -> new ArrayList<>())
                .add(entry));
        means(lines, suites);
        suites.forEach((suite, those) -> {
            lines.addAll(List.of("", "## " + suite, ""));
            table(lines, those);
            remarks(lines, those);
        });
        return String.join("\n", lines) + "\n";
    }

    private void means(List<String> lines, Map<String, List<Entry>> suites) {
        TreeSet<Integer> counts = new TreeSet<>();
        entries.forEach(entry -> counts.add(entry.threads()));
        StringBuilder titles = new StringBuilder("| geometric means |");
        StringBuilder rule = new StringBuilder("|---|");
        counts.forEach(count -> {
            titles.append(' ').append(Figures.count(count, "thread")).append(" | least | works |");
            rule.append("---:|---:|---:|");
        });
        lines.add(titles.toString());
        lines.add(rule.toString());
        suites.forEach((suite, those) -> {
            StringBuilder line = new StringBuilder("| " + suite + " |");
            for (int count : counts) {
                double[] ratios = those.stream()
                        .filter(entry -> entry.met() && entry.threads() == count)
                        .mapToDouble(Entry::ratio)
                        .sorted()
                        .toArray();
                OptionalDouble mean = Arrays.stream(ratios).map(Math::log).average();
                line.append(
                        mean.isEmpty()
                                ? " - | - | 0 |"
                                : String.format(
                                        Locale.ROOT,
                                        " %.2f | %.2f | %d |",
                                        Math.exp(mean.getAsDouble()),
                                        ratios[0],
                                        ratios.length));
            }
            lines.add(line.toString());
        });
    }

    private static void table(List<String> lines, List<Entry> entries) {
        String unit = Measurement.unit(entries.get(0).work());
        String ours = entries.get(0).result().own().title();
        lines.add("| work | threads | " + ours + ", ms | " + unit
                + " | by 1 thread | fastest other | ms | ratio | rounds |");
        lines.add("|---|---:|---:|---:|---:|---|---:|---:|---:|");
        Map<String, Double> single = new LinkedHashMap<>();
        for (Entry entry : entries) {
            Measurement own = entry.result().own();
            StringBuilder line = new StringBuilder("| " + entry.work().name() + " | " + entry.threads() + " | ");
            if (own.problem() != null) {
                lines.add(line.append("failed: ")
                        .append(own.problem())
                        .append(" | | | | | | |")
                        .toString());
                continue;
            }
            if (entry.threads() == 1) {
                single.put(entry.work().name(), own.medianMs());
            }
            Double once = entry.threads() == 1 ? null : single.get(entry.work().name());
            line.append(LiveTable.number(own.medianMs())).append(" | ").append(LiveTable.number(own.speed()));
            line.append(" | ").append(once == null ? "" : String.format(Locale.ROOT, "%.2f", once / own.medianMs()));
            lines.add(line.append(" | ")
                    .append(rival(entry.result()))
                    .append(" |")
                    .toString());
        }
    }

    private static String rival(Contest.Result result) {
        if (result.rivals().isEmpty()) {
            return "none | | |";
        }
        Contest.Rival rival = result.rivals().get(0);
        return Measurement.title(rival.peer()) + " | "
                + LiveTable.number(rival.times().median()) + " | "
                + rival.ratio().text(2) + " | " + result.free() + " of " + result.counted();
    }

    private void remarks(List<String> lines, List<Entry> entries) {
        List<String> said = new ArrayList<>();
        for (Entry entry : entries) {
            @Nullable String remark = remarks.of(entry.work().name(), entry.threads());
            boolean slow = entry.met() && entry.ratio() < SLOW;
            if (remark != null || slow) {
                said.add("- " + entry.work().name() + ", " + Figures.count(entry.threads(), "thread") + ": "
                        + (remark == null ? "slower than " + SLOW + ", and nobody has said why" : remark));
            }
        }
        if (!said.isEmpty()) {
            lines.add("");
            lines.addAll(said);
        }
    }
}
