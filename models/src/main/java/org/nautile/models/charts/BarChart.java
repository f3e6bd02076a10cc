package org.nautile.models.charts;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Quantities as bars from left to right, one below the other, each with its name before it and its value behind it. */
public final class BarChart implements Picture {
    private static final int EDGE = 24;
    private static final int HEADER = 66;
    private static final int ROW = 30;
    private static final double THICKNESS = 18;
    private static final int GAP = 10; // between a bar and its texts
    private static final int LONGEST = 420; // points of the longest bar

    private final String title;
    private final String subtitle;
    private final List<Bar> bars = new ArrayList<>();

    private record Bar(String name, double value, String text) {}

    /**
     * A chart without bars.
     *
     * @param title what is shown
     * @param subtitle how to read it; may be empty
     */
    public BarChart(String title, String subtitle) {
        this.title = title;
        this.subtitle = subtitle;
    }

    /**
     * Adds a bar below the others.
     *
     * @param name stands before it
     * @param value its length, finite and {@code >= 0}
     * @param text stands behind it
     * @return this
     */
    public BarChart add(String name, double value, String text) {
        if (!(value >= 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException(name + ": a bar of length " + value);
        }
        bars.add(new Bar(name, value, text));
        return this;
    }

    @Override
    public int width() {
        return Math.max(
                EDGE + names() + GAP + LONGEST + GAP + texts() + EDGE,
                2 * EDGE + Math.max(measure(Style.TITLE, title), measure(Style.TEXT, subtitle)));
    }

    @Override
    public int height() {
        return HEADER + ROW * bars.size() + EDGE;
    }

    private int names() {
        return bars.stream()
                .mapToInt(bar -> measure(Style.TEXT, bar.name))
                .max()
                .orElse(0);
    }

    private int texts() {
        return bars.stream()
                .mapToInt(bar -> measure(Style.TEXT, bar.text))
                .max()
                .orElse(0);
    }

    /** The width of a text in points, rounded up. */
    private static int measure(Font font, String text) {
        Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
        try {
            graphics.setFont(font);
            return (int) Math.ceil(Style.width(graphics, text));
        } finally {
            graphics.dispose();
        }
    }

    @Override
    public void paint(Graphics2D graphics) {
        graphics.setColor(Style.INK);
        graphics.setFont(Style.TITLE);
        graphics.drawString(title, EDGE, 30);
        graphics.setFont(Style.TEXT);
        graphics.setColor(Style.FAINT_INK);
        graphics.drawString(subtitle, EDGE, 50);
        double most = bars.stream().mapToDouble(Bar::value).max().orElse(0);
        int left = EDGE + names() + GAP;
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            double middle = HEADER + ROW * (i + 0.5);
            double length = most > 0 ? LONGEST * bar.value / most : 0;
            graphics.setColor(Style.INK);
            Style.right(graphics, bar.name, left - GAP, middle);
            graphics.setColor(Style.BLUE);
            graphics.fill(new Rectangle2D.Double(left, middle - THICKNESS / 2, Math.max(length, 1), THICKNESS));
            graphics.setColor(Style.FAINT_INK);
            Style.left(graphics, bar.text, left + length + GAP, middle);
        }
    }
}
