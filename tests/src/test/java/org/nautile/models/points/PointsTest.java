package org.nautile.models.points;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nautile.Shape;

/** Points are where they should be, as often as they should be. */
class PointsTest {
    private static final int SIZE = 20_000;

    @ParameterizedTest
    @EnumSource(PlaneSet.class)
    void seedsSayWhichPoints(PlaneSet set) {
        Points points = set.draw(500, 4);
        assertEquals(500, points.size());
        assertEquals(Shape.of(2), points.sampleShape());
        assertArrayEquals(points.places(), set.draw(500, 4).places());
        assertArrayEquals(points.labels(), set.draw(500, 4).labels());
        assertFalse(Arrays.equals(points.places(), set.draw(500, 5).places()));
        float[] one = new float[3];
        points.sample(7, one, 1);
        assertEquals(points.places()[14], one[1]);
        assertEquals(points.places()[15], one[2]);
        long[] label = new long[2];
        points.target(7, label, 1);
        assertEquals(points.labels()[7], label[1]);
        assertTrue(label[1] < points.classes());
    }

    /** The share of points for which something holds. */
    private static double share(Points points, Where where) {
        float[] places = points.places();
        int[] labels = points.labels();
        int count = 0;
        for (int i = 0; i < labels.length; i++) {
            count += where.holds(places[2 * i], places[2 * i + 1], labels[i]) ? 1 : 0;
        }
        return (double) count / labels.length;
    }

    private interface Where {
        boolean holds(double x, double y, int label);
    }

    @Test
    void moonsAreHalfCirclesWithNoise() {
        Points moons = PlaneSet.MOONS.draw(SIZE, 1);
        assertEquals(0.5, share(moons, (x, y, label) -> label == 0), 0.02);
        // how far points are from the circle is the noise along the radius
        Where near = (x, y, label) -> {
            double middle = label == 0 ? -1 : 1;
            return Math.abs(Math.hypot(x - middle * 0.5, y - middle * 0.25) - 1) < 0.1;
        };
        assertEquals(0.683, share(moons, near), 0.02); // within one deviation
        assertEquals(0.5, share(moons, (x, y, label) -> y > (label == 0 ? 0.46 : -0.46)), 0.02); // sin 45 deg - 1/4
    }

    @Test
    void circlesHaveTwoRadii() {
        Points circles = PlaneSet.CIRCLES.draw(SIZE, 1);
        assertEquals(0.683, share(circles, (x, y, label) -> Math.abs(Math.hypot(x, y) - 2 + label) < 0.1), 0.02);
        assertEquals(0.5, share(circles, (x, y, label) -> Math.hypot(x, y) > 1.5), 0.02);
        assertEquals(0.25, share(circles, (x, y, label) -> x > 0 && y > 0), 0.02);
    }

    @Test
    void checkerboardFillsEightSquares() {
        Points board = PlaneSet.CHECKERBOARD.draw(SIZE, 1);
        assertEquals(1, share(board, (x, y, label) -> Math.abs(x) <= 2 && Math.abs(y) <= 2));
        assertEquals(1, share(board, (x, y, label) -> (Math.floor(x) + Math.floor(y)) % 2 == 0));
        for (int square = 0; square < 8; square++) {
            int column = square / 2 - 2;
            int row = square % 2 * 2 - 2 + (column + 2) % 2;
            double found = share(board, (x, y, label) -> Math.floor(x) == column && Math.floor(y) == row);
            assertEquals(0.125, found, 0.01, "square " + square);
        }
    }

    @Test
    void xorHasFourClouds() {
        Points xor = PlaneSet.XOR.draw(SIZE, 1);
        assertEquals(0.5, share(xor, (x, y, label) -> label == 0), 0.02);
        for (int quadrant = 0; quadrant < 4; quadrant++) {
            int right = 2 * (quadrant % 2) - 1;
            int up = 2 * (quadrant / 2) - 1;
            assertEquals(0.25, share(xor, (x, y, label) -> x * right > 0 && y * up > 0), 0.02);
            // within one deviation of the middle of the cloud, in the plane
            Where near = (x, y, label) -> Math.hypot(x - right, y - up) < 0.35;
            assertEquals(0.25 * 0.393, share(xor, near), 0.01);
        }
        // beyond its own quadrant with one coordinate, and not with the other: 2 * 0.00214
        assertEquals(0.9957, share(xor, (x, y, label) -> (x * y < 0) == (label == 1)), 0.002);
    }

    @Test
    void spiralsTurnAroundEachOther() {
        Points spirals = PlaneSet.SPIRALS.draw(SIZE, 1);
        assertEquals(0.5, share(spirals, (x, y, label) -> label == 0), 0.02);
        assertEquals(0.25, share(spirals, (x, y, label) -> Math.hypot(x, y) < 1), 0.02); // a fourth of the disc
        // where the angle says how far out a spiral is: all turns together, but for noise
        Where near = (x, y, label) -> {
            double turns = (Math.atan2(y, x) / Math.PI - label) / 2; // whole turns may be missing
            double out = 0.75 * Math.hypot(x, y); // the turns that belong to this radius
            double missing = out - turns;
            return Math.abs(missing - Math.rint(missing)) < 0.25; // nearer to its own than to the other
        };
        assertEquals(0.99, share(spirals, near), 0.01);
    }

    @ParameterizedTest
    @EnumSource(LineSet.class)
    void numbersHaveTheStatedDensity(LineSet set) {
        float[] numbers = set.draw(SIZE, 1).places();
        double integral = 0;
        for (double from = -6; from < 12; from += 0.5) {
            double expected = 0;
            for (int i = 0; i < 100; i++) {
                expected += set.density(from + 0.005 * (i + 0.5)) * 0.005;
            }
            double low = from;
            long count = 0;
            for (float number : numbers) {
                count += number >= low && number < low + 0.5 ? 1 : 0;
            }
            assertEquals(expected, (double) count / SIZE, 0.015, set + " from " + from);
            integral += expected;
        }
        assertEquals(1, integral, 1e-3);
    }

    @Test
    void darkPixelsGetMorePoints() {
        // white, black; half, white; white, white: the longer side is the height
        Points points = new DarkPixels(new float[] {1, 0, 0.5F, 1, 1, 1}, 3, 2).draw(SIZE, 1);
        double third = 2 - 4.0 / 3; // where the second row begins
        assertEquals(2.0 / 3, share(points, (x, y, label) -> x > 0 && x < 4.0 / 3 && y > third && y < 2), 0.02);
        assertEquals(1.0 / 3, share(points, (x, y, label) -> x < 0 && x > -4.0 / 3 && Math.abs(y) < third), 0.02);
        assertEquals(1.0 / 3, share(points, (x, y, label) -> x > 0 && y > third + 2.0 / 3), 0.02, "evenly in a pixel");
        assertThrows(IllegalArgumentException.class, () -> new DarkPixels(new float[] {1, 1}, 1, 2));
        assertThrows(IllegalArgumentException.class, () -> new DarkPixels(new float[] {0, 1}, 2, 2));
    }

    @Test
    void pointsOfUnequalLengthAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Points(new float[5], new int[2], 1));
        assertThrows(IllegalArgumentException.class, () -> new Points(new float[0], new int[0], 1));
    }
}
