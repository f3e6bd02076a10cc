package org.nautile.models.segmentation;

import java.util.Arrays;

/**
 * Weights of pixels that make the gaps between objects count: {@code 1 + w0 exp(-(d1 + d2)^2 / (2 sigma^2))}, where d1 and d2 are the
 * distances to the nearest and to the second nearest object; Ronneberger, Fischer and Brox 2015, equation 2, arXiv:1505.04597, with
 * their w0 = 10 and sigma = 5 pixels, and 1 for the weight of a class.
 */
public final class BorderWeights {
    private static final double W0 = 10;
    private static final double SIGMA = 5;
    private static final int REACH = 25; // pixels; from here on the weight is less than 4e-5

    private BorderWeights() {}

    /**
     * The weight of each pixel.
     *
     * @param image with its objects
     * @return [height * width], from 1 to 11
     */
    public static float[] of(LabelledImage image) {
        int height = image.height();
        int width = image.width();
        int[] labels = image.labels();
        float[] nearest = new float[labels.length];
        float[] second = new float[labels.length];
        Arrays.fill(nearest, Float.POSITIVE_INFINITY);
        Arrays.fill(second, Float.POSITIVE_INFINITY);
        int[][] boxes = boxes(labels, width, image.objects());
        for (int object = 1; object < boxes.length; object++) {
            int[] box = boxes[object];
            if (box[2] < 0) {
                continue; // hidden by others
            }
            int top = Math.max(0, box[0] - REACH);
            int left = Math.max(0, box[1] - REACH);
            int rows = Math.min(height, box[2] + REACH + 1) - top;
            int cols = Math.min(width, box[3] + REACH + 1) - left;
            boolean[] here = new boolean[rows * cols];
            for (int i = 0; i < here.length; i++) {
                here[i] = labels[(top + i / cols) * width + left + i % cols] == object;
            }
            float[] distances = DistanceTransform.of(here, rows, cols);
            for (int i = 0; i < here.length; i++) {
                int at = (top + i / cols) * width + left + i % cols;
                float distance = distances[i];
                second[at] = Math.min(second[at], Math.max(nearest[at], distance));
                nearest[at] = Math.min(nearest[at], distance);
            }
        }
        float[] weights = new float[labels.length];
        for (int i = 0; i < weights.length; i++) {
            double sum = (double) nearest[i] + second[i];
            weights[i] = (float) (1 + W0 * Math.exp(-sum * sum / (2 * SIGMA * SIGMA)));
        }
        return weights;
    }

    /** Of each object the first row and column and the last ones. */
    private static int[][] boxes(int[] labels, int width, int objects) {
        int[][] boxes = new int[objects + 1][];
        Arrays.setAll(boxes, i -> new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE, -1, -1});
        for (int i = 0; i < labels.length; i++) {
            int[] box = boxes[labels[i]];
            box[0] = Math.min(box[0], i / width);
            box[1] = Math.min(box[1], i % width);
            box[2] = Math.max(box[2], i / width);
            box[3] = Math.max(box[3], i % width);
        }
        return boxes;
    }
}
