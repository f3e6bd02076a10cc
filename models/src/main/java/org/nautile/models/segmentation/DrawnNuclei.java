package org.nautile.models.segmentation;

import org.nautile.Generator;

/** Draws an image of nuclei: ellipses, blurred as by a lens, with the noise of a camera. */
final class DrawnNuclei {
    private static final double DENSITY = 1.0 / 900; // nuclei a pixel
    private static final double TOUCHING = 0.35; // the share that is placed beside another one
    private static final int BLUR = 2; // times a mean of three

    private DrawnNuclei() {}

    static LabelledImage draw(String name, Generator random, int side) {
        float[] pixels = new float[side * side];
        int[] labels = new int[side * side];
        double slope = 20 * (random.nextDouble() - 0.5);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) (25 + slope * (i % side) / side);
        }
        double size = 5 + 4 * random.nextDouble(); // of this image's nuclei
        double gain = 0.5 + random.nextDouble();
        int count = Math.max(2, (int) (DENSITY * side * side * (0.5 + random.nextDouble())));
        double x = 0;
        double y = 0;
        double before = 0;
        int objects = 0;
        for (int i = 0; i < count; i++) {
            double a = size * (0.8 + 0.6 * random.nextDouble());
            double b = a * (0.6 + 0.4 * random.nextDouble());
            double angle = Math.PI * random.nextDouble();
            boolean touches = i > 0 && random.nextDouble() < TOUCHING;
            double towards = 2 * Math.PI * random.nextDouble();
            double away = before + b;
            double freeX = side * random.nextDouble();
            double freeY = side * random.nextDouble();
            x = touches ? x + away * Math.cos(towards) : freeX;
            y = touches ? y + away * Math.sin(towards) : freeY;
            before = b;
            double brightness = gain * (25 + 135 * random.nextDouble());
            objects += ellipse(pixels, labels, side, objects + 1, x, y, a, b, angle, brightness) ? 1 : 0;
        }
        for (int i = 0; i < BLUR; i++) {
            blur(pixels, side, 1);
            blur(pixels, side, side);
        }
        for (int i = 0; i < pixels.length; i++) {
            double noise = (3 + 0.05 * pixels[i]) * random.nextGaussian();
            pixels[i] = Math.max(0, Math.min(255, Math.round(pixels[i] + noise)));
        }
        return new LabelledImage(name, side, side, pixels, labels);
    }

    /** Whether anything of it was drawn: nothing is where another nucleus is. */
    private static boolean ellipse(
            float[] pixels,
            int[] labels,
            int side,
            int label,
            double x,
            double y,
            double a,
            double b,
            double angle,
            double brightness) {
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        boolean drawn = false;
        for (int row = Math.max(0, (int) (y - a)); row < Math.min(side, y + a + 1); row++) {
            for (int col = Math.max(0, (int) (x - a)); col < Math.min(side, x + a + 1); col++) {
                double along = ((col - x) * cos + (row - y) * sin) / a;
                double across = ((row - y) * cos - (col - x) * sin) / b;
                double distance = along * along + across * across;
                int i = row * side + col;
                if (distance <= 1 && labels[i] == 0) {
                    labels[i] = label;
                    pixels[i] += (float) (brightness * (1 - 0.3 * distance));
                    drawn = true;
                }
            }
        }
        return drawn;
    }

    /** Means of three along lines, {@code step} from one to the next pixel; the first and last stay. */
    private static void blur(float[] pixels, int side, int step) {
        for (int line = 0; line < side; line++) {
            int start = step == 1 ? line * side : line;
            float left = pixels[start];
            for (int k = 1; k < side - 1; k++) {
                int i = start + k * step;
                float here = pixels[i];
                pixels[i] = (left + here + pixels[i + step]) / 3;
                left = here;
            }
        }
    }
}
