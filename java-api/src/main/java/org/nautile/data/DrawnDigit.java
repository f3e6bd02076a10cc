package org.nautile.data;

import org.nautile.Generator;

/** Draws a digit with strokes, each time a little differently. */
final class DrawnDigit {
    private static final int SIDE = 28;
    private static final double NOISE = 12; // of 255

    /** Each digit's strokes in a box of 1 x 1, x to the right and y down: one polyline a row, x and y in turn. */
    private static final double[][][] STROKES = {
        {{.5, 0, .85, .15, 1, .5, .85, .85, .5, 1, .15, .85, 0, .5, .15, .15, .5, 0}},
        {{.2, .2, .55, 0, .55, 1}},
        {{0, .2, .25, 0, .75, 0, 1, .25, .8, .5, 0, 1, 1, 1}},
        {{0, .1, .5, 0, .95, .2, .5, .48, 1, .75, .5, 1, 0, .9}},
        {{.7, 1, .7, 0, 0, .65, 1, .65}},
        {{.95, 0, .15, 0, .1, .45, .6, .4, 1, .65, .8, .95, .3, 1, 0, .9}},
        {{.8, 0, .3, .3, .05, .7, .3, 1, .8, .95, .95, .7, .6, .5, .1, .65}},
        {{0, 0, 1, 0, .4, 1}},
        {{.5, .48, .1, .25, .5, 0, .9, .25, .5, .48, 0, .75, .5, 1, 1, .75, .5, .48}},
        {{.9, .35, .5, .55, .1, .3, .5, 0, .9, .1, .9, .35, .8, .75, .5, 1}}
    };

    private DrawnDigit() {}

    static void draw(int digit, Generator random, byte[] pixels, int offset) {
        double width = 9 + 5 * random.nextDouble();
        double height = 16 + 4 * random.nextDouble();
        double left = 14 - width / 2 + 5 * (random.nextDouble() - 0.5);
        double top = 14 - height / 2 + 4 * (random.nextDouble() - 0.5);
        double slant = 0.7 * (random.nextDouble() - 0.5);
        double radius = 0.8 + 0.9 * random.nextDouble();
        double brightness = 180 + 75 * random.nextDouble();
        double[][] strokes = STROKES[digit];
        double[][] placed = new double[strokes.length][];
        for (int s = 0; s < strokes.length; s++) {
            placed[s] = new double[strokes[s].length];
            for (int p = 0; p < strokes[s].length; p += 2) {
                double x = strokes[s][p] + 0.12 * (random.nextDouble() - 0.5);
                double y = strokes[s][p + 1] + 0.12 * (random.nextDouble() - 0.5);
                placed[s][p] = left + width * x + slant * height * (0.5 - y);
                placed[s][p + 1] = top + height * y;
            }
        }
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double near = Double.POSITIVE_INFINITY;
                for (double[] stroke : placed) {
                    for (int p = 0; p + 3 < stroke.length; p += 2) {
                        near = Math.min(
                                near, squaredDistance(x, y, stroke[p], stroke[p + 1], stroke[p + 2], stroke[p + 3]));
                    }
                }
                double ink = brightness * Math.max(0, Math.min(1, radius + 0.5 - Math.sqrt(near)));
                double noise = ink > 0 ? NOISE * random.nextGaussian() : 0;
                pixels[offset + y * SIDE + x] = (byte) Math.round(Math.max(0, Math.min(255, ink + noise)));
            }
        }
    }

    /** From a point to the segment between two points; squared, as the root of the least is all that is needed. */
    private static double squaredDistance(double x, double y, double ax, double ay, double bx, double by) {
        double dx = bx - ax;
        double dy = by - ay;
        double length = dx * dx + dy * dy;
        double along = length == 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length));
        double missX = x - ax - along * dx;
        double missY = y - ay - along * dy;
        return missX * missX + missY * missY;
    }
}
