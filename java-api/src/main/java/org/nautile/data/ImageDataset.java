package org.nautile.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nautile.Shape;

/** Images kept as bytes, 0 to 255; examples are in [0, 1] or in the range that {@link #scaled} gives, not standardised. */
public final class ImageDataset implements Dataset {
    private static final int LEVELS = 256;

    private final byte[] pixels;
    private final byte[] labels;
    private final Shape image; // [channels, height, width]
    private final List<String> names;
    private final int[] order; // the examples' places in the arrays
    private final Shape shape; // of an example
    private final float[] values; // of each level of a pixel

    /**
     * Images of classes that have no names but their numbers.
     *
     * @param pixels image after image, each row by row
     * @param labels the class of each image
     * @param shape the shape of an image, [channels, height, width]
     * @param classes the number of classes
     */
    public ImageDataset(byte[] pixels, byte[] labels, Shape shape, int classes) {
        this(
                pixels,
                labels,
                shape,
                IntStream.range(0, classes).mapToObj(Integer::toString).toList());
    }

    /**
     * Images.
     *
     * @param pixels image after image, each row by row
     * @param labels the class of each image
     * @param shape the shape of an image, [channels, height, width]
     * @param names the name of each class
     */
    public ImageDataset(byte[] pixels, byte[] labels, Shape shape, List<String> names) {
        this(
                pixels,
                labels,
                shape,
                List.copyOf(names),
                IntStream.range(0, labels.length).toArray(),
                shape,
                values(0, 1));
        if (pixels.length != labels.length * shape.size()) {
            throw new IllegalArgumentException(pixels.length + " pixels for " + labels.length + " images of " + shape);
        }
        for (int i = 0; i < labels.length; i++) {
            if ((labels[i] & 0xFF) >= names.size()) {
                throw new IllegalArgumentException(
                        "label " + (labels[i] & 0xFF) + " of image " + i + ", there are " + names.size() + " classes");
            }
        }
    }

    private ImageDataset(
            byte[] pixels, byte[] labels, Shape image, List<String> names, int[] order, Shape shape, float... values) {
        this.pixels = pixels;
        this.labels = labels;
        this.image = image;
        this.names = names;
        this.order = order;
        this.shape = shape;
        this.values = values;
    }

    private static float[] values(float low, float high) {
        float[] values = new float[LEVELS];
        for (int level = 0; level < LEVELS; level++) {
            values[level] = low + (high - low) * (level / 255.0F);
        }
        return values;
    }

    /**
     * The images of the first classes.
     *
     * @param count the number of classes to keep, {@code >= 1}
     * @return classes 0 to count - 1
     */
    public ImageDataset firstClasses(int count) {
        if (count < 1 || count > classes()) {
            throw new IllegalArgumentException(count + " classes; there are " + classes());
        }
        int[] kept = IntStream.of(order).filter(i -> (labels[i] & 0xFF) < count).toArray();
        return new ImageDataset(pixels, labels, image, names.subList(0, count), kept, shape, values);
    }

    /**
     * The first images.
     *
     * @param count the most to keep, {@code >= 0}
     * @return at most so many
     */
    public ImageDataset limit(int count) {
        int[] kept = IntStream.of(order).limit(count).toArray();
        return new ImageDataset(pixels, labels, image, names, kept, shape, values);
    }

    /**
     * The same images as rows of numbers, for models without a spatial structure.
     *
     * @return examples of one axis
     */
    public ImageDataset flattened() {
        return new ImageDataset(pixels, labels, image, names, order, Shape.of(image.size()), values);
    }

    /**
     * The same images with pixels in another range.
     *
     * @param low the value of a black pixel
     * @param high the value of a white pixel
     * @return examples in [low, high]
     */
    public ImageDataset scaled(float low, float high) {
        return new ImageDataset(pixels, labels, image, names, order, shape, values(low, high));
    }

    /**
     * The same images, changed at random when they are trained on: another way in each epoch.
     *
     * @param seed the seed of the changes
     * @param augmentations the changes, first to last; none leave the images as they are
     * @return the images; {@link Dataset#sample} gives them unchanged
     */
    public Dataset augmented(long seed, List<Augmentation> augmentations) {
        return augmentations.isEmpty() ? this : new Augmented(this, seed, augmentations);
    }

    /**
     * The shape of an image, flattened or not.
     *
     * @return [channels, height, width]
     */
    public Shape imageShape() {
        return image;
    }

    /**
     * The names of the classes.
     *
     * @return their numbers if they have no others
     */
    public List<String> names() {
        return names;
    }

    /** The value of a black pixel, and of a white one. */
    float low() {
        return values[0];
    }

    float high() {
        return values[LEVELS - 1];
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
        return names.size();
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        int size = (int) shape.size();
        int start = order[index] * size;
        for (int i = 0; i < size; i++) {
            into[offset + i] = values[pixels[start + i] & 0xFF];
        }
    }

    /**
     * The numbers of an image.
     *
     * @param index from 0
     * @return what {@link #sample} gives
     */
    public float[] pixels(int index) {
        float[] pixels = new float[(int) shape.size()];
        sample(index, pixels, 0);
        return pixels;
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
        return IntStream.range(0, classes())
                .mapToObj(c ->
                        IntStream.range(0, size()).filter(i -> label(i) == c).toArray())
                .toArray(int[][]::new);
    }

    /**
     * Some images, each class in turn: the first of each class, then the second ones.
     *
     * @param count the most, {@code >= 0}
     * @return the numbers of at most so many
     */
    public int[] eachClassInTurn(int count) {
        int[][] byClass = byClass();
        return IntStream.range(0, size())
                .flatMap(i -> Arrays.stream(byClass)
                        .filter(members -> i < members.length)
                        .mapToInt(members -> members[i]))
                .limit(count)
                .toArray();
    }
}
