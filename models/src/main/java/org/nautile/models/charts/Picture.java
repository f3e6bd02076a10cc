package org.nautile.models.charts;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.nautile.io.AtomicFile;

/** Something that can be drawn. Sizes are in points; files have {@link #SCALE} pixels a point, for sharp screens. */
public interface Picture {
    /** The pixels of a point in a file, along each axis. */
    int SCALE = 2;

    /** What helps where {@link #obstacle} is not empty. */
    String REMEDY = "install fonts (Debian: apt-get install fontconfig fonts-dejavu-core)";

    /**
     * The width.
     *
     * @return points, {@code > 0}
     */
    int width();

    /**
     * The height.
     *
     * @return points, {@code > 0}
     */
    int height();

    /**
     * Draws the picture with its upper left corner at the origin.
     *
     * @param graphics the canvas; its settings may be changed
     */
    void paint(Graphics2D graphics);

    /**
     * Writes the picture as PNG, whole or not at all.
     *
     * @param file the file, which is replaced
     * @throws IOException if it cannot be written
     */
    default void write(Path file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.setUseCache(false); // or a full temporary folder would be a reason to fail
        ImageIO.write(image(), "png", bytes);
        AtomicFile.write(file, bytes.toByteArray());
    }

    /**
     * The picture as pixels on white.
     *
     * @return an image of {@link #SCALE} pixels a point
     */
    default BufferedImage image() {
        BufferedImage image = new BufferedImage(SCALE * width(), SCALE * height(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_GASP);
            graphics.setRenderingHint(RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
            graphics.scale(SCALE, SCALE);
            graphics.setColor(Style.BACKGROUND);
            graphics.fillRect(0, 0, width(), height());
            paint(graphics);
        } finally {
            graphics.dispose();
        }
        return image;
    }

    /**
     * Why Java cannot draw text on this machine.
     *
     * @return empty if it can
     */
    static Optional<String> obstacle() {
        try {
            Graphics2D graphics = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB).createGraphics();
            graphics.setFont(Style.TEXT);
            graphics.drawString("x", 1, 7);
            graphics.dispose();
            return Optional.empty();
        } catch (LinkageError | InternalError | RuntimeException e) {
            // AWT's answers where there is not a single font, or no library to draw them
            return Optional.of("Java cannot draw text here (" + e + ")");
        }
    }
}
