package org.nautile.models.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nautile.models.report.HtmlReport;

/** Columns of text, as wide as their widest entry; the last one is as wide as it likes. */
public final class Table {
    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] right;

    /**
     * A table without rows.
     *
     * @param headings the first row; one that starts with '>' makes its column flush right
     */
    public Table(String... headings) {
        right = new boolean[headings.length];
        String[] row = headings.clone();
        for (int i = 0; i < row.length; i++) {
            right[i] = row[i].startsWith(">");
            row[i] = right[i] ? row[i].substring(1) : row[i];
        }
        rows.add(row);
    }

    /**
     * Adds a row.
     *
     * @param row as many entries as there are headings
     * @return this
     */
    public Table add(String... row) {
        rows.add(row);
        return this;
    }

    /**
     * Prints all rows.
     *
     * @param out takes the lines
     */
    public void print(PrintWriter out) {
        int columns = right.length;
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String space = " ".repeat(widths[i] - row[i].length());
                line.append(right[i] ? space + row[i] : row[i] + space).append("  ");
            }
            out.println(line.toString().stripTrailing());
        }
    }

    /**
     * Adds the table to a page.
     *
     * @param page takes it
     */
    public void addTo(HtmlReport page) {
        List<List<String>> cells = rows.stream().map(Arrays::asList).toList();
        page.table(cells.get(0), cells.subList(1, cells.size()));
    }
}
