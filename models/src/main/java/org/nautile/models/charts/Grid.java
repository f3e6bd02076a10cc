package org.nautile.models.charts;

import java.awt.Graphics2D;
import java.util.List;
import java.util.stream.IntStream;

/** Pictures in rows under a common title. */
public final class Grid implements Picture {
    private static final int HEADER = 44;

    private final String title;
    private final int columns;
    private final List<Picture> pictures;

    /**
     * A grid. Columns are as wide as the widest picture, a row is as high as the highest in it.
     *
     * @param title stands above; may be empty
     * @param columns pictures in a row, {@code >= 1}
     * @param pictures row by row, at least one
     */
    public Grid(String title, int columns, List<? extends Picture> pictures) {
        if (columns < 1 || pictures.isEmpty()) {
            throw new IllegalArgumentException(columns + " columns of " + pictures.size() + " pictures");
        }
        this.title = title;
        this.columns = columns;
        this.pictures = List.copyOf(pictures);
    }

    private int header() {
        return title.isEmpty() ? 0 : HEADER;
    }

    private int cellWidth() {
        return pictures.stream().mapToInt(Picture::width).max().orElseThrow();
    }

    private int rows() {
        return (pictures.size() + columns - 1) / columns;
    }

    private List<Picture> row(int row) {
        return pictures.subList(row * columns, Math.min(pictures.size(), (row + 1) * columns));
    }

    private int rowHeight(int row) {
        return row(row).stream().mapToInt(Picture::height).max().orElseThrow();
    }

    @Override
    public int width() {
        return Math.min(columns, pictures.size()) * cellWidth();
    }

    @Override
    public int height() {
        return header() + IntStream.range(0, rows()).map(this::rowHeight).sum();
    }

    @Override
    public void paint(Graphics2D graphics) {
        Style.heading(graphics, title, width() / 2.0, 30);
        int y = header();
        for (int r = 0; r < rows(); r++) {
            int x = 0;
            for (Picture picture : row(r)) {
                int left = x + (cellWidth() - picture.width()) / 2;
                Graphics2D part = (Graphics2D) graphics.create(left, y, picture.width(), picture.height());
                picture.paint(part);
                part.dispose();
                x += cellWidth();
            }
            y += rowHeight(r);
        }
    }
}
