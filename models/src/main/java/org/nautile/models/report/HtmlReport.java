package org.nautile.models.report;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.nautile.io.AtomicFile;
import org.nautile.models.charts.Picture;

/**
 * A page for a browser that holds all it shows: curves, bars, tables, pictures, source code, and at its end the machine and
 * the versions. It loads nothing from elsewhere, can be sent by mail, and can be read without scripts: below every chart is
 * the table of its values.
 */
public final class HtmlReport {
    /** The file that {@link #write} makes in its folder. */
    public static final String FILE = "index.html";

    private static final int TABLE_ROWS = 500;
    private static final int PLOT_ROWS = 20_000;
    private static final int COLOURS = 7;
    private static final int NAVIGATION = 3; // so many headings are worth a list of them
    private static final MathContext DIGITS_OF_SUMS = new MathContext(4);

    /** With a unit, or with quartiles. */
    private static final Pattern NUMBER = Pattern.compile(
            "[-+−<]?[\\d.,]+( \\d{3})*(e[-+]?\\d+)?(\\s?(%|[\\p{L}µ/²³]{1,9})|\\s\\([\\d.]+-[\\d.]+\\))?|–");

    private final String title;
    private final String command;
    private final StringBuilder body = new StringBuilder();
    private final List<String> headings = new ArrayList<>();
    private int charts;

    /**
     * A curve.
     *
     * @param name what the legend calls it
     * @param x places, in any order; what is not finite is left out
     * @param y values, as many; NaN where there is none
     */
    public record Series(String name, double[] x, double[] y) {
        /**
         * Checks the lengths.
         *
         * @param name what the legend calls it
         * @param x places
         * @param y values
         * @throws IllegalArgumentException if there are not as many
         */
        public Series {
            if (x.length != y.length) {
                throw new IllegalArgumentException(
                        "curve '" + name + "': " + x.length + " places and " + y.length + " values");
            }
            x = x.clone();
            y = y.clone();
        }
    }

    /**
     * Curves on one pair of axes.
     *
     * @param title stands above
     * @param xLabel what is on the x-axis, with its unit
     * @param yLabel what is on the y-axis, with its unit
     * @param logX whether the x-axis is logarithmic: what is not positive is then only in the table
     * @param logY whether the y-axis is logarithmic, likewise
     * @param series the curves; after seven, colours come again with another dash
     */
    public record Chart(String title, String xLabel, String yLabel, boolean logX, boolean logY, List<Series> series) {
        /**
         * Keeps the list.
         *
         * @param title stands above
         * @param xLabel of the x-axis
         * @param yLabel of the y-axis
         * @param logX whether the x-axis is logarithmic
         * @param logY whether the y-axis is logarithmic
         * @param series the curves
         */
        public Chart {
            series = List.copyOf(series);
        }
    }

    /**
     * Bars, each of parts that follow one another.
     *
     * @param title stands above
     * @param unit of all values, for example {@code "ms"}
     * @param labels the names of the bars
     * @param parts the names of the parts
     * @param values {@code [label][part]}, finite and {@code >= 0}
     */
    public record Bars(String title, String unit, List<String> labels, List<String> parts, double[][] values) {
        /**
         * Checks the sizes and the values.
         *
         * @param title stands above
         * @param unit of all values
         * @param labels the names of the bars
         * @param parts the names of the parts
         * @param values {@code [label][part]}
         * @throws IllegalArgumentException if a size does not fit, or a value is negative or not finite
         */
        public Bars {
            labels = List.copyOf(labels);
            parts = List.copyOf(parts);
            if (values.length != labels.size()) {
                throw new IllegalArgumentException(
                        "bars '" + title + "': " + labels.size() + " labels and " + values.length + " rows");
            }
            for (double[] row : values) {
                if (row.length != parts.size()
                        || !Arrays.stream(row).allMatch(value -> value >= 0 && Double.isFinite(value))) {
                    throw new IllegalArgumentException("bars '" + title + "': " + Arrays.toString(row) + " is not "
                            + parts.size() + " finite values >= 0");
                }
            }
        }
    }

    /**
     * An empty report. The time, the machine and the versions are added by {@link #write}.
     *
     * @param title what it is about
     * @param command what the user typed to get it
     */
    public HtmlReport(String title, String command) {
        this.title = title;
        this.command = command;
    }

    /**
     * Begins a section.
     *
     * @param text its heading
     */
    public void heading(String text) {
        headings.add(text);
        body.append("<h2 id=\"section-").append(headings.size()).append("\">").append(Html.escape(text));
        body.append("</h2>\n");
    }

    /**
     * Adds a paragraph.
     *
     * @param paragraph plain text
     */
    public void text(String paragraph) {
        body.append("<p>").append(Html.escape(paragraph)).append("</p>\n");
    }

