package org.nautile.models.segmentation;

import java.util.Arrays;

/** Segmentation without learning: the brightness of pixels in two or more groups. */
public final class Clusters {
    private static final int BINS = 256;
    private static final int MOST_ROUNDS = 100;

    private Clusters() {}

    /**
     * The threshold between dark and bright pixels that makes the variance between the two groups largest; Otsu 1979.
     *
     * @param pixels at least one
     * @return between two of 256 steps from the darkest to the brightest; what is above is bright
     */
    public static float otsu(float... pixels) {
        float[] range = range(pixels);
        double step = (range[1] - range[0]) / BINS;
        if (step == 0) {
            return range[0];
        }
        long[] counts = new long[BINS];
        double total = 0;
        for (float pixel : pixels) {
            int bin = Math.min(BINS - 1, (int) ((pixel - range[0]) / step));
            counts[bin]++;
            total += bin;
        }
        double best = -1;
        int threshold = 0;
        double dark = 0;
        double darkSum = 0;
        for (int bin = 0; bin < BINS - 1; bin++) {
            dark += counts[bin];
            darkSum += (double) counts[bin] * bin;
            double bright = pixels.length - dark;
            if (dark > 0 && bright > 0) {
                double difference = darkSum / dark - (total - darkSum) / bright;
                double between = dark * bright * difference * difference;
                if (between > best) {
                    best = between;
                    threshold = bin;
                }
            }
        }
        return (float) (range[0] + (threshold + 1) * step);
    }

    /**
     * Groups of pixels by brightness, each pixel in that of the nearest mean; Lloyd's iteration, from means spread evenly between
     * the darkest and the brightest.
     *
     * @param k groups, {@code >= 2}
     * @param pixels at least one
     * @return the means, darkest first
     */
    public static double[] kMeans(int k, float... pixels) {
        float[] range = range(pixels);
        double[] means = new double[k];
        Arrays.setAll(means, i -> range[0] + (range[1] - range[0]) * (i + 0.5) / k);
        for (int round = 0; round < MOST_ROUNDS; round++) {
            double[] sums = new double[k];
            long[] counts = new long[k];
            for (float pixel : pixels) {
                int group = nearest(means, pixel);
                sums[group] += pixel;
                counts[group]++;
            }
            double[] before = means.clone();
            Arrays.setAll(means, i -> counts[i] == 0 ? before[i] : sums[i] / counts[i]);
            if (Arrays.equals(before, means)) {
                break;
            }
        }
        return means;
    }

    /**
     * The group of a pixel.
     *
     * @param means of the groups
     * @param pixel its brightness
     * @return the number of the nearest mean
     */
    public static int nearest(double[] means, float pixel) {
        int best = 0;
        for (int i = 1; i < means.length; i++) {
            if (Math.abs(pixel - means[i]) < Math.abs(pixel - means[best])) {
                best = i;
            }
        }
        return best;
    }

    /**
     * The pixels above {@link #otsu}.
     *
     * @param pixels at least one
     * @return as many
     */
    public static boolean[] otsuMask(float... pixels) {
        float threshold = otsu(pixels);
        boolean[] mask = new boolean[pixels.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = pixels[i] > threshold;
        }
        return mask;
    }

    /**
     * The pixels of the brighter of two means.
     *
     * @param pixels at least one
     * @return as many
     */
    public static boolean[] kMeansMask(float... pixels) {
        double[] means = kMeans(2, pixels);
        boolean[] mask = new boolean[pixels.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = nearest(means, pixels[i]) == 1;
        }
        return mask;
    }

    private static float[] range(float... pixels) {
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        for (float pixel : pixels) {
            low = Math.min(low, pixel);
            high = Math.max(high, pixel);
        }
        return new float[] {low, high};
    }
}
