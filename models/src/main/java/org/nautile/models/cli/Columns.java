package org.nautile.models.cli;

import java.io.PrintWriter;
import java.util.List;
import org.nautile.models.report.HtmlReport;

/**
 * A table that is both printed and put into a page.
 *
 * @param headings of the columns; one that starts with '>' makes its column flush right where it is printed
 * @param rows as many entries in each as there are headings
 */
public record Columns(List<String> headings, List<List<String>> rows) {
    /**
     * Prints all rows.
     *
     * @param out takes the lines
     */
    public void print(PrintWriter out) {
        table().print(out);
    }

    /**
     * Adds the table to a page.
     *
     * @param page takes it
     */
    public void addTo(HtmlReport page) {
        table().addTo(page);
    }

    private Table table() {
        Table table = new Table(headings.toArray(String[]::new));
        rows.forEach(row -> table.add(row.toArray(String[]::new)));
        return table;
    }
}
