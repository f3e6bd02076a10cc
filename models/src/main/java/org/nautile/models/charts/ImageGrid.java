package org.nautile.models.charts;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Small images in rows, each with two lines of text: mistakes, samples, reconstructions. */
public final class ImageGrid implements Picture {
    private static final int SIDE = 96;
    private static final int GAP = 18;
    private static final int TEXT = 34; // under an image
    private static final int TEXTS = 50; // the same, of two lines
    private static final int EDGE = 20;
    private static final int HEADER = 66;

    private final String title;
    private final String subtitle;
    private final int columns;
    private final int side; // of an image, points
    private final List<Cell> cells = new ArrayList<>();

    private record Cell(BufferedImage image, String first, String second) {}

    /**
     * A grid without images.
     *
     * @param title what is shown
     * @param subtitle how to read it; may be empty
     * @param columns images in a row, {@code >= 1}
     */
    public ImageGrid(String title, String subtitle, int columns) {
        this(title, subtitle, columns, SIDE);
    }

    /**
     * A grid without images.
     *
     * @param title what is shown
     * @param subtitle how to read it; may be empty
     * @param columns images in a row, {@code >= 1}
     * @param side the larger of height and width of an image, points; a little less where pixels would not have one size
     */
    public ImageGrid(String title, String subtitle, int columns, int side) {
        this.side = side;
        this.title = title;
        this.subtitle = subtitle;
        this.columns = columns;
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
     * @return this
     */
    public ImageGrid add(float[] pixels, int channels, int height, int width, String first, String second) {
        if ((channels != 1 && channels != 3) || pixels.length != channels * height * width) {
            throw new IllegalArgumentException(
                    pixels.length + " pixels for " + channels + " x " + height + " x " + width);
        }
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int plane = height * width;
        for (int i = 0; i < plane; i++) {
            int red = level(pixels[i]);
            int green = channels == 1 ? red : level(pixels[plane + i]);
            int blue = channels == 1 ? red : level(pixels[2 * plane + i]);
            image.setRGB(i % width, i / width, red << 16 | green << 8 | blue);
        }
        cells.add(new Cell(image, first, second));
        return this;
    }

    private static int level(float value) {
        return Math.max(0, Math.min(255, Math.round(255 * value))); // NaN is 0
    }

    @Override
    public int width() {
        return 2 * EDGE + columns * (side + GAP);
    }

    @Override
    public int height() {
        int rows = Math.max(1, (cells.size() + columns - 1) / columns);
        return HEADER + rows * rowHeight() + EDGE / 2;
    }

    private int rowHeight() {
        return side + (cells.stream().allMatch(cell -> cell.second.isEmpty()) ? TEXT : TEXTS);
    }

    @Override
    public void paint(Graphics2D graphics) {
        Style.heading(graphics, title, subtitle, width() / 2.0, 30);
        for (int i = 0; i < cells.size(); i++) {
            int x = EDGE + i % columns * (side + GAP) + (side + GAP) / 2;
            int y = HEADER + i / columns * rowHeight();
            paint(graphics, cells.get(i), x, y);
        }
    }

    /** Draws a cell whose upper edge has its middle at x and y. */
    private void paint(Graphics2D graphics, Cell cell, int x, int y) {
        int longer = Math.max(cell.image.getWidth(), cell.image.getHeight());
        // pixels of the file for each of the image's: a whole number, so that all are alike, unless the image is large
        double whole = Math.floor((double) SCALE * side / longer);
        double zoom = (whole >= 1 ? whole : (double) SCALE * side / longer) / SCALE;
        graphics.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION,
                whole >= 1
                        ? RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR
                        : RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        double width = zoom * cell.image.getWidth();
        double height = zoom * cell.image.getHeight();
        AffineTransform place = AffineTransform.getTranslateInstance(x - width / 2, y + (side - height) / 2);
        place.scale(zoom, zoom);
        graphics.setColor(Style.LINES); // an edge, for images on white
        graphics.fill(new Rectangle2D.Double(
                place.getTranslateX() - 0.5, place.getTranslateY() - 0.5, width + 1, height + 1));
        graphics.drawImage(cell.image, place, null);
        graphics.setFont(Style.TEXT);
        graphics.setColor(Style.INK);
        Style.centred(graphics, cell.first, x, y + side + 14);
        graphics.setFont(Style.SMALL);
        graphics.setColor(Style.FAINT_INK);
        Style.centred(graphics, cell.second, x, y + side + 29);
    }
}
