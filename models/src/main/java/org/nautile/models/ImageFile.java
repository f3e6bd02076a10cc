package org.nautile.models;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.nautile.Shape;

/** Images of files as numbers. */
public final class ImageFile {
    private static final double[] GREY = {0.299, 0.587, 0.114}; // ITU-R BT.601: how bright red, green and blue look

    private ImageFile() {}

    /**
     * Reads an image and brings it to a size: each pixel is the mean of the part of the image it stands for. What is transparent
     * becomes white.
     *
     * @param file PNG, JPEG, GIF or BMP
     * @param shape [channels, height, width], one channel (grey) or three (red, green, blue)
     * @return the pixels in the order of the shape, from 0 to 1
     * @throws IOException if the file cannot be read, or is not an image
     */
    public static float[] read(Path file, Shape shape) throws IOException {
        return pixels(open(file), shape);
    }

    /**
     * An image in grey.
     *
     * @param height pixels
     * @param width pixels
     * @param pixels row by row, from 0 (black) to 1 (white)
     */
    public record Grey(int height, int width, float[] pixels) {}

    /**
     * Reads an image in grey, and makes a large one smaller. What is transparent becomes white.
     *
     * @param file PNG, JPEG, GIF or BMP
     * @param most the pixels of its longer side that it has then at most, {@code >= 1}
     * @return the image, as high and wide in proportion as the file's
     * @throws IOException if the file cannot be read, or is not an image
     */
    public static Grey readGrey(Path file, int most) throws IOException {
        BufferedImage image = open(file);
        double factor = Math.min(1, (double) most / Math.max(image.getHeight(), image.getWidth()));
        int height = (int) Math.max(1, Math.round(factor * image.getHeight()));
        int width = (int) Math.max(1, Math.round(factor * image.getWidth()));
        return new Grey(height, width, pixels(image, Shape.of(1, height, width)));
    }

    private static BufferedImage open(Path file) throws IOException {
        if (Files.size(file) == 0) {
            throw new IOException(file + ": the file is empty");
        }
        BufferedImage image = decode(file);
        if (image == null) {
            throw new IOException(file + ": not an image that can be read (PNG, JPEG, GIF or BMP)");
        }
        return image;
    }

    private static float[] pixels(BufferedImage image, Shape shape) {
        int channels = (int) shape.dim(0);
        int height = (int) shape.dim(1);
        int width = (int) shape.dim(2);
        double[][] planes = planes(image);
        float[] pixels = new float[channels * height * width];
        for (int c = 0; c < planes.length; c++) {
            double[] scaled = scale(planes[c], image.getHeight(), image.getWidth(), height, width);
            for (int i = 0; i < scaled.length; i++) {
                if (channels == 3) {
                    pixels[c * scaled.length + i] = (float) scaled[i];
                } else {
                    pixels[i] += (float) (GREY[c] * scaled[i]);
                }
            }
        }
        return pixels;
    }

    private static @Nullable BufferedImage decode(Path file) throws IOException {
        ImageIO.setUseCache(false);
        try (var in = Files.newInputStream(file)) {
            return ImageIO.read(in);
        } catch (IOException | RuntimeException e) { // the decoders throw either at damaged bytes
            throw new IOException(file + ": not an image that can be read: " + e.getMessage(), e);
        }
    }

    /** Red, green and blue from 0 to 1, on white. */
    private static double[][] planes(BufferedImage image) {
        int width = image.getWidth();
        double[][] planes = new double[3][width * image.getHeight()];
        boolean grey = image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY;
        WritableRaster raster = image.getRaster();
        double white = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
        for (int i = 0; i < planes[0].length; i++) {
            int x = i % width;
            int y = i / width;
            if (grey) { // getRGB would take the numbers for linear light and change them
                double alpha = raster.getNumBands() == 1 ? 1 : raster.getSample(x, y, 1) / white;
                double value = 1 - alpha + alpha * raster.getSample(x, y, 0) / white;
                planes[0][i] = value;
                planes[1][i] = value;
                planes[2][i] = value;
            } else {
                int argb = image.getRGB(x, y);
                double alpha = (argb >>> 24) / 255.0;
                for (int c = 0; c < 3; c++) {
                    planes[c][i] = 1 - alpha + alpha * (argb >> (16 - 8 * c) & 0xFF) / 255.0;
                }
            }
        }
        return planes;
    }

    /** Means over the rectangles that the new pixels stand for. */
    private static double[] scale(double[] from, int fromHeight, int fromWidth, int height, int width) {
        double[] rows = new double[height * fromWidth];
        for (int r = 0; r < height; r++) {
            for (Part part : parts(r, fromHeight, height)) {
                for (int x = 0; x < fromWidth; x++) {
                    rows[r * fromWidth + x] += part.share() * from[part.index() * fromWidth + x];
                }
            }
        }
        double[] to = new double[height * width];
        for (int c = 0; c < width; c++) {
            for (Part part : parts(c, fromWidth, width)) {
                for (int r = 0; r < height; r++) {
                    to[r * width + c] += part.share() * rows[r * fromWidth + part.index()];
                }
            }
        }
        return to;
    }

    /** An old pixel and its share in a new one. */
    private record Part(int index, double share) {}

    private static Part[] parts(int place, int from, int to) {
        double start = (double) place * from / to;
        double end = (place + 1.0) * from / to;
        int first = (int) start;
        int last = Math.min(from - 1, (int) Math.ceil(end) - 1);
        Part[] parts = new Part[last - first + 1];
        for (int i = first; i <= last; i++) {
            double overlap = Math.min(end, i + 1.0) - Math.max(start, i);
            parts[i - first] = new Part(i, overlap / (end - start));
        }
        return parts;
    }
}
