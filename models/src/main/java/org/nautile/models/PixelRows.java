package org.nautile.models;

import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.data.Dataset;
import org.nautile.data.ImageDataset;

/** Images as rows of numbers, one or several rows an example: what an autoencoder reads, and what it shall say. */
final class PixelRows implements Dataset {
    private final ImageDataset images;
    private final int size;
    private final int rows;
    private final Rows content;

    /** Copies the rows of an example. */
    private interface Rows {
        void copy(int index, int epoch, float[] into, int offset);
    }

    private PixelRows(ImageDataset images, int size, int rows, Rows content) {
        this.images = images;
        this.size = size;
        this.rows = rows;
        this.content = content;
    }

    /** One row: the image. */
    static PixelRows of(ImageDataset images) {
        return new PixelRows(
                images, images.size(), 1, (index, epoch, into, offset) -> images.sample(index, into, offset));
    }

    /**
     * Two rows: the image with normal noise, and the image. The noise follows from seed, example and epoch; it is not clipped.
     *
     * @param sigma the standard deviation, where pixels are from 0 to 1
     */
    static PixelRows noisy(ImageDataset images, double sigma, long seed) {
        int pixels = (int) images.sampleShape().size();
        return new PixelRows(images, images.size(), 2, (index, epoch, into, offset) -> {
            images.sample(index, into, offset + pixels);
            Generator random = new Generator(seed, (epoch + 2L) << 32 | index); // beyond the loader's streams
            for (int i = 0; i < pixels; i++) {
                into[offset + i] = into[offset + pixels + i] + (float) (sigma * random.nextGaussian());
            }
        });
    }

    /** As many rows as classes: an image of each. Classes with fewer images than the largest begin again. */
    static PixelRows oneOfEach(ImageDataset images) {
        int pixels = (int) images.sampleShape().size();
        int[][] byClass = images.byClass();
        int most = 0;
        for (int[] members : byClass) {
            most = Math.max(most, members.length);
        }
        return new PixelRows(images, most, byClass.length, (index, epoch, into, offset) -> {
            for (int c = 0; c < byClass.length; c++) {
                images.sample(byClass[c][index % byClass[c].length], into, offset + c * pixels);
            }
        });
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(rows, images.sampleShape().size());
    }

    @Override
    public int classes() {
        return images.classes();
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        content.copy(index, 0, into, offset);
    }

    @Override
    public void target(int index, long[] into, int offset) {
        images.target(index, into, offset);
    }

    @Override
    public void example(int index, int epoch, float[] x, int xOffset, long[] y, int yOffset) {
        content.copy(index, epoch, x, xOffset);
        target(index, y, yOffset);
    }
}
