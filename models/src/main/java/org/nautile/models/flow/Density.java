package org.nautile.models.flow;

import java.util.Arrays;
import org.nautile.Device;

/**
 * A density at the middles of the squares of a grid around the origin.
 *
 * @param half what the grid reaches, from minus this to this on both axes
 * @param side squares along an axis
 * @param values row by row, from the top (the largest y), [side * side]
 */
public record Density(double half, int side, double[] values) {
    /**
     * That of a flow in the plane.
     *
     * @param flow the flow
     * @param half what the grid reaches
     * @param side squares along an axis
     * @param device where the flow is
     * @return its density
     */
    public static Density of(Flow flow, double half, int side, Device device) {
        float[] places = new float[2 * side * side];
        for (int i = 0; i < side * side; i++) {
            places[2 * i] = (float) (half * ((2 * (i % side) + 1.0) / side - 1));
            places[2 * i + 1] = (float) (half * (1 - (2 * (i / side) + 1.0) / side));
        }
        float[] logs = flow.logDensities(places, device);
        double[] values = new double[logs.length];
        Arrays.setAll(values, i -> Math.exp(logs[i]));
        return new Density(half, side, values);
    }

    /**
     * That of points: their share in each square, by its area.
     *
     * @param places x and y, point by point; those outside the grid count in the whole
     * @param half what the grid reaches
     * @param side squares along an axis
     * @return the density
     */
    public static Density of(float[] places, double half, int side) {
        double[] values = new double[side * side];
        double square = 2 * half / side;
        for (int i = 0; i < places.length; i += 2) {
            int column = (int) Math.floor((places[i] + half) / square);
            int row = (int) Math.floor((half - places[i + 1]) / square);
            if (column >= 0 && column < side && row >= 0 && row < side) {
                values[row * side + column] += 2 / (places.length * square * square);
            }
        }
        return new Density(half, side, values);
    }

    /**
     * What lies in the grid.
     *
     * @return the integral, by the midpoint rule
     */
    public double integral() {
        double square = 2 * half / side;
        return Arrays.stream(values).sum() * square * square;
    }

    /**
     * A value that nearly all of the grid is below, as the dark end of a scale.
     *
     * @return the 99.5th percentile, or the maximum where that is 0
     */
    public double high() {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        double high = sorted[(int) (0.995 * (sorted.length - 1))];
        return high > 0 ? high : sorted[sorted.length - 1];
    }

    /**
     * The grid as an image, white where the density is 0 and dark blue where it is high.
     *
     * @param dark the density from which on it is darkest
     * @return red, green and blue from 0 to 1, [3, side, side]
     */
    public float[] pixels(double dark) {
        double[] blue = {0x12 / 255.0, 0x3A / 255.0, 0x70 / 255.0};
        float[] pixels = new float[3 * values.length];
        for (int i = 0; i < pixels.length; i++) {
            double share = Math.min(1, values[i % values.length] / dark);
            pixels[i] = (float) (1 - share * (1 - blue[i / values.length]));
        }
        return pixels;
    }
}
