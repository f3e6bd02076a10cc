package org.nautile.models.segmentation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A grey image and the object that each of its pixels belongs to.
 *
 * @param name of the file
 * @param height pixels
 * @param width pixels
 * @param pixels [height * width], in the file's own scale
 * @param labels [height * width]: 0 is background, 1, 2, ... are the objects
 */
public record LabelledImage(String name, int height, int width, float[] pixels, int[] labels) {
    private static final double DARK = 0.01;
    private static final double BRIGHT = 0.998;

    /**
     * Checks the sizes.
     *
     * @param name of the file
     * @param height pixels
     * @param width pixels
     * @param pixels [height * width]
     * @param labels [height * width]
     */
    public LabelledImage {
        if (pixels.length != height * width || labels.length != height * width) {
            throw new IllegalArgumentException(name + ": " + pixels.length + " pixels and " + labels.length
                    + " labels for " + height + " x " + width);
        }
    }

    /**
     * Reads an image of whose objects nothing is known.
     *
     * @param file PNG or TIFF, of 8 or 16 bits, grey or in colour
     * @return the image, without objects
     * @throws IOException if the file cannot be read, or is not an image
     */
    public static LabelledImage unlabelled(Path file) throws IOException {
        RasterFile image = RasterFile.read(file);
        int[] labels = new int[image.height() * image.width()];
        return new LabelledImage(file.getFileName().toString(), image.height(), image.width(), image.grey(), labels);
    }

    /**
     * Dark and light changed.
     *
     * @return the image with its largest number as 0
     */
    public LabelledImage inverted() {
        float most = 0;
        for (float pixel : pixels) {
            most = Math.max(most, pixel);
        }
        float[] changed = new float[pixels.length];
        for (int i = 0; i < changed.length; i++) {
            changed[i] = most - pixels[i];
        }
        return new LabelledImage(name, height, width, changed, labels);
    }

    /**
     * The number of objects.
     *
     * @return the largest label
     */
    public int objects() {
        return Arrays.stream(labels).max().orElse(0);
    }

    /**
     * Where any object is.
     *
     * @return [height * width]
     */
    public boolean[] mask() {
        boolean[] mask = new boolean[labels.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = labels[i] > 0;
        }
        return mask;
    }

    /**
     * The pixels on a scale of this image: its 1st percentile is 0 and its 99.8th is 1, as exposures and cameras differ. Beyond them
     * it goes on, up to -1 and 3, so that a single hot pixel is no reason for anything.
     *
     * @return the same image
     */
    public LabelledImage normalised() {
        float[] sorted = pixels.clone();
        Arrays.sort(sorted);
        float low = sorted[(int) (DARK * (sorted.length - 1))];
        float high = sorted[(int) (BRIGHT * (sorted.length - 1))];
        float scale = high > low ? 1 / (high - low) : 0;
        float[] scaled = new float[pixels.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = Math.max(-1, Math.min(3, (pixels[i] - low) * scale));
        }
        return new LabelledImage(name, height, width, scaled, labels);
    }
}
