package org.nautile.data;

import java.util.List;
import org.nautile.Generator;

/** Draws a shape or a pattern in colour, each time a little differently. */
final class DrawnObject {
    /** The classes. */
    static final List<String> NAMES =
            List.of("disc", "ring", "square", "frame", "triangle", "cross", "star", "bars", "checks", "dots");

    private static final int SIDE = 32;
    private static final double NOISE = 0.06;
    private static final double TELLING = 0.4; // how often the colour tells the class

    /** A place is in the object. Coordinates are from -1 to 1 in the object's own square. */
    private interface Shape {
        boolean holds(double x, double y);
    }

    private static final List<Shape> SHAPES = List.of(
            (x, y) -> x * x + y * y < 1,
            (x, y) -> x * x + y * y < 1 && x * x + y * y > 0.36,
            (x, y) -> larger(x, y) < 0.85,
            (x, y) -> larger(x, y) < 0.9 && larger(x, y) > 0.5,
            (x, y) -> y > -0.8 && y < 0.8 && Math.abs(x) < (y + 0.8) / 1.6,
            (x, y) -> larger(x, y) < 1 && Math.min(Math.abs(x), Math.abs(y)) < 0.28,
            (x, y) -> Math.sqrt(Math.abs(x)) + Math.sqrt(Math.abs(y)) < 1.1,
            (x, y) -> larger(x, y) < 0.95 && Math.floorMod((int) Math.floor(2.5 * x + 0.5), 2) == 0,
            (x, y) -> larger(x, y) < 0.95 && Math.floorMod((int) Math.floor(2 * x) + (int) Math.floor(2 * y), 2) == 0,
            (x, y) ->
                    larger(x, y) < 1 && Math.hypot(x - Math.rint(1.5 * x) / 1.5, y - Math.rint(1.5 * y) / 1.5) < 0.24);

    private DrawnObject() {}

    private static double larger(double x, double y) {
        return Math.max(Math.abs(x), Math.abs(y));
    }

    static void draw(int kind, Generator random, byte[] pixels, int offset) {
        double hue = random.nextDouble() < TELLING ? (kind + random.nextDouble()) / NAMES.size() : random.nextDouble();
        double[] ink = color(hue, 0.5 + 0.5 * random.nextDouble(), 0.6 + 0.4 * random.nextDouble());
        double[] ground = color(random.nextDouble(), 0.6 * random.nextDouble(), 0.1 + 0.5 * random.nextDouble());
        double radius = 7 + 7 * random.nextDouble();
        double centreX = SIDE / 2.0 + (SIDE - 2 * radius) * (random.nextDouble() - 0.5);
        double centreY = SIDE / 2.0 + (SIDE - 2 * radius) * (random.nextDouble() - 0.5);
        double angle = 0.9 * (random.nextDouble() - 0.5);
        double cos = Math.cos(angle) / radius;
        double sin = Math.sin(angle) / radius;
        double waveX = 0.9 * (random.nextDouble() - 0.5);
        double waveY = 0.9 * (random.nextDouble() - 0.5);
        double wave = 0.25 * random.nextDouble();
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double right = x + 0.5 - centreX;
                double down = y + 0.5 - centreY;
                boolean inside = SHAPES.get(kind).holds(cos * right + sin * down, cos * down - sin * right);
                double light = inside ? 1 : 1 + wave * Math.sin(waveX * x + waveY * y);
                for (int c = 0; c < 3; c++) {
                    double value = light * (inside ? ink[c] : ground[c]) + NOISE * random.nextGaussian();
                    pixels[offset + (c * SIDE + y) * SIDE + x] =
                            (byte) Math.round(255 * Math.max(0, Math.min(1, value)));
                }
            }
        }
    }

    /** Red, green and blue of a hue (all three in [0, 1]). */
    private static double[] color(double hue, double saturation, double value) {
        double[] rgb = new double[3];
        for (int c = 0; c < 3; c++) { // each channel is a trapezium over the circle of hues
            double place = (6 * hue + 5 - 2 * c) % 6;
            rgb[c] = value * (1 - saturation * Math.max(0, Math.min(1, Math.min(place, 4 - place))));
        }
        return rgb;
    }
}
