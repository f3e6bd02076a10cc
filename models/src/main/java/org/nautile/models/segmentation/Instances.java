package org.nautile.models.segmentation;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Single objects from a mask of all of them, and how many of them are right. Labels are 0 for background, then 1, 2, ... */
public final class Instances {
    private static final double SHALLOW = 0.75; // pixels; a peak that rises less above its saddle is none

    private Instances() {}

    /**
     * Objects that predictions and truth have in common: those with an IoU above 1/2, which can be only one of each.
     *
     * @param matched objects that were found
     * @param truth objects that are
     * @param predicted objects that were said to be
     */
    public record Match(int matched, int truth, int predicted) {
        /**
         * The harmonic mean of precision and recall of objects.
         *
         * @return from 0 to 1; 1 if nothing is and nothing was said to be
         */
        public double f1() {
            return truth + predicted == 0 ? 1 : 2.0 * matched / (truth + predicted);
        }
    }

    /**
     * Pixels that hang together by their sides are an object.
     *
     * @param mask [height * width]
     * @param width pixels
     * @param least pixels of an object; smaller ones are dropped
     * @return labels
     */
    public static int[] components(boolean[] mask, int width, int least) {
        int[] labels = new int[mask.length];
        Flood flood = new Flood(width, labels, mask);
        int objects = 0;
        for (int i = 0; i < mask.length; i++) {
            if (mask[i] && labels[i] == 0) {
                labels[i] = ++objects;
                flood.start(i);
                flood.run();
            }
        }
        return withoutSmall(labels, least);
    }

    /**
     * Objects that touch are cut at their waists: the watershed of the distances to the background. Basins are flooded from the
     * deepest pixels outwards; where two meet, the shallower one is joined to the other unless it is deep enough to be an object
     * of its own.
     *
     * @param mask [height * width]
     * @param width pixels
     * @param least pixels of an object; smaller ones are dropped
     * @return labels
     */
    public static int[] watershed(boolean[] mask, int width, int least) {
        int height = mask.length / width;
        boolean[] background = new boolean[mask.length];
        for (int i = 0; i < mask.length; i++) {
            background[i] = !mask[i];
        }
        float[] depth = DistanceTransform.of(background, height, width);
        long[] order = new long[mask.length]; // positive floats are in the order of their bits
        int count = 0;
        for (int i = 0; i < mask.length; i++) {
            if (mask[i]) {
                order[count++] = (long) -Float.floatToIntBits(depth[i]) << 32 | i;
            }
        }
        Arrays.sort(order, 0, count);
        int[] parents = new int[mask.length]; // of basins, which are named by their deepest pixels; -1 for dry pixels
        Arrays.fill(parents, -1);
        int[] near = new int[8];
        for (int k = 0; k < count; k++) {
            int pixel = (int) order[k];
            int deepest = -1;
            int basins = 0;
            for (int neighbour = 0; neighbour < 8; neighbour++) {
                int other = neighbour(pixel, neighbour, width, mask.length);
                if (other >= 0 && parents[other] >= 0) {
                    near[basins++] = root(parents, other);
                    deepest = deepest < 0 || depth[other] > depth[deepest] ? other : deepest;
                }
            }
            if (deepest < 0) {
                parents[pixel] = pixel;
                continue;
            }
            for (int a = 0; a < basins; a++) {
                for (int b = 0; b < a; b++) {
                    join(parents, depth, near[a], near[b], depth[pixel]);
                }
            }
            parents[pixel] = root(parents, deepest);
        }
        int[] labels = new int[mask.length];
        for (int i = 0; i < mask.length; i++) {
            labels[i] = parents[i] < 0 ? 0 : 1 + root(parents, i);
        }
        return withoutSmall(labels, least);
    }

    private static void join(int[] parents, float[] depth, int a, int b, float saddle) {
        int one = root(parents, a);
        int other = root(parents, b);
        int shallow = depth[one] < depth[other] ? one : other;
        if (one != other && depth[shallow] - saddle < SHALLOW) {
            parents[shallow] = one == shallow ? other : one;
        }
    }

