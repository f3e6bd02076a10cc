package org.nautile.models.points;

import java.util.Locale;
import org.nautile.Generator;

/** Sets of points in the plane, around the origin. */
public enum PlaneSet {
    /** Two half circles of radius 1 that reach into each other, with normal noise of 0.1. Each is a class. */
    MOONS(2) {
        @Override
        int point(Generator random, float[] into, int offset) {
            int moon = random.nextInt(2);
            double angle = Math.PI * random.nextDouble();
            double x = moon == 0 ? Math.cos(angle) - 0.5 : 0.5 - Math.cos(angle);
            double y = moon == 0 ? Math.sin(angle) - 0.25 : 0.25 - Math.sin(angle);
            into[offset] = (float) (x + 0.1 * random.nextGaussian());
            into[offset + 1] = (float) (y + 0.1 * random.nextGaussian());
            return moon;
        }
    },
    /** A circle of radius 2 and one of radius 1 in it, with normal noise of 0.1. Each is a class. */
    CIRCLES(2) {
        @Override
        int point(Generator random, float[] into, int offset) {
            int circle = random.nextInt(2);
            double angle = 2 * Math.PI * random.nextDouble();
            into[offset] = (float) ((2 - circle) * Math.cos(angle) + 0.1 * random.nextGaussian());
            into[offset + 1] = (float) ((2 - circle) * Math.sin(angle) + 0.1 * random.nextGaussian());
            return circle;
        }
    },
    /** The dark squares of a board of 4 x 4, whose sides are 1, filled evenly. One class. */
    CHECKERBOARD(1) {
        @Override
        int point(Generator random, float[] into, int offset) {
            int column = random.nextInt(4);
            int row = 2 * random.nextInt(2) + column % 2;
            into[offset] = column - 2 + random.nextFloat();
            into[offset + 1] = row - 2 + random.nextFloat();
            return 0;
        }
    },
    /** Normal noise of 0.35 around (1, 1), (-1, -1), (1, -1) and (-1, 1): corners that face each other are a class. */
    XOR(2) {
        @Override
        int point(Generator random, float[] into, int offset) {
            int right = random.nextInt(2);
            int up = random.nextInt(2);
            into[offset] = (float) (2 * right - 1 + 0.35 * random.nextGaussian());
            into[offset + 1] = (float) (2 * up - 1 + 0.35 * random.nextGaussian());
            return right ^ up;
        }
    },
    /**
     * Two spirals of one and a half turns around each other, out to radius 2, with normal noise of 0.1. Each is a
     * class.
     */
    SPIRALS(2) {
        @Override
        int point(Generator random, float[] into, int offset) {
            int spiral = random.nextInt(2);
            double out = Math.sqrt(random.nextDouble()); // of the way; so that points are about as dense everywhere
            double angle = Math.PI * (3 * out + spiral);
            into[offset] = (float) (2 * out * Math.cos(angle) + 0.1 * random.nextGaussian());
            into[offset + 1] = (float) (2 * out * Math.sin(angle) + 0.1 * random.nextGaussian());
            return spiral;
        }
    };

    private final int classes;

    PlaneSet(int classes) {
        this.classes = classes;
    }

    /** Draws a point; its class. */
    abstract int point(Generator random, float[] into, int offset);

    /**
     * Draws points.
     *
     * @param size their number, {@code >= 1}
     * @param seed of the random numbers
     * @return points of two coordinates
     */
    public Points draw(int size, long seed) {
        Generator random = new Generator(seed, 0);
        float[] places = new float[2 * size];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            labels[i] = point(random, places, 2 * i);
        }
        return new Points(places, labels, classes);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
