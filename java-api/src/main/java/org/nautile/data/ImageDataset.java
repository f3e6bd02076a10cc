package org.nautile.data;

import java.util.stream.IntStream;
import org.nautile.Shape;

/** Images kept as bytes, 0 to 255; examples are in [0, 1], not standardised. */
public final class ImageDataset implements Dataset {
    private final byte[] pixels;
    private final byte[] labels;
    private final Shape shape;
    private final int classes;
    private final int[] order; // the examples' places in the arrays

    /**
     * Images.
     *
     * @param pixels image after image, each row by row
     * @param labels the class of each image
     * @param shape the shape of an image, [channels, height, width]
     * @param classes the number of classes
     */
    public ImageDataset(byte[] pixels, byte[] labels, Shape shape, int classes) {
        this(pixels, labels, shape, classes, IntStream.range(0, labels.length).toArray());
        if (pixels.length != labels.length * shape.size()) {
            throw new IllegalArgumentException(pixels.length + " pixels for " + labels.length + " images of " + shape);
        }
        for (int i = 0; i < labels.length; i++) {
            if ((labels[i] & 0xFF) >= classes) {
                throw new IllegalArgumentException(
                        "label " + (labels[i] & 0xFF) + " of image " + i + ", there are " + classes + " classes");
            }
        }
    }

    private ImageDataset(byte[] pixels, byte[] labels, Shape shape, int classes, int... order) {
        this.pixels = pixels;
        this.labels = labels;
        this.shape = shape;
        this.classes = classes;
        this.order = order;
    }

    /**
     * The images of the first classes.
     *
     * @param count the number of classes to keep, {@code >= 1}
     * @return classes 0 to count - 1
     */
    public ImageDataset firstClasses(int count) {
        if (count < 1 || count > classes) {
            throw new IllegalArgumentException(count + " classes; there are " + classes);
        }
        int[] kept = IntStream.of(order).filter(i -> (labels[i] & 0xFF) < count).toArray();
        return new ImageDataset(pixels, labels, shape, count, kept);
    }

    /**
     * The first images.
     *
     * @param count the most to keep, {@code >= 0}
     * @return at most so many
     */
    public ImageDataset limit(int count) {
        return new ImageDataset(
                pixels, labels, shape, classes, IntStream.of(order).limit(count).toArray());
    }

    /**
     * The same images as rows of numbers, for models without a spatial structure.
     *
     * @return examples of one axis
     */
    public ImageDataset flattened() {
        return new ImageDataset(pixels, labels, Shape.of(shape.size()), classes, order);
    }

    @Override
    public int size() {
        return order.length;
    }

    @Override
    public Shape sampleShape() {
        return shape;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        int size = (int) shape.size();
        int start = order[index] * size;
        for (int i = 0; i < size; i++) {
            into[offset + i] = (pixels[start + i] & 0xFF) / 255.0F;
        }
    }

    @Override
    public void target(int index, long[] into, int offset) {
        into[offset] = label(index);
    }

    /**
     * The class of an image.
     *
     * @param index from 0
     * @return the class
     */
    public int label(int index) {
        return labels[order[index]] & 0xFF;
    }

    /**
     * The images of each class.
     *
     * @return for each class the numbers of its images, in order; empty for a class without
     */
    public int[][] byClass() {
        return IntStream.range(0, classes)
                .mapToObj(c ->
                        IntStream.range(0, size()).filter(i -> label(i) == c).toArray())
                .toArray(int[][]::new);
    }
}
