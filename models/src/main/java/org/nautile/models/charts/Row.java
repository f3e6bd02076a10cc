package org.nautile.models.charts;

import java.awt.Graphics2D;
import java.util.List;

/** Pictures side by side under a common title. */
public final class Row implements Picture {
    private static final int HEADER = 44;

    private final String title;
    private final List<Picture> pictures;

    /**
     * A row.
     *
     * @param title stands above; may be empty
     * @param pictures left to right, at least one
     */
    public Row(String title, Picture... pictures) {
        this.title = title;
        this.pictures = List.of(pictures);
    }

    private int header() {
        return title.isEmpty() ? 0 : HEADER;
    }

    @Override
    public int width() {
        return pictures.stream().mapToInt(Picture::width).sum();
    }

    @Override
    public int height() {
        return header() + pictures.stream().mapToInt(Picture::height).max().orElse(0);
    }

    @Override
    public void paint(Graphics2D graphics) {
        Style.heading(graphics, title, width() / 2.0, 30);
        int x = 0;
        for (Picture picture : pictures) {
            Graphics2D part = (Graphics2D) graphics.create(x, header(), picture.width(), picture.height());
            picture.paint(part);
            part.dispose();
            x += picture.width();
        }
    }
}
