package org.nautile.models.segmentation;

import java.util.Arrays;

/** Exact Euclidean distances of all pixels to the nearest of some; Felzenszwalb and Huttenlocher 2012, in linear time. */
public final class DistanceTransform {
    private static final double FAR = 1e20; // more than any square of a distance

    private DistanceTransform() {}

    /**
     * Distances to the nearest pixel that is set.
     *
     * @param to [height * width]
     * @param height pixels
     * @param width pixels
     * @return in pixels, 0 where one is set; infinite if none is
     */
    public static float[] of(boolean[] to, int height, int width) {
        double[] squares = new double[to.length];
        for (int i = 0; i < to.length; i++) {
            squares[i] = to[i] ? 0 : FAR;
        }
        Lower lower = new Lower(Math.max(height, width));
        for (int col = 0; col < width; col++) {
            lower.envelope(squares, col, width, height);
        }
        for (int row = 0; row < height; row++) {
            lower.envelope(squares, row * width, 1, width);
        }
        float[] distances = new float[to.length];
        for (int i = 0; i < to.length; i++) {
            distances[i] = squares[i] >= FAR / 2 ? Float.POSITIVE_INFINITY : (float) Math.sqrt(squares[i]);
        }
        return distances;
    }

    /** Each pixel of a line lifts a parabola; the lowest of them is the square of the distance. */
    private static final class Lower {
        private final double[] values;
        private final int[] centres;
        private final double[] starts; // from where a parabola is the lowest

        Lower(int longest) {
            values = new double[longest];
            centres = new int[longest];
            starts = new double[longest + 1];
        }

        void envelope(double[] squares, int first, int step, int count) {
            for (int i = 0; i < count; i++) {
                values[i] = squares[first + i * step];
            }
            Arrays.fill(starts, 0, count + 1, Double.POSITIVE_INFINITY);
            int last = -1;
            for (int i = 0; i < count; i++) {
                if (values[i] >= FAR) {
                    continue;
                }
                double start = Double.NEGATIVE_INFINITY;
                while (last >= 0) {
                    int c = centres[last];
                    start = (values[i] + (double) i * i - values[c] - (double) c * c) / (2.0 * (i - c));
                    if (start > starts[last]) {
                        break;
                    }
                    last--;
                    start = Double.NEGATIVE_INFINITY;
                }
                last++;
                centres[last] = i;
                starts[last] = start;
                starts[last + 1] = Double.POSITIVE_INFINITY;
            }
            if (last < 0) {
                return;
            }
            int lowest = 0;
            for (int i = 0; i < count; i++) {
                while (starts[lowest + 1] < i) {
                    lowest++;
                }
                double away = i - centres[lowest];
                squares[first + i * step] = values[centres[lowest]] + away * away;
            }
        }
    }
}
