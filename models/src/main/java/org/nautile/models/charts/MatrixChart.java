package org.nautile.models.charts;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.nautile.models.metrics.ClassConfusion;
import org.nautile.models.metrics.Confusion;

/** A matrix as coloured squares with a text in each: a confusion matrix, attention, correlations. */
public final class MatrixChart implements Picture {
    private static final int LEAST_WIDTH = 360; // room for title and caption
    private static final int LEFT = 84; // for the row's title and names; more where names are long
    private static final int TOP = 92;
    private static final int EDGE = 24;
    private static final int NOTES = 62;
    private static final int GAP = 6; // points between names of columns, at least

    private final String title;
    private final String caption;
    private final String rowTitle;
    private final String columnTitle;
    private final List<String> rows;
    private final List<String> columns;
    private final double[][] shades;
    private final String[][] texts;
    private boolean boldDiagonal;
    private String noteTitle = "";
    private List<String> notes = List.of();

    /**
     * A matrix.
     *
     * @param title what is shown
     * @param caption how to read it, in small print under the matrix; may be empty
     * @param rowTitle what a row is
     * @param columnTitle what a column is
     * @param rows the name of each row
     * @param columns the name of each column
     * @param shades the colour of each square: white at 0, dark blue at 1, dark orange at -1; as large as texts
     * @param texts what is written into each square where there is room; may be empty
     */
    public MatrixChart(
            String title,
            String caption,
            String rowTitle,
            String columnTitle,
            List<String> rows,
            List<String> columns,
            double[][] shades,
            String[][] texts) {
        if (shades.length != rows.size() || texts.length != rows.size()) {
            throw new IllegalArgumentException(
                    rows.size() + " rows, " + shades.length + " of shades, " + texts.length + " of texts");
        }
        for (int r = 0; r < shades.length; r++) {
            if (shades[r].length != columns.size() || texts[r].length != columns.size()) {
                throw new IllegalArgumentException("row " + r + ": " + columns.size() + " columns, " + shades[r].length
                        + " shades, " + texts[r].length + " texts");
            }
        }
        this.title = title;
        this.caption = caption;
        this.rowTitle = rowTitle;
        this.columnTitle = columnTitle;
        this.rows = List.copyOf(rows);
        this.columns = List.copyOf(columns);
        this.shades = shades;
        this.texts = texts;
    }

