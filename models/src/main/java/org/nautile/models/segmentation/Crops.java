package org.nautile.models.segmentation;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.data.Dataset;

/**
 * Square parts of labelled images, to learn from: an example is [3,S,S], the normalised image ({@link LabelledImage#normalised}), 1
 * where an object is, and the weight of each pixel ({@link BorderWeights}, or 0); the target is a class for each pixel, [S,S].
 * For training, parts are drawn at random and flipped at random along either axis; an image has as many of them in an epoch as
 * fit beside each other, at least one. Smaller images are reflected at their edges.
 */
public final class Crops implements Dataset {
    /** Streams of random numbers that nobody else draws from: one for each example of each epoch. */
    private static final long STREAMS = Long.MIN_VALUE;

    private final List<Planes> images;
    private final int[] ends; // the number of examples of all images up to each one
    private final int side;
    private final int classes;
    private final long seed;

    /**
     * Parts of images.
     *
     * @param images at least one
     * @param side of a part, pixels
     * @param classes 1 (objects), or 3: background, inside, border (two pixels wide)
     * @param weighted whether pixels have weights
     * @param seed of what is drawn at random
     */
    public Crops(List<LabelledImage> images, int side, int classes, boolean weighted, long seed) {
        this.images = images.parallelStream()
                .map(image -> Planes.of(image, classes, weighted))
                .toList();
        this.side = side;
        this.classes = classes;
        this.seed = seed;
        ends = new int[images.size()];
        int sum = 0;
        for (int i = 0; i < ends.length; i++) {
            Planes image = this.images.get(i);
            sum += (int) Math.max(1, Math.round((double) image.height() * image.width() / ((double) side * side)));
            ends[i] = sum;
        }
    }

    @Override
    public int size() {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(3, side, side);
    }

    @Override
    public Shape targetShape() {
        return Shape.of(side, side);
    }

    @Override
    public int classes() {
        return classes == 3 ? 3 : 2;
    }

    private Planes image(int index) {
        int place = Arrays.binarySearch(ends, index);
        return images.get(place >= 0 ? place + 1 : -place - 1);
    }

    /** The middle of its image. */
    @Override
    public void sample(int index, float[] into, int offset) {
        Planes image = image(index);
        copy(image, (image.height() - side) / 2, (image.width() - side) / 2, false, false, into, offset, null, 0);
    }

    @Override
    public void target(int index, long[] into, int offset) {
        Planes image = image(index);
        copy(image, (image.height() - side) / 2, (image.width() - side) / 2, false, false, null, 0, into, offset);
    }

    @Override
    public void example(int index, int epoch, float[] x, int xOffset, long[] y, int yOffset) {
        Generator random = new Generator(seed, STREAMS | (long) epoch << 32 | index);
        Planes image = image(index);
        int top = start(image.height(), random);
        int left = start(image.width(), random);
        copy(image, top, left, random.nextInt(2) == 1, random.nextInt(2) == 1, x, xOffset, y, yOffset);
    }

    private int start(int size, Generator random) {
        return size <= side ? (size - side) / 2 : random.nextInt(size - side + 1);
    }

    /** Copies a part, row by row, to either array or both. */
    private void copy(
            Planes image,
            int top,
            int left,
            boolean upsideDown,
            boolean mirrored,
            float @Nullable [] x,
            int xOffset,
            long @Nullable [] y,
            int yOffset) {
        int area = side * side;
        for (int i = 0; i < area; i++) {
            int row = upsideDown ? side - 1 - i / side : i / side;
            int col = mirrored ? side - 1 - i % side : i % side;
            int from = Tiles.reflected(top + row, image.height()) * image.width()
                    + Tiles.reflected(left + col, image.width());
            if (x != null) {
                for (int plane = 0; plane < 3; plane++) {
                    x[xOffset + plane * area + i] = image.planes()[plane][from];
                }
            }
            if (y != null) {
                y[yOffset + i] = image.classes()[from];
            }
        }
    }
}