    /**
     * Adds a table.
     *
     * @param header the names of the columns
     * @param rows the cells as plain text, as many in each row as there are columns
     * @throws IllegalArgumentException if a row has another number of cells
     */
    public void table(List<String> header, List<List<String>> rows) {
        for (List<String> row : rows) {
            if (row.size() != header.size()) {
                throw new IllegalArgumentException(
                        "a row of " + row.size() + " cells in a table of " + header.size() + " columns: " + row);
            }
        }
        appendTable(header, rows, "Table: " + String.join(", ", header));
    }

    private void appendTable(List<String> header, List<List<String>> rows, String name) {
        // Whatever scrolls must be reachable by keyboard, and then needs a name.
        body.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
                .append(Html.escape(name))
                .append("\"><table>\n<thead><tr>");
        boolean[] numbers = new boolean[header.size()]; // columns that stand flush right
        for (int c = 0; c < numbers.length; c++) {
            int column = c;
            numbers[c] = !rows.isEmpty()
                    && rows.stream().map(row -> row.get(column)).allMatch(cell -> cell.isEmpty() || isNumber(cell));
            body.append(numbers[c] ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">")
                    .append(Html.escape(header.get(c)))
                    .append("</th>");
        }
        body.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows) {
            body.append("<tr>");
            for (int c = 0; c < numbers.length; c++) {
                body.append(numbers[c] ? "<td class=\"n\">" : "<td>")
                        .append(Html.escape(row.get(c)))
                        .append("</td>");
            }
            body.append("</tr>\n");
        }
        body.append("</tbody></table></div>\n");
    }

    private static boolean isNumber(String cell) {
        return NUMBER.matcher(cell).matches();
    }

    /**
     * Adds curves, and below them the table of their values.
     *
     * @param chart the curves
     */
    public void chart(Chart chart) {
        String id = "chart-" + ++charts;
        Columns columns = new Columns(chart.series());
        List<String> names = chart.series().stream().map(Series::name).toList();
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("title", chart.title());
        spec.put("xLabel", chart.xLabel());
        spec.put("yLabel", chart.yLabel());
        spec.put("logX", chart.logX());
        spec.put("logY", chart.logY());
        spec.put("series", names);
        spec.put("data", Columns.forPlot(columns.atMost(PLOT_ROWS), names.size() + 1, chart.logX(), chart.logY()));
        List<double[]> rows = columns.atMost(TABLE_ROWS);
        String summary = rows.size() == columns.count()
                ? "Table of the " + rows.size() + (rows.size() == 1 ? " point" : " points")
                : "Table of " + rows.size() + " of the " + columns.count() + " points, evenly spaced";
        body.append("<figure>\n<figcaption>").append(Html.escape(chart.title())).append("</figcaption>\n");
        body.append("<div class=\"plot\" data-chart=\"").append(id).append("\"></div>\n");
        body.append("<script type=\"application/json\" id=\"").append(id).append("\">");
        body.append(Html.json(spec)).append("</script>\n");
        List<String> header = new ArrayList<>();
        header.add(chart.xLabel());
        header.addAll(names);
        details(
                summary + " (" + chart.yLabel() + ")",
                chart.title(),
                header,
                rows.stream()
                        .map(row -> Arrays.stream(row)
                                .mapToObj(value -> Double.isNaN(value) ? "" : Html.number(value))
                                .toList())
                        .toList());
        body.append("</figure>\n");
    }

    private void details(String summary, String name, List<String> header, List<List<String>> rows) {
        body.append("<details><summary>").append(Html.escape(summary)).append("</summary>\n");
        appendTable(header, rows, "Values of " + name);
        body.append("</details>\n");
    }

    /**
     * Adds stacked bars, and below them the table of their values.
     *
     * @param bars the bars
     */
    public void bars(Bars bars) {
        double longest =
                Arrays.stream(bars.values()).mapToDouble(HtmlReport::sum).max().orElse(0);
        body.append("<figure>\n<figcaption>").append(Html.escape(bars.title())).append("</figcaption>\n");
        body.append("<ul class=\"legend\">");
        for (int p = 0; p < bars.parts().size(); p++) {
            body.append("<li><i class=\"c").append(p % COLOURS).append("\"></i>");
            body.append(Html.escape(bars.parts().get(p))).append("</li>");
        }
        body.append("</ul>\n");
        List<List<String>> rows = new ArrayList<>();
        for (int l = 0; l < bars.labels().size(); l++) {
            double[] values = bars.values()[l];
            String total = Html.number(
                    new BigDecimal(sum(values)).round(DIGITS_OF_SUMS).doubleValue());
            body.append("<div class=\"bar\"><span class=\"name\">")
                    .append(Html.escape(bars.labels().get(l)));
            body.append("</span><span class=\"track\" aria-hidden=\"true\">");
            List<String> row = new ArrayList<>(List.of(bars.labels().get(l)));
            for (int p = 0; p < values.length; p++) {
                String value = Html.number(values[p]);
                row.add(value);
                if (values[p] > 0) {
                    body.append(String.format(
                            Locale.ROOT,
                            "<span class=\"c%d\" style=\"width:%.4f%%\" title=\"%s\"></span>",
                            p % COLOURS,
                            100 * values[p] / longest,
                            Html.escape(bars.parts().get(p) + ": " + value + " " + bars.unit())));
                }
            }
            row.add(total);
            rows.add(row);
            body.append("</span><span class=\"total\">").append(Html.escape(total + " " + bars.unit()));
            body.append("</span></div>\n");
        }
        List<String> header = new ArrayList<>(List.of(""));
        header.addAll(bars.parts());
        header.add("sum");
        details("Table of the values (" + bars.unit() + ")", bars.title(), header, rows);
        body.append("</figure>\n");
    }

    private static double sum(double... values) {
        return Arrays.stream(values).sum();
    }

    /**
     * Adds a picture. Its bytes go into the page; the file may be deleted afterwards.
     *
     * @param file PNG, GIF or JPEG with {@link Picture#SCALE} pixels a point, as pictures of the project are
     * @param caption what it shows; also for those who cannot see it
     * @throws IOException if the file cannot be read, or is no picture
     */
    public void picture(Path file, String caption) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IOException(file + ": neither PNG nor GIF nor JPEG");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                String type = reader.getFormatName().toLowerCase(Locale.ROOT);
                int width = Math.max(1, reader.getWidth(0) / Picture.SCALE);
                int height = Math.max(1, reader.getHeight(0) / Picture.SCALE);
                body.append("<figure class=\"picture\">\n<figcaption>").append(Html.escape(caption));
                body.append(
                        "</figcaption>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Picture\">");
                body.append(String.format(
                        Locale.ROOT,
                        "<img width=\"%d\" height=\"%d\" style=\"--width:%dpx\" alt=\"%s\" src=\"data:image/%s;base64,%s\">",
                        width,
                        height,
                        width,
                        Html.escape(caption),
                        type,
                        Base64.getEncoder().encodeToString(bytes)));
                body.append("</div>\n</figure>\n");
            } finally {
                reader.dispose();
            }
        }
    }

    /**
     * Adds source code.
     *
     * @param caption what it is
     * @param source the code, with line breaks
     */
    public void code(String caption, String source) {
        body.append("<figure>\n<figcaption>").append(Html.escape(caption));
        body.append("</figcaption>\n<pre tabindex=\"0\"><code>").append(Html.escape(source));
        body.append("</code></pre>\n</figure>\n");
    }

    /**
     * Writes the page, whole or not at all.
     *
     * @param folder its folder, made if missing
     * @return the page: {@link #FILE} in the folder
     * @throws IOException if it cannot be written
     */
    public Path write(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) { // a link to a folder is one, but createDirectories does not see that
            Files.createDirectories(folder);
        }
        Path page = folder.resolve(FILE);
        AtomicFile.write(page, html().getBytes(StandardCharsets.UTF_8));
        return page;
    }

    /** The whole page. */
    String html() {
        StringBuilder page = new StringBuilder(Html.head(title, "'none'"));
        page.append("<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n<h1>");
        page.append(Html.escape(title)).append("</h1>\n<pre class=\"command\" tabindex=\"0\"><code>");
        page.append(Html.escape(command)).append("</code></pre>\n");
        if (headings.size() >= NAVIGATION) {
            page.append("<nav aria-label=\"Sections\"><ul>\n");
            for (int i = 0; i < headings.size(); i++) {
                page.append("<li><a href=\"#section-").append(i + 1).append("\">");
                page.append(Html.escape(headings.get(i))).append("</a></li>\n");
            }
            page.append("</ul></nav>\n");
        }
        page.append("</header>\n<main id=\"main\" tabindex=\"-1\">\n")
                .append(body)
                .append("</main>\n");
        page.append("<footer>\n<h2>Machine and versions</h2>\n<div class=\"scroll facts\"><table>\n");
        MachineFacts.here()
                .forEach((name, value) -> page.append("<tr><th scope=\"row\">")
                        .append(Html.escape(name))
                        .append("</th><td>")
                        .append(Html.escape(value))
                        .append("</td></tr>\n"));
        page.append("</table></div>\n</footer>\n");
        if (charts > 0) {
            page.append(Html.scripts()).append("<script>nautile.all();</script>\n");
        }
        return page.append("</body>\n</html>\n").toString();
    }
}