    /**
     * The confusion matrix of a classifier: the counts, a colour for the share of the row, and each class's recall.
     *
     * @param title what is shown
     * @param labels the true class of each example
     * @param predictions the class that was said, as many
     * @param names the name of each class
     * @return the picture
     */
    public static MatrixChart confusion(String title, int[] labels, int[] predictions, List<String> names) {
        int classes = names.size();
        ClassConfusion counts = new ClassConfusion(labels, predictions, classes);
        double[][] shades = new double[classes][classes];
        String[][] texts = new String[classes][classes];
        String[] recall = new String[classes];
        for (int r = 0; r < classes; r++) {
            Confusion one = counts.of(r);
            long total = one.truePositives() + one.falseNegatives();
            for (int c = 0; c < classes; c++) {
                double share = total == 0 ? 0 : (double) counts.count(r, c) / total;
                shades[r][c] = r == c ? share : -Math.sqrt(share);
                texts[r][c] = counts.count(r, c) == 0 ? "" : Long.toString(counts.count(r, c));
            }
            recall[r] = total == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * one.recall());
        }
        String caption =
                "Number of examples. Colour: share of the row; blue is correct, orange is wrong (on a scale of "
                        + "square roots, so that few mistakes show).";
        MatrixChart chart = new MatrixChart(title, caption, "true", "predicted", names, names, shades, texts);
        chart.boldDiagonal = true;
        return chart.notes("correct", List.of(recall));
    }

    /**
     * Adds a text to the right of each row.
     *
     * @param heading stands above the texts
     * @param perRow one text a row
     * @return this
     */
    public MatrixChart notes(String heading, List<String> perRow) {
        if (perRow.size() != rows.size()) {
            throw new IllegalArgumentException(perRow.size() + " notes for " + rows.size() + " rows");
        }
        noteTitle = heading;
        notes = List.copyOf(perRow);
        return this;
    }

    private int cell() {
        int wanted = Math.max(52, widest(columns, Style.SMALL) + GAP);
        return Math.max(4, Math.min(wanted, 660 / Math.max(rows.size(), columns.size())));
    }

    private int left() {
        return Math.max(LEFT, LEFT - 30 + widest(rows, Style.TEXT));
    }

    /** The width in points of the longest name. */
    private static int widest(List<String> names, Font font) {
        FontRenderContext plain = new FontRenderContext(null, true, true);
        return (int) Math.ceil(names.stream()
                .mapToDouble(name -> font.getStringBounds(name, plain).getWidth())
                .max()
                .orElse(0));
    }

    /** The width of the matrix with its names and notes. */
    private int matrixWidth() {
        return left() + cell() * columns.size() + (notes.isEmpty() ? 0 : NOTES) + EDGE;
    }

    @Override
    public int width() {
        return Math.max(matrixWidth(), LEAST_WIDTH);
    }

    @Override
    public int height() {
        return TOP
                + cell() * rows.size()
                + EDGE
                + 16 * lines(caption, width() - 2 * EDGE).size();
    }

    @Override
    public void paint(Graphics2D graphics) {
        int cell = cell();
        int left = left();
        int right = left + cell * columns.size();
        int bottom = TOP + cell * rows.size();
        Style.heading(graphics, title, width() / 2.0, 32);
        int middle = (width() - matrixWidth()) / 2;
        graphics.translate(middle, 0);
        graphics.setFont(Style.TEXT);
        Style.centred(graphics, columnTitle, (left + right) / 2.0, 62);
        AffineTransform upright = graphics.getTransform();
        graphics.rotate(-Math.PI / 2, 30, (TOP + bottom) / 2.0);
        Style.centred(graphics, rowTitle, 30, (TOP + bottom) / 2.0);
        graphics.setTransform(upright);

        // names that would overlap are left out
        int step = Math.max(1, (int) Math.ceil(16.0 / cell));
        Font small = widest(columns, Style.TEXT) + GAP > cell ? Style.SMALL : Style.TEXT;
        int across = Math.max(1, (int) Math.ceil((double) (widest(columns, small) + GAP) / cell));
        graphics.setColor(Style.FAINT_INK);
        graphics.setFont(small);
        for (int c = 0; c < columns.size(); c += across) {
            Style.middle(graphics, columns.get(c), left + (c + 0.5) * cell, TOP - 13);
        }
        graphics.setFont(Style.TEXT);
        for (int r = 0; r < rows.size(); r += step) {
            Style.right(graphics, rows.get(r), left - 10, TOP + (r + 0.5) * cell);
        }
        for (int r = 0; r < rows.size(); r++) {
            for (int c = 0; c < columns.size(); c++) {
                square(graphics, r, c, cell);
            }
        }
        if (!notes.isEmpty()) {
            graphics.setFont(Style.TEXT);
            graphics.setColor(Style.FAINT_INK);
            Style.right(graphics, noteTitle, right + NOTES, TOP - 13);
            for (int r = 0; r < rows.size(); r += step) {
                Style.right(graphics, notes.get(r), right + NOTES, TOP + (r + 0.5) * cell);
            }
        }
        graphics.translate(-middle, 0);
        graphics.setFont(Style.SMALL);
        graphics.setColor(Style.FAINT_INK);
        int y = bottom + EDGE;
        for (String line : lines(caption, width() - 2 * EDGE)) {
            graphics.drawString(line, EDGE, y);
            y += 16;
        }
    }

    private void square(Graphics2D graphics, int row, int column, int cell) {
        double gap = cell >= 16 ? 1 : 0;
        double x = left() + column * cell;
        double y = TOP + row * cell;
        Color color = Style.ramp(shades[row][column]);
        if (shades[row][column] == 0) {
            color = new Color(0xF6, 0xF7, 0xF9); // nothing there, but a square
        }
        graphics.setColor(color);
        graphics.fill(new Rectangle2D.Double(x, y, cell - gap, cell - gap));
        if (cell >= 24) {
            graphics.setColor(Style.inkOn(color));
            graphics.setFont(boldDiagonal && row == column ? Style.TEXT.deriveFont(Font.BOLD) : Style.TEXT);
            Style.middle(graphics, texts[row][column], x + cell / 2.0, y + cell / 2.0);
        }
    }

    /** Breaks small print into lines; 5.6 points a letter on average. */
    private static List<String> lines(String text, int width) {
        int letters = (int) (width / 5.6);
        StringBuilder line = new StringBuilder();
        List<String> lines = new ArrayList<>();
        for (String word : text.split(" ", -1)) {
            if (line.length() > 0 && line.length() + 1 + word.length() > letters) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        if (line.length() > 0) {
            lines.add(line.toString());
        }
        return lines;
    }
}
