package org.nautile.models.segmentation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nautile.Generator;

/** Distances, objects, weights and thresholds on pictures that can be judged by other means. */
class InstancesTest {
    private static boolean[] mask(String... rows) {
        boolean[] mask = new boolean[rows.length * rows[0].length()];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = rows[i / rows[0].length()].charAt(i % rows[0].length()) != '.';
        }
        return mask;
    }

    /** Discs of a radius around two centres in a row. */
    private static boolean[] discs(int height, int width, double radius, int... columns) {
        boolean[] mask = new boolean[height * width];
        for (int i = 0; i < mask.length; i++) {
            int row = i / width;
            int col = i % width;
            for (int column : columns) {
                mask[i] |= Math.hypot(row - height / 2.0, col - column) <= radius;
            }
        }
        return mask;
    }

    @Test
    void distancesAreThoseOfAllPairs() {
        Generator random = new Generator(1, 0);
        for (int trial = 0; trial < 50; trial++) {
            int height = 1 + random.nextInt(17);
            int width = 1 + random.nextInt(23);
            boolean[] set = new boolean[height * width];
            int rarity = 1 + random.nextInt(60);
            for (int i = 0; i < set.length; i++) {
                set[i] = random.nextInt(rarity) == 0;
            }
            float[] found = DistanceTransform.of(set, height, width);
            for (int i = 0; i < set.length; i++) {
                double nearest = Double.POSITIVE_INFINITY;
                for (int j = 0; j < set.length; j++) {
                    if (set[j]) {
                        nearest = Math.min(nearest, Math.hypot(i / width - j / width, i % width - j % width));
                    }
                }
                assertEquals((float) nearest, found[i], 1e-5F, "trial " + trial + ", pixel " + i);
            }
        }
    }

    @Test
    void componentsHangTogetherByTheirSides() {
        boolean[] mask = mask("##..#", ".#.#.", "....#", "##..#");
        assertArrayEquals(
                new int[] {1, 1, 0, 0, 2, 0, 1, 0, 3, 0, 0, 0, 0, 0, 4, 5, 5, 0, 0, 4},
                Instances.components(mask, 5, 1));
        assertArrayEquals(
                new int[] {1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 3, 3, 0, 0, 2},
                Instances.components(mask, 5, 2));
        assertArrayEquals(new int[20], Instances.components(new boolean[20], 5, 1));
    }

    @Test
    void watershedCutsAtTheWaist() {
        boolean[] two = discs(31, 60, 10, 20, 37); // the discs share 3 columns
        assertEquals(1, max(Instances.components(two, 60, 1)));
        int[] labels = Instances.watershed(two, 60, 1);
        assertEquals(2, max(labels));
        for (int i = 0; i < labels.length; i++) {
            assertEquals(two[i], labels[i] > 0, "pixel " + i);
        }
        int left = labels[15 * 60 + 15];
        for (int row = 6; row < 25; row++) {
            for (int col = 10; col < 48; col++) {
                int label = labels[row * 60 + col];
                boolean clearlyLeft = col < 27;
                boolean clearlyRight = col > 30;
                if (label > 0 && (clearlyLeft || clearlyRight)) {
                    assertEquals(clearlyLeft, label == left, "row " + row + ", column " + col);
                }
            }
        }
        assertEquals(1, max(Instances.watershed(discs(31, 60, 10, 20), 60, 1)));
        assertEquals(1, max(Instances.watershed(discs(31, 60, 10, 20, 22, 24), 60, 1)), "a capsule is one object");
        assertEquals(0, max(Instances.watershed(new boolean[60], 60, 1)));
        assertEquals(0, max(Instances.watershed(two, 60, 1000)));
    }

    @Test
    void seedsGrowUntilTheyMeet() {
        boolean[] mask = mask(".########.", ".........."); // one line
        int[] seeds = new int[20];
        seeds[2] = 1;
        seeds[7] = 2;
        assertArrayEquals(
                new int[] {0, 1, 1, 1, 1, 2, 2, 2, 2, 0}, Arrays.copyOf(Instances.grown(seeds, mask, 10), 10));
    }

    @Test
    void matchesNeedMoreThanHalf() {
        int[] truth = {1, 1, 1, 1, 2, 2, 2, 2, 0, 0, 3, 3};
        int[] said = {5, 5, 5, 0, 6, 6, 0, 0, 7, 0, 8, 8};
        Instances.Match match = Instances.match(truth, said); // 3 of 4; 2 of 4 is not above half; one of air; all
        assertEquals(new Instances.Match(2, 3, 4), match);
        assertEquals(4.0 / 7, match.f1(), 1e-15);
        assertEquals(new Instances.Match(3, 3, 3), Instances.match(truth, truth));
        assertEquals(1, Instances.match(new int[4], new int[4]).f1());
        assertEquals(0, Instances.match(new int[4], new int[] {1, 1, 0, 0}).f1());
    }

    /** Equation 2 itself, with the distances of all pairs. */
    @Test
    void borderWeightsAreThoseOfTheFormula() {
        LabelledImage image = Nuclei.generate(4, 1, 1, 70).train().get(0);
        int side = image.width();
        float[] weights = BorderWeights.of(image);
        for (int i = 0; i < weights.length; i++) {
            double[] distances = new double[image.objects() + 1];
            Arrays.fill(distances, 1e9);
            for (int j = 0; j < weights.length; j++) {
                int label = image.labels()[j];
                distances[label] = Math.min(distances[label], Math.hypot(i / side - j / side, i % side - j % side));
            }
            distances[0] = 1e9;
            Arrays.sort(distances);
            double sum = distances[0] + distances[1];
            assertEquals(1 + 10 * Math.exp(-sum * sum / 50), weights[i], 1e-4, "pixel " + i);
        }
        double most = 0;
        for (float weight : weights) {
            most = Math.max(most, weight);
        }
        assertTrue(most > 9, "objects touch somewhere: " + most);
    }

    @Test
    void otsuSeparatesTwoHumps() {
        Generator random = new Generator(9, 0);
        float[] pixels = new float[10_000];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) ((i % 5 == 0 ? 120 : 30) + 8 * random.nextGaussian());
        }
        float threshold = Clusters.otsu(pixels);
        assertTrue(threshold > 55 && threshold < 95, "threshold " + threshold);
        double best = 0; // no other threshold has a larger variance between the groups
        for (float other = 0; other < 160; other++) {
            best = Math.max(best, between(pixels, other));
        }
        assertTrue(between(pixels, threshold) > 0.999 * best);
        assertEquals(7, Clusters.otsu(7, 7, 7));
    }

    private static double between(float[] pixels, float threshold) {
        double[] sums = new double[2];
        int[] counts = new int[2];
        for (float pixel : pixels) {
            sums[pixel > threshold ? 1 : 0] += pixel;
            counts[pixel > threshold ? 1 : 0]++;
        }
        double difference = sums[0] / counts[0] - sums[1] / counts[1];
        return counts[0] == 0 || counts[1] == 0 ? 0 : (double) counts[0] * counts[1] * difference * difference;
    }

    @Test
    void kMeansFindsTheMeans() {
        float[] pixels = {1, 2, 3, 501, 503, 999, 1001};
        assertArrayEquals(new double[] {2, 502, 1000}, Clusters.kMeans(3, pixels), 1e-9);
        assertEquals(1, Clusters.nearest(new double[] {2, 502, 1000}, 300));
        assertArrayEquals(new double[] {5, 5}, Clusters.kMeans(2, 5, 5, 5), 1e-9);
    }

    private static int max(int... labels) {
        return Arrays.stream(labels).max().orElse(0);
    }
}
