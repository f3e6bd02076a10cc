package org.nautile.models.projection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;

/** PCA finds known directions, t-SNE keeps neighbours together. */
class ProjectionTest {
    private static final int CLUSTERS = 3;
    private static final int EACH = 50;
    private static final int DIMENSIONS = 10;

    /**
     * Six points along three orthogonal directions, which are the eigenvectors; the variance along one is 2 a^2 / 5 for
     * points at +-a.
     */
    @Test
    void knownEigenvectorsAreFound() {
        double[][] directions = {{0.6, 0.8, 0}, {-0.8, 0.6, 0}, {0, 0, 1}};
        double[] reach = {1, 3, 2};
        double[] mean = {5, -7, 11};
        float[] points = new float[6 * 3];
        for (int p = 0; p < 6; p++) {
            for (int i = 0; i < 3; i++) {
                points[3 * p + i] = (float) (mean[i] + (p % 2 == 0 ? 1 : -1) * reach[p / 2] * directions[p / 2][i]);
            }
        }
        try (Scope scope = new Scope()) {
            Tensor x = Tensor.of(Device.defaultDevice(), points, Shape.of(6, 3));
            Pca pca = Pca.of(x, 3, 1);
            assertArrayEquals(new float[] {5, -7, 11}, pca.mean(), 1e-5F);
            assertArrayEquals(new double[] {3.6, 1.6, 0.4}, pca.variances(), 1e-5);
            assertEquals(5.6, pca.total(), 1e-5);
            assertArrayEquals(new double[] {0.8, -0.6, 0}, pca.components()[0], 1e-5, "the larger entry is positive");
            assertArrayEquals(new double[] {0, 0, 1}, pca.components()[1], 1e-5);
            assertArrayEquals(new double[] {0.6, 0.8, 0}, pca.components()[2], 1e-5);
            double[] places = pca.project(x).toDoubleArray();
            assertArrayEquals(new double[] {0, 0, 1, 0, 0, -1, -3, 0, 0}, Arrays.copyOf(places, 9), 1e-5);
        }
    }

    @Test
    void pointsWithoutVarianceHaveDirectionsAllTheSame() {
        try (Scope scope = new Scope()) {
            Pca pca = Pca.of(Tensor.ones(4, 3), 2, 1);
            assertArrayEquals(new double[] {0, 0}, pca.variances(), 1e-12);
            assertThrows(ShapeException.class, () -> Pca.of(Tensor.ones(1, 3), 1, 1));
            assertThrows(ShapeException.class, () -> Pca.of(Tensor.ones(4, 3), 4, 1));
        }
    }

    /** Three clouds with centres 6 deviations apart, in ten dimensions. */
    private static Tensor clouds(long seed) {
        Generator random = new Generator(seed, 0);
        float[] points = new float[CLUSTERS * EACH * DIMENSIONS];
        for (int p = 0; p < CLUSTERS * EACH; p++) {
            for (int i = 0; i < DIMENSIONS; i++) {
                points[p * DIMENSIONS + i] = (float) (random.nextGaussian() + (i == p % CLUSTERS ? 6 : 0));
            }
        }
        return Tensor.of(Device.defaultDevice(), points, Shape.of(CLUSTERS * EACH, DIMENSIONS));
    }

    /** The share of points whose nearest neighbour is of their own cluster. */
    private static double nearestAreOwn(double[]... places) {
        int own = 0;
        for (int i = 0; i < places.length; i++) {
            int nearest = -1;
            double least = Double.POSITIVE_INFINITY;
            for (int j = 0; j < places.length; j++) {
                double distance = Math.hypot(places[i][0] - places[j][0], places[i][1] - places[j][1]);
                if (j != i && distance < least) {
                    least = distance;
                    nearest = j;
                }
            }
            own += nearest >= 0 && nearest % CLUSTERS == i % CLUSTERS ? 1 : 0;
        }
        return (double) own / places.length;
    }

    @Test
    void clustersAreSeparated() {
        for (int seed = 0; seed < 3; seed++) {
            try (Scope scope = new Scope()) {
                Tensor points = clouds(seed);
                double[][] start = new Tsne(20, 0, seed).place(points);
                assertTrue(nearestAreOwn(start) < 0.6, "they start at random");
                double[][] places = new Tsne(20, 400, seed).place(points);
                double share = nearestAreOwn(places);
                assertTrue(share >= 0.95, "seed " + seed + ": " + share);
                double[] middle = new double[2];
                double farthest = 0;
                for (double[] place : places) {
                    middle[0] += place[0];
                    middle[1] += place[1];
                    farthest = Math.max(farthest, Math.hypot(place[0], place[1]));
                }
                assertArrayEquals(new double[2], middle, 1e-6);
                assertTrue(farthest > 5 && farthest < 200, "they lie " + farthest + " apart");
            }
        }
    }

    @Test
    void theSameSeedGivesTheSamePlaces() {
        try (Scope scope = new Scope()) {
            Tensor points = clouds(4);
            double[][] one = new Tsne(10, 50, 7).place(points);
            double[][] same = new Tsne(10, 50, 7).place(points);
            for (int i = 0; i < one.length; i++) {
                assertArrayEquals(one[i], same[i]);
            }
            assertThrows(ShapeException.class, () -> new Tsne(50, 50, 7).place(points));
        }
    }
}
