package org.nautile.models.points;

import java.util.Arrays;
import org.nautile.Generator;

/** A picture as a density in the plane: the darker a pixel, the more points. The longer side reaches from -2 to 2. */
public final class DarkPixels {
    private final int height;
    private final int width;
    private final double[] cumulated; // darkness of all pixels up to this one

    /**
     * A picture.
     *
     * @param grey the pixels, row by row from the top: 0 is black, 1 is white
     * @param height rows
     * @param width columns
     * @throws IllegalArgumentException if all is white, or if there are not height x width pixels
     */
    public DarkPixels(float[] grey, int height, int width) {
        if (grey.length != height * width) {
            throw new IllegalArgumentException(grey.length + " pixels for " + height + " x " + width);
        }
        this.height = height;
        this.width = width;
        cumulated = new double[grey.length];
        double sum = 0;
        for (int i = 0; i < grey.length; i++) {
            double darkness = 1 - grey[i];
            sum += darkness < 1.0 / 512 ? 0 : darkness; // rounding errors of white are no points
            cumulated[i] = sum;
        }
        if (sum == 0) {
            throw new IllegalArgumentException("the picture is white all over, expected something dark in it");
        }
    }

    /**
     * Draws points.
     *
     * @param size their number, {@code >= 1}
     * @param seed of the random numbers
     * @return points of two coordinates and one class
     */
    public Points draw(int size, long seed) {
        Generator random = new Generator(seed, 0);
        double pixel = 4.0 / Math.max(height, width);
        float[] places = new float[2 * size];
        for (int i = 0; i < size; i++) {
            double darkness = random.nextDouble() * cumulated[cumulated.length - 1];
            int found = Arrays.binarySearch(cumulated, darkness);
            int index = found < 0 ? -found - 1 : found;
            while (index < cumulated.length - 1 && cumulated[index] <= darkness) {
                index++; // to the first whose sum is larger: white pixels have the sum of the one before
            }
            int row = index / width;
            places[2 * i] = (float) (pixel * (index % width - width / 2.0 + random.nextDouble()));
            places[2 * i + 1] = (float) (pixel * (height / 2.0 - row - random.nextDouble()));
        }
        return new Points(places, new int[size], 1);
    }
}
