package org.nautile.models.charts;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Images, each with a map for every class: red where a pixel speaks for the class, blue where against it, over a pale
 * picture of the image. All maps have one scale, which is the same on both sides of 0.
 */
public final class AttributionChart implements Picture {
    private static final int SIDE = 84;
    private static final int GAP = 8;
    private static final int EDGE = 24;
    private static final int HEADER = 90;
    private static final int TEXT = 37; // under a row
    private static final int BAR = 320; // the length of the colour bar
    private static final int FOOTER = 62;
    private static final double MOST = 0.998; // of all pixels have less than the end of the scale
    private static final double PALE = 0.13; // how much of the image is left under a map
    private static final Color FOR = new Color(0xD8, 0x1B, 0x45);
    private static final Color AGAINST = new Color(0x1F, 0x5F, 0xC8);

    private final String title;
    private final String subtitle;
    private final String unit;
    private final List<String> classes;
    private final List<Row> rows = new ArrayList<>();

    /** An image, as planes, and its maps. */
    private record Row(
            float[] pixels,
            int channels,
            int height,
            int width,
            String first,
            String second,
            int said,
            double[][] maps,
            List<String> notes) {}

    /**
     * A chart without images.
     *
     * @param title what is shown
     * @param subtitle how it was computed; may be empty
     * @param unit what the colours mean, under their bar
     * @param classes their names
     */
    public AttributionChart(String title, String subtitle, String unit, List<String> classes) {
        this.title = title;
        this.subtitle = subtitle;
        this.unit = unit;
        this.classes = List.copyOf(classes);
    }

    /**
     * Adds an image.
     *
     * @param pixels [channels, height, width], each 0 to 1; one channel is grey, three are red, green and blue
     * @param channels 1 or 3
     * @param height pixels
     * @param width pixels
     * @param first the first line under the image
     * @param second the second line under the image; may be empty
     * @param said the class whose map is framed
     * @param maps [classes][height * width], positive for what speaks for the class
     * @param notes a text under each map
     * @return this
     */
    public AttributionChart add(
            float[] pixels,
            int channels,
            int height,
            int width,
            String first,
            String second,
            int said,
            double[][] maps,
            List<String> notes) {
        if (maps.length != classes.size()
                || notes.size() != maps.length
                || (channels != 1 && channels != 3)
                || pixels.length != channels * height * width) {
            throw new IllegalArgumentException(maps.length + " maps and " + notes.size() + " notes for "
                    + classes.size() + " classes, " + pixels.length + " pixels for " + channels + " x " + height
                    + " x " + width);
        }
        rows.add(new Row(pixels, channels, height, width, first, second, said, maps, List.copyOf(notes)));
        return this;
    }

    /** The end of the scale; few pixels, which would make all others pale, are beyond it. */
    double scale() {
        double[] all = rows.stream()
                .flatMap(row -> Arrays.stream(row.maps))
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        double found = all.length == 0 ? 0 : all[(int) (MOST * (all.length - 1))];
        return found > 0 ? found : all.length == 0 || all[all.length - 1] == 0 ? 1 : all[all.length - 1];
    }

    @Override
    public int width() {
        return 2 * EDGE + (classes.size() + 1) * (SIDE + GAP) + GAP;
    }

    @Override
    public int height() {
        return HEADER + rows.size() * (SIDE + TEXT) + FOOTER;
    }

    private static int left(int column) {
        return EDGE + column * (SIDE + GAP) + (column == 0 ? 0 : 2 * GAP);
    }

    @Override
    public void paint(Graphics2D graphics) {
        graphics.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
        Style.heading(graphics, title, subtitle, width() / 2.0, 28);
        graphics.setColor(Style.INK);
        graphics.setFont(Style.TITLE);
        if (classes.stream().anyMatch(name -> !fits(graphics, name))) {
            graphics.setFont(Style.TEXT);
        }
        for (int c = 0; c < classes.size(); c++) {
            Style.centred(graphics, classes.get(c), left(c + 1) + SIDE / 2.0, HEADER - 10.0);
        }
        double scale = scale();
        int y = HEADER;
        for (Row row : rows) {
            picture(graphics, image(row), 0, y);
            texts(graphics, 0, y, row.first, row.second);
            for (int c = 0; c < row.maps.length; c++) {
                picture(graphics, map(row, row.maps[c], scale), c + 1, y);
                texts(graphics, c + 1, y, "", row.notes.get(c));
            }
            graphics.setColor(Style.INK);
            graphics.setStroke(new BasicStroke(1.6F));
            graphics.draw(new Rectangle2D.Double(left(row.said + 1) - 1, y - 1, SIDE + 2, SIDE + 2));
            y += SIDE + TEXT;
        }
        bar(graphics, scale, y + 10);
    }

