package org.nautile.models.charts;

import java.awt.Graphics2D;
import java.util.List;

/** A picture with lines of text under it. */
public final class Captioned implements Picture {
    private static final int LINE = 17;
    private static final int EDGE = 12;

    private final Picture picture;
    private final List<String> lines;

    /**
     * A picture with its caption.
     *
     * @param picture what is shown
     * @param lines the text, each line no wider than the picture
     */
    public Captioned(Picture picture, String... lines) {
        this.picture = picture;
        this.lines = List.of(lines);
    }

    @Override
    public int width() {
        return picture.width();
    }

    @Override
    public int height() {
        return picture.height() + LINE * lines.size() + EDGE;
    }

    @Override
    public void paint(Graphics2D graphics) {
        Graphics2D part = (Graphics2D) graphics.create(0, 0, picture.width(), picture.height());
        picture.paint(part);
        part.dispose();
        graphics.setFont(Style.TEXT);
        graphics.setColor(Style.INK);
        for (int i = 0; i < lines.size(); i++) {
            Style.centred(graphics, lines.get(i), width() / 2.0, picture.height() + LINE * i + EDGE);
        }
    }
}