    private static int root(int[] parents, int pixel) {
        int at = pixel;
        while (parents[at] != at) {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        return at;
    }

    /** One of the eight pixels around one; -1 beyond the image. */
    private static int neighbour(int pixel, int which, int width, int size) {
        int place = which < 4 ? which : which + 1; // 4 is the pixel itself
        int col = pixel % width + place % 3 - 1;
        int other = pixel + (place / 3 - 1) * width + place % 3 - 1;
        return col < 0 || col >= width || other < 0 || other >= size ? -1 : other;
    }

    /**
     * Grows objects, all at the same speed, until they fill a mask or meet.
     *
     * @param seeds the labels of where they start
     * @param mask where they may grow, [height * width]
     * @param width pixels
     * @return labels; 0 also where no object came
     */
    public static int[] grown(int[] seeds, boolean[] mask, int width) {
        int[] labels = seeds.clone();
        Flood flood = new Flood(width, labels, mask);
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] > 0) {
                flood.start(i);
            }
        }
        flood.run();
        return labels;
    }

    /** Gives labels on to neighbours by a side, in the order of the distance. */
    private static final class Flood {
        private static final int[] SIDES = {1, 3, 4, 6}; // above, left, right, below; see neighbour

        private final int width;
        private final int[] labels;
        private final boolean[] mask;
        private final int[] queue;
        private int first;
        private int end;

        Flood(int width, int[] labels, boolean... mask) {
            this.width = width;
            this.labels = labels;
            this.mask = mask;
            this.queue = new int[labels.length];
        }

        void start(int pixel) {
            queue[end++] = pixel;
        }

        void run() {
            while (first < end) {
                int pixel = queue[first++];
                for (int side : SIDES) {
                    visit(pixel, side);
                }
            }
        }

        private void visit(int pixel, int side) {
            int other = neighbour(pixel, side, width, labels.length);
            if (other >= 0 && mask[other] && labels[other] == 0) {
                labels[other] = labels[pixel];
                queue[end++] = other;
            }
        }
    }

    private static int[] withoutSmall(int[] labels, int least) {
        int[] areas = new int[Arrays.stream(labels).max().orElse(0) + 1];
        for (int label : labels) {
            areas[label]++;
        }
        int[] names = new int[areas.length];
        int objects = 0;
        for (int label = 1; label < areas.length; label++) {
            names[label] = areas[label] > 0 && areas[label] >= least ? ++objects : 0;
        }
        return Arrays.stream(labels).map(label -> names[label]).toArray();
    }

    /**
     * Compares objects.
     *
     * @param truth labels
     * @param predicted labels of the same image
     * @return what they have in common
     */
    public static Match match(int[] truth, int[] predicted) {
        if (truth.length != predicted.length) {
            throw new IllegalArgumentException(truth.length + " labels, " + predicted.length + " predicted");
        }
        Map<Long, Integer> common = new HashMap<>();
        Map<Integer, Integer> truths = new HashMap<>();
        Map<Integer, Integer> predictions = new HashMap<>();
        for (int i = 0; i < truth.length; i++) {
            if (truth[i] > 0) {
                truths.merge(truth[i], 1, Integer::sum);
            }
            if (predicted[i] > 0) {
                predictions.merge(predicted[i], 1, Integer::sum);
            }
            if (truth[i] > 0 && predicted[i] > 0) {
                common.merge((long) truth[i] << 32 | predicted[i], 1, Integer::sum);
            }
        }
        int matched = 0;
        for (Map.Entry<Long, Integer> pair : common.entrySet()) {
            int both = pair.getValue();
            int either = truths.getOrDefault((int) (pair.getKey() >> 32), 0)
                    + predictions.getOrDefault((int) (long) pair.getKey(), 0)
                    - both;
            matched += 2 * both > either ? 1 : 0;
        }
        return new Match(matched, truths.size(), predictions.size());
    }
}
