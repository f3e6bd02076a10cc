package org.nautile.models.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.nautile.Generator;

class FrechetDistanceTest {
    /** Points with some correlation, the more the later numbers. */
    private static float[][] points(int seed, int count, int size) {
        Generator random = new Generator(seed, 0);
        float[][] points = new float[count][size];
        for (float[] point : points) {
            for (int i = 0; i < size; i++) {
                point[i] = (float) random.nextGaussian() + (i == 0 ? 0 : 0.8F * point[i - 1]);
            }
        }
        return points;
    }

    @Test
    void ofNumbers() {
        // means 2 and 7, variances 2 and 16 (divided by n - 1)
        float[][] first = {{0}, {2}, {2}, {2}, {4}};
        float[][] second = {{3}, {7}, {11}};
        assertEquals(Math.pow(5, 2) + 2 + 16 - 2 * Math.sqrt(2 * 16), FrechetDistance.of(first, second), 1e-12);
    }

    /** Independent axes add up. */
    @Test
    void ofIndependentAxes() {
        float[][] first = {{1, 0}, {-1, 0}, {0, 3}, {0, -3}};
        float[][] second = {{5, 0}, {-5, 0}, {0, 1}, {0, -1}};
        double x = Math.pow(Math.sqrt(2 / 3.0) - Math.sqrt(50 / 3.0), 2);
        double y = Math.pow(Math.sqrt(18 / 3.0) - Math.sqrt(2 / 3.0), 2);
        assertEquals(x + y, FrechetDistance.of(first, second), 1e-12);
    }

    @Test
    void doesNotDependOnTheAxes() {
        float[][] first = points(1, 200, 6);
        float[][] second = points(2, 300, 6);
        for (float[] point : second) {
            point[2] = 3 * point[2] + 1;
        }
        double distance = FrechetDistance.of(first, second);
        assertEquals(distance, FrechetDistance.of(second, first), 1e-9 * distance);
        assertEquals(distance, FrechetDistance.of(turned(first), turned(second)), 1e-6 * distance);
        assertEquals(0, FrechetDistance.of(first, first), 1e-9);
    }

    /** Each point in axes turned by 1 radian in every plane of neighbours. */
    private static float[][] turned(float[][] points) {
        float[][] turned = new float[points.length][];
        for (int p = 0; p < points.length; p++) {
            float[] point = points[p].clone();
            for (int i = 0; i + 1 < point.length; i++) {
                double left = point[i];
                double right = point[i + 1];
                point[i] = (float) (Math.cos(1) * left - Math.sin(1) * right);
                point[i + 1] = (float) (Math.sin(1) * left + Math.cos(1) * right);
            }
            turned[p] = point;
        }
        return turned;
    }

    /** A number that never changes, as of a unit that is always 0, makes no trouble. */
    @Test
    void ofPointsInAPlane() {
        float[][] first = points(3, 50, 3);
        float[][] second = points(4, 50, 3);
        double distance = FrechetDistance.of(first, second);
        assertEquals(distance, FrechetDistance.of(withZero(first), withZero(second)), 1e-9);
    }

    private static float[][] withZero(float[][] points) {
        float[][] longer = new float[points.length][];
        for (int p = 0; p < points.length; p++) {
            longer[p] = new float[] {points[p][0], 0, points[p][1], points[p][2]};
        }
        return longer;
    }

    @Test
    void errors() {
        float[][] two = {{1, 2}, {3, 4}};
        assertThrows(IllegalArgumentException.class, () -> FrechetDistance.of(two, new float[][] {{1, 2}}));
        assertThrows(IllegalArgumentException.class, () -> FrechetDistance.of(two, new float[][] {{1, 2}, {3}}));
        assertThrows(
                IllegalArgumentException.class,
                () -> FrechetDistance.of(two, new float[][] {{1, 2}, {3, Float.NaN}, {4, 5}}));
    }
}
