package org.nautile.bench.works;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.nautile.models.comparison.Figures;

/** A row per work and number of threads, printed as soon as every column has its number. */
final class LiveTable {
    private static final int LEAST = 9;

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean terminal;
    private final List<String> titles;
    private final int nameWidth;

    /**
     * A table.
     *
     * @param terminal whether {@code err} is a terminal, where what is being measured can be shown and wiped out again
     */
    LiveTable(PrintWriter out, PrintWriter err, boolean terminal, List<String> titles, List<Work> works) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
        this.titles = titles;
        this.nameWidth =
                works.stream().mapToInt(work -> work.name().length()).max().orElse(4);
    }

    private boolean single() {
        return titles.size() == 1;
    }

    private String ratioTitle(String title) {
        return title + "/" + titles.get(0);
    }

    void header() {
        StringBuilder line = new StringBuilder(left("work", nameWidth)).append("  threads");
        titles.forEach(title -> line.append(right(title, width(title))));
        line.append("  ").append(left("", LEAST));
        if (single()) {
            line.append(right("median ms", LEAST));
        }
        for (String title : titles.subList(1, titles.size())) {
            line.append(right(ratioTitle(title), width(ratioTitle(title))));
        }
        out.println(line.toString().stripTrailing());
        out.flush();
    }

    /** Says what is under way. */
    void measuring(Work work, int threads, String title) {
        if (terminal) {
            err.print("\r\033[K" + work.name() + ", " + Figures.count(threads, "thread") + ", " + title);
            err.flush();
        }
    }

    /** Wipes that out. */
    void wipe() {
        if (terminal) {
            err.print("\r\033[K");
            err.flush();
        }
    }

    /** One measurement a column, in the columns' order. */
    void row(List<Measurement> measurements) {
        wipe();
        Measurement first = measurements.get(0);
        StringBuilder line = new StringBuilder(left(first.work().name(), nameWidth));
        line.append(right(Integer.toString(first.threads()), 7));
        for (Measurement m : measurements) {
            String cell = m.problem() == null ? number(m.speed()) : m.absent() ? "-" : "failed";
            line.append(right(cell, width(m.title())));
        }
        line.append("  ").append(left(Measurement.unit(first.work()), LEAST));
        if (single()) {
            line.append(right(first.problem() == null ? number(first.medianMs()) : "", LEAST));
        }
        for (Measurement m : measurements.subList(1, measurements.size())) {
            boolean both = first.problem() == null && m.problem() == null;
            String ratio = both ? String.format(Locale.ROOT, "%.2f", first.medianMs() / m.medianMs()) : "-";
            line.append(right(ratio, width(ratioTitle(m.title()))));
        }
        out.println(line.toString().stripTrailing());
        out.flush();
    }

    private static int width(String title) {
        return Math.max(LEAST, title.length());
    }

    /** Four digits or so. */
    static String number(double value) {
        double size = Math.abs(value);
        String format =
                size >= 1000 ? "%.0f" : size >= 100 ? "%.1f" : size >= 10 ? "%.2f" : size >= 1e-2 ? "%.3f" : "%.3g";
        return String.format(Locale.ROOT, format, value);
    }

    private static String left(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String right(String text, int width) {
        return "  " + " ".repeat(Math.max(0, width - text.length())) + text;
    }
}