    private static void picture(Graphics2D graphics, BufferedImage image, int column, int y) {
        graphics.setColor(Style.LINES);
        graphics.fill(new Rectangle2D.Double(left(column) - 0.5, y - 0.5, SIDE + 1, SIDE + 1));
        graphics.drawImage(image, left(column), y, SIDE, SIDE, null);
    }

    private static void texts(Graphics2D graphics, int column, int y, String first, String second) {
        double middle = left(column) + SIDE / 2.0;
        graphics.setFont(Style.TEXT);
        graphics.setColor(Style.INK);
        String shown = first;
        while (!fits(graphics, shown)) { // the name of a file
            shown = shown.substring(0, shown.length() - 4) + "...";
        }
        Style.centred(graphics, shown, middle, y + SIDE + 13.0);
        graphics.setFont(Style.SMALL);
        graphics.setColor(Style.FAINT_INK);
        Style.centred(graphics, second, middle, y + SIDE + (first.isEmpty() ? 13.0 : 24.0));
    }

    private static boolean fits(Graphics2D graphics, String text) {
        return Style.width(graphics, text) <= SIDE + GAP;
    }

    private static BufferedImage image(Row row) {
        BufferedImage image = new BufferedImage(row.width, row.height, BufferedImage.TYPE_INT_RGB);
        int plane = row.height * row.width;
        for (int i = 0; i < plane; i++) {
            int colour = 0;
            for (int c = 0; c < 3; c++) {
                float value = row.pixels[row.channels == 1 ? i : c * plane + i];
                colour = colour << 8 | Math.max(0, Math.min(255, Math.round(255 * value)));
            }
            image.setRGB(i % row.width, i / row.width, colour);
        }
        return image;
    }

    private static BufferedImage map(Row row, double[] values, double scale) {
        BufferedImage map = new BufferedImage(row.width, row.height, BufferedImage.TYPE_INT_RGB);
        int plane = row.height * row.width;
        for (int i = 0; i < plane; i++) {
            double grey = 0;
            for (int c = 0; c < row.channels; c++) {
                grey += row.pixels[c * plane + i] / row.channels;
            }
            // strokes, which are light on dark, become dark on white
            double paper = 1 - PALE * (row.channels == 1 ? grey : 1 - grey);
            double share = Double.isFinite(values[i]) ? Math.min(1, Math.abs(values[i]) / scale) : 0;
            Color colour = Style.mix(255 * paper, values[i] < 0 ? AGAINST : FOR, share);
            map.setRGB(i % row.width, i / row.width, colour.getRGB());
        }
        return map;
    }

    private void bar(Graphics2D graphics, double scale, int y) {
        double left = (width() - BAR) / 2.0;
        for (int i = 0; i < BAR; i++) {
            double value = 2.0 * i / (BAR - 1) - 1;
            graphics.setColor(Style.mix(255, value < 0 ? AGAINST : FOR, Math.abs(value)));
            graphics.fill(new Rectangle2D.Double(left + i, y, 1.5, 12));
        }
        graphics.setFont(Style.SMALL);
        graphics.setColor(Style.INK);
        Style.centred(graphics, String.format(Locale.ROOT, "-%.2g", scale), left, y + 25.0);
        Style.centred(graphics, "0", left + BAR / 2.0, y + 25.0);
        Style.centred(graphics, String.format(Locale.ROOT, "+%.2g", scale), left + BAR, y + 25.0);
        graphics.setColor(Style.FAINT_INK);
        Style.centred(graphics, unit, width() / 2.0, y + 39.0);
    }
}
