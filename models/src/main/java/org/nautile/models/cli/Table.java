package org.nautile.models.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.nautile.models.comparison.Figures;
import org.nautile.models.report.HtmlReport;

/** Columns of text, as wide as their widest entry; the last one is as wide as it likes. */
public final class Table {
    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * A table without rows.
     *
     * @param headings of the columns; one that starts with '>' makes its column flush right where it is printed
     */
    public Table(String... headings) {
        this(List.of(headings));
    }

    /**
     * A table without rows.
     *
     * @param headings as for {@link #Table(String...)}
     */
    public Table(List<String> headings) {
        this.headings = List.copyOf(headings);
    }

    /**
     * Adds a row.
     *
     * @param row as many entries as there are headings
     * @return this
     */
    public Table add(String... row) {
        return add(List.of(row));
    }

    /**
     * Adds a row.
     *
     * @param row as many entries as there are headings
     * @return this
     */
    public Table add(List<String> row) {
        rows.add(row);
        return this;
    }

    /**
     * Prints all rows.
     *
     * @param out takes the lines
     */
    public void print(PrintWriter out) {
        List<List<String>> lines = new ArrayList<>(List.of(names()));
        lines.addAll(rows);
        int[] widths = new int[headings.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String space = " ".repeat(widths[i] - line.get(i).length());
                boolean right = headings.get(i).startsWith(">");
                text.append(right ? space + line.get(i) : line.get(i) + space).append("  ");
            }
            out.println(text.toString().stripTrailing());
        }
    }

    /**
     * Adds the table to a page, with a page's sign for what is not known where the screen has "-".
     *
     * @param page takes it
     */
    public void addTo(HtmlReport page) {
        page.table(
                names(),
                rows.stream()
                        .map(row -> row.stream()
                                .map(cell -> cell.equals("-") ? Figures.NONE : cell)
                                .toList())
                        .toList());
    }

    private List<String> names() {
        return headings.stream()
                .map(heading -> heading.startsWith(">") ? heading.substring(1) : heading)
                .toList();
    }
}
