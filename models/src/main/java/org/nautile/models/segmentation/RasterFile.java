package org.nautile.models.segmentation;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.nautile.io.DataException;

/**
 * An image file as numbers: PNG or TIFF, of 8 or 16 bits, grey or in colour.
 *
 * @param height pixels
 * @param width pixels
 * @param bands the numbers of a pixel, [band][height * width]: grey, or red, green and blue; transparency is left out
 */
record RasterFile(int height, int width, float[][] bands) {
    /** Reads a file; of several images in one file the first. */
    static RasterFile read(Path file) throws IOException {
        BufferedImage image;
        try {
            image = decode(file);
        } catch (IOException | RuntimeException e) { // damaged files make the JDK's readers throw almost anything
            if (!Files.isReadable(file)) {
                throw e;
            }
            DataException failure = new DataException(file, "not a readable image: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
        if (image == null) {
            throw new DataException(file, "not a readable image: neither PNG nor TIFF");
        }
        if (image.getColorModel() instanceof IndexColorModel colours) {
            image = colours.convertToIntDiscrete(image.getRaster(), false);
        }
        Raster raster = image.getRaster();
        int count = raster.getNumBands() < 3 ? 1 : 3;
        float[][] bands = new float[count][];
        for (int band = 0; band < count; band++) {
            bands[band] = raster.getSamples(0, 0, raster.getWidth(), raster.getHeight(), band, (float[]) null);
        }
        return new RasterFile(raster.getHeight(), raster.getWidth(), bands);
    }

    private static @Nullable BufferedImage decode(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            ImageIO.setUseCache(false);
            return ImageIO.read(in);
        }
    }

    /** The mean of the bands. */
    float[] grey() {
        if (bands.length == 1) {
            return bands[0];
        }
        float[] grey = new float[height * width];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (bands[0][i] + bands[1][i] + bands[2][i]) / 3;
        }
        return grey;
    }

    /** Objects by their values or colours, numbered from 1 in the order of these; black is background. */
    int[] labels() {
        long[] keys = new long[height * width];
        TreeSet<Long> found = new TreeSet<>();
        for (int i = 0; i < keys.length; i++) {
            for (float[] band : bands) {
                keys[i] = keys[i] << 16 | (long) band[i];
            }
            if (keys[i] != 0 && (i == 0 || keys[i] != keys[i - 1])) {
                found.add(keys[i]);
            }
        }
        long[] sorted = found.stream().mapToLong(Long::longValue).toArray();
        int[] labels = new int[keys.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = keys[i] == 0 ? 0 : 1 + Arrays.binarySearch(sorted, keys[i]);
        }
        return labels;
    }
}
