package org.nautile.data;

import org.nautile.Generator;

/**
 * A random change of an image that leaves its class as it is: a model that is trained on changed images learns what does not
 * matter. The same random numbers give the same change.
 */
public interface Augmentation {
    /**
     * Changes an image.
     *
     * @param image the image, which stays as it is
     * @param random decides how
     * @return an image of the same shape; pixels may be outside of [0, 1]
     */
    Image apply(Image image, Generator random);

    /**
     * An image.
     *
     * @param pixels [channels, height, width], each 0 (black) to 1 (white)
     * @param channels the number of channels; three are red, green and blue
     * @param height pixels
     * @param width pixels
     */
    record Image(float[] pixels, int channels, int height, int width) {
        /** A pixel; beyond the border everything is black. */
        float at(int channel, int y, int x) {
            boolean inside = y >= 0 && y < height && x >= 0 && x < width;
            return inside ? pixels[(channel * height + y) * width + x] : 0;
        }

        /** A value between pixels, by distance from the four around it. */
        float between(int channel, double y, double x) {
            int top = (int) Math.floor(y);
            int left = (int) Math.floor(x);
            float down = (float) (y - top);
            float right = (float) (x - left);
            float above = (1 - right) * at(channel, top, left) + right * at(channel, top, left + 1);
            float below = (1 - right) * at(channel, top + 1, left) + right * at(channel, top + 1, left + 1);
            return (1 - down) * above + down * below;
        }

        /** An image of this shape whose pixels are made one by one. */
        Image map(PixelFunction function) {
            float[] made = new float[pixels.length];
            int i = 0;
            for (int c = 0; c < channels; c++) {
                for (int y = 0; y < height; y++) {
                    for (int x = 0; x < width; x++) {
                        made[i++] = function.at(c, y, x);
                    }
                }
            }
            return new Image(made, channels, height, width);
        }

        /** Turns the image counterclockwise and enlarges it, around its middle. */
        Image turned(double radians, double zoom) {
            double cos = Math.cos(radians) / zoom;
            double sin = Math.sin(radians) / zoom;
            double middleY = (height - 1) / 2.0;
            double middleX = (width - 1) / 2.0;
            return map((c, y, x) -> between(
                    c,
                    middleY + cos * (y - middleY) + sin * (x - middleX),
                    middleX + cos * (x - middleX) - sin * (y - middleY)));
        }
    }

    /** The pixel of a new image at a place. */
    interface PixelFunction {
        /**
         * The pixel.
         *
         * @param channel from 0
         * @param y the row, from 0
         * @param x the column, from 0
         * @return its value
         */
        float at(int channel, int y, int x);
    }

    /**
     * Left becomes right.
     *
     * @param probability how often, 0 to 1
     */
    record Flip(double probability) implements Augmentation {
        /**
         * Checks the probability.
         *
         * @param probability how often
         */
        public Flip {
            require(probability >= 0 && probability <= 1, "a probability from 0 to 1", probability);
        }

        @Override
        public Image apply(Image image, Generator random) {
            return random.nextDouble() < probability
                    ? image.map((c, y, x) -> image.at(c, y, image.width() - 1 - x))
                    : image;
        }
    }

    /**
     * Moves the image: as cropping an image of the same size from one with a black border.
     *
     * @param padding the most pixels, {@code >= 0}; each distance up to it has the same probability, on either axis
     */
    record Crop(int padding) implements Augmentation {
        /**
         * Checks the padding.
         *
         * @param padding the most pixels
         */
        public Crop {
            require(padding >= 0, "a padding >= 0", padding);
        }

        @Override
        public Image apply(Image image, Generator random) {
            int down = random.nextInt(2 * padding + 1) - padding;
            int right = random.nextInt(2 * padding + 1) - padding;
            return image.map((c, y, x) -> image.at(c, y + down, x + right));
        }
    }

    /**
     * Turns the image around its middle.
     *
     * @param degrees the largest angle either way, {@code >= 0}
     */
    record Rotate(double degrees) implements Augmentation {
        /**
         * Checks the angle.
         *
         * @param degrees the largest angle
         */
        public Rotate {
            require(degrees >= 0 && degrees <= 180, "an angle from 0 to 180", degrees);
        }

        @Override
        public Image apply(Image image, Generator random) {
            return image.turned(Math.toRadians(degrees * (2 * random.nextDouble() - 1)), 1);
        }
    }

    /**
     * Makes what is seen larger or smaller, around the middle.
     *
     * @param least the smallest factor, {@code > 0}
     * @param most the largest factor, {@code >= least}
     */
    record Scale(double least, double most) implements Augmentation {
        /**
         * Checks the factors.
         *
         * @param least the smallest
         * @param most the largest
         */
        public Scale {
            require(least > 0, "a factor > 0", least);
            require(most >= least && most < Double.POSITIVE_INFINITY, "a factor >= " + least, most);
        }

        @Override
        public Image apply(Image image, Generator random) {
            return image.turned(0, least + (most - least) * random.nextDouble());
        }
    }

    /**
     * Changes brightness, contrast and saturation, in this order, each by a factor from 1 - strength to 1 + strength. Grey images
     * have no saturation.
     *
     * @param strength of each change, 0 to 1
     */
    record ColorJitter(double strength) implements Augmentation {
        private static final double[] LUMINANCE = {0.299, 0.587, 0.114}; // of red, green and blue (ITU-R BT.601)

        /**
         * Checks the strength.
         *
         * @param strength of each change
         */
        public ColorJitter {
            require(strength >= 0 && strength <= 1, "a strength from 0 to 1", strength);
        }

        @Override
        public Image apply(Image image, Generator random) {
            float brightness = factor(random);
            float contrast = factor(random);
            float saturation = factor(random);
            Image bright = image.map((c, y, x) -> brightness * image.at(c, y, x));
            double sum = 0;
            for (int y = 0; y < image.height(); y++) {
                for (int x = 0; x < image.width(); x++) {
                    sum += grey(bright, y, x);
                }
            }
            float mean = (float) (sum / (image.height() * image.width()));
            Image contrasted = bright.map((c, y, x) -> mean + contrast * (bright.at(c, y, x) - mean));
            return contrasted.map((c, y, x) -> {
                float grey = grey(contrasted, y, x);
                return grey + saturation * (contrasted.at(c, y, x) - grey);
            });
        }

        private float factor(Generator random) {
            return (float) (1 + strength * (2 * random.nextDouble() - 1));
        }

        private static float grey(Image image, int y, int x) {
            if (image.channels() != 3) {
                return image.at(0, y, x);
            }
            double grey = 0;
            for (int c = 0; c < 3; c++) {
                grey += LUMINANCE[c] * image.at(c, y, x);
            }
            return (float) grey;
        }
    }

    /**
     * Adds normally distributed noise to every pixel.
     *
     * @param deviation its standard deviation, {@code >= 0}
     */
    record Noise(double deviation) implements Augmentation {
        /**
         * Checks the deviation.
         *
         * @param deviation of the noise
         */
        public Noise {
            require(deviation >= 0 && deviation < Double.POSITIVE_INFINITY, "a deviation >= 0", deviation);
        }

        @Override
        public Image apply(Image image, Generator random) {
            return image.map((c, y, x) -> image.at(c, y, x) + (float) (deviation * random.nextGaussian()));
        }
    }

    private static void require(boolean condition, String expected, double found) {
        if (!condition) {
            throw new IllegalArgumentException(found + "; " + expected + " is needed");
        }
    }
}
