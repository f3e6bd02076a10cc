package org.nautile.models.charts;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;

/** What all pictures have in common: colours, fonts, text. */
final class Style {
    static final Color BACKGROUND = Color.WHITE;
    static final Color INK = new Color(0x22, 0x2B, 0x38);
    static final Color FAINT_INK = new Color(0x6B, 0x76, 0x86);
    static final Color LINES = new Color(0xE3, 0xE7, 0xEC);

    /** The ends of the two ramps that start at white: for one sign of a number and the other. */
    static final Color BLUE = new Color(0x1F, 0x5F, 0xA8);

    static final Color ORANGE = new Color(0xC8, 0x50, 0x0A);

    /** For series, in this order: told apart by every kind of colour vision (after Okabe and Ito 2008). */
    static final Color[] SERIES = {
        new Color(0x1F, 0x5F, 0xA8),
        new Color(0xE0, 0x6C, 0x00),
        new Color(0x00, 0x8F, 0x6B),
        new Color(0xB8, 0x4C, 0x94),
        new Color(0x3E, 0xA8, 0xDD),
        new Color(0xA8, 0x85, 0x00),
        new Color(0x55, 0x5F, 0x6E)
    };

    static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 15);
    static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 10);

    private Style() {}

    /** White at 0, the end of a ramp at 1 (blue) or -1 (orange). */
    static Color ramp(double value) {
        return mix(255, value < 0 ? ORANGE : BLUE, Math.min(1, Math.abs(value)));
    }

    /** Grey at 0, from black (0) to white (255); a colour at 1. */
    static Color mix(double grey, Color color, double share) {
        return new Color(
                level(grey, color.getRed(), share),
                level(grey, color.getGreen(), share),
                level(grey, color.getBlue(), share));
    }

    private static int level(double from, int to, double share) {
        return (int) Math.round(from + share * (to - from));
    }

    /** A colour that covers what is under it more or less, from 0 to 255. */
    static Color over(Color color, int alpha) {
        return new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha);
    }

    /** Ink that can be read on a colour. */
    static Color inkOn(Color color) {
        double brightness = 0.299 * color.getRed() + 0.587 * color.getGreen() + 0.114 * color.getBlue();
        return brightness < 140 ? Color.WHITE : INK;
    }

    /** Draws a title whose middle is at x, on the baseline y. */
    static void heading(Graphics2D graphics, String title, double x, double y) {
        graphics.setColor(INK);
        graphics.setFont(TITLE);
        centred(graphics, title, x, y);
    }

    /** Draws a title whose middle is at x, on the baseline y, and a subtitle under it. */
    static void heading(Graphics2D graphics, String title, String subtitle, double x, double y) {
        heading(graphics, title, x, y);
        graphics.setColor(FAINT_INK);
        graphics.setFont(TEXT);
        centred(graphics, subtitle, x, y + 20);
    }

    /** Draws text whose middle is at x, on the baseline y. */
    static void centred(Graphics2D graphics, String text, double x, double y) {
        graphics.drawString(text, (float) (x - width(graphics, text) / 2), (float) y);
    }

    /** Draws text whose middle is at x and y. */
    static void middle(Graphics2D graphics, String text, double x, double y) {
        FontMetrics metrics = graphics.getFontMetrics();
        centred(graphics, text, x, y + (metrics.getAscent() - metrics.getDescent()) / 2.0);
    }

    /** Draws text that begins at x, with its middle at y. */
    static void left(Graphics2D graphics, String text, double x, double y) {
        FontMetrics metrics = graphics.getFontMetrics();
        graphics.drawString(text, (float) x, (float) (y + (metrics.getAscent() - metrics.getDescent()) / 2.0));
    }

    /** Draws text that ends at x, with its middle at y. */
    static void right(Graphics2D graphics, String text, double x, double y) {
        FontMetrics metrics = graphics.getFontMetrics();
        graphics.drawString(text, (float) (x - width(graphics, text)), (float)
                (y + (metrics.getAscent() - metrics.getDescent()) / 2.0));
    }

    /** The width of text in points; not FontMetrics.stringWidth, which rounds and so leaves columns ragged. */
    static double width(Graphics2D graphics, String text) {
        return graphics.getFontMetrics().getStringBounds(text, graphics).getWidth();
    }
}
