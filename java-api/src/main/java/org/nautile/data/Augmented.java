package org.nautile.data;

import java.util.List;
import org.nautile.Generator;
import org.nautile.Shape;

/** Images that are changed at random when they are trained on. The change follows from seed, epoch and example alone. */
final class Augmented implements Dataset {
    /** The first of the streams of random numbers for changes, far from those of weights and orders. */
    private static final long STREAMS = 1L << 62;

    private final ImageDataset images;
    private final ImageDataset plain; // in [0, 1], as augmentations want them
    private final long seed;
    private final List<Augmentation> augmentations;

    Augmented(ImageDataset images, long seed, List<Augmentation> augmentations) {
        this.images = images;
        this.plain = images.scaled(0, 1);
        this.seed = seed;
        this.augmentations = List.copyOf(augmentations);
    }

    @Override
    public void example(int index, int epoch, float[] x, int xOffset, long[] y, int yOffset) {
        Shape shape = images.imageShape();
        Augmentation.Image image = new Augmentation.Image(
                new float[(int) shape.size()], (int) shape.dim(0), (int) shape.dim(1), (int) shape.dim(2));
        plain.sample(index, image.pixels(), 0);
        Generator random = new Generator(seed, STREAMS | (long) epoch << 32 | index);
        for (Augmentation augmentation : augmentations) {
            image = augmentation.apply(image, random);
        }
        float low = images.low();
        float range = images.high() - low;
        float[] pixels = image.pixels();
        for (int i = 0; i < pixels.length; i++) {
            x[xOffset + i] = low + range * Math.max(0, Math.min(1, pixels[i]));
        }
        target(index, y, yOffset);
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public Shape sampleShape() {
        return images.sampleShape();
    }

    @Override
    public int classes() {
        return images.classes();
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        images.sample(index, into, offset);
    }

    @Override
    public void target(int index, long[] into, int offset) {
        images.target(index, into, offset);
    }
}
