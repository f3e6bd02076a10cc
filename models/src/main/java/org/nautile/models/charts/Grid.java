package org.nautile.models.charts;

import java.awt.Graphics2D;
import java.util.List;

/** Pictures in rows under a common title. */
public final class Grid implements Picture {
    private static final int HEADER = 44;

    private final String title;
    private final int columns;
    private final List<Picture> pictures;

    /**
     * A grid. Each picture gets a cell of the size of the largest.
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

    private int cellHeight() {
        return pictures.stream().mapToInt(Picture::height).max().orElseThrow();
    }

    @Override
    public int width() {
        return Math.min(columns, pictures.size()) * cellWidth();
    }

    @Override
    public int height() {
        return header() + (pictures.size() + columns - 1) / columns * cellHeight();
    }

    @Override
    public void paint(Graphics2D graphics) {
        graphics.setColor(Style.INK);
        graphics.setFont(Style.TITLE);
        Style.centred(graphics, title, width() / 2.0, 30);
        for (int i = 0; i < pictures.size(); i++) {
            Picture picture = pictures.get(i);
            int x = i % columns * cellWidth();
            int y = header() + i / columns * cellHeight();
            Graphics2D part = (Graphics2D) graphics.create(x, y, picture.width(), picture.height());
            picture.paint(part);
            part.dispose();
        }
    }
}
