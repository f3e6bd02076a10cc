package org.nautile.models;

import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.data.Dataset;
import org.nautile.data.ImageDataset;

/** Images in [-1, 1], each followed by normal noise for a generator, which follows from seed, example and epoch. */
final class ImagesWithNoise implements Dataset {
    private final ImageDataset images;
    private final int pixels;
    private final int noise;
    private final long seed;

    /**
     * Images with noise.
     *
     * @param images with pixels from 0 to 1
     * @param noise how many numbers
     * @param seed of the noise
     */
    ImagesWithNoise(ImageDataset images, int noise, long seed) {
        this.images = images;
        this.pixels = (int) images.sampleShape().size();
        this.noise = noise;
        this.seed = seed;
    }

    /** Normal noise: mean 0, deviation 1. */
    static float[] noise(long seed, long stream, int count) {
        float[] values = new float[count];
        Generator random = new Generator(seed, stream);
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(pixels + noise);
    }

    @Override
    public int classes() {
        return images.classes();
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        copy(index, 0, into, offset);
    }

    @Override
    public void target(int index, long[] into, int offset) {
        images.target(index, into, offset);
    }

    @Override
    public void example(int index, int epoch, float[] x, int xOffset, long[] y, int yOffset) {
        copy(index, epoch, x, xOffset);
        target(index, y, yOffset);
    }

    private void copy(int index, int epoch, float[] into, int offset) {
        images.sample(index, into, offset);
        for (int i = offset; i < offset + pixels; i++) {
            into[i] = 2 * into[i] - 1;
        }
        long stream = (epoch + 2L) << 32 | index; // beyond the loader's streams
        System.arraycopy(noise(seed, stream, noise), 0, into, offset + pixels, noise);
    }
}
