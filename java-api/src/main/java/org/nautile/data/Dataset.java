package org.nautile.data;

import org.nautile.Shape;

/**
 * Examples by number: each an array of numbers, and what a model shall say of it, a class or a class for each of its pixels.
 */
public interface Dataset {
    /**
     * The number of examples.
     *
     * @return {@code >= 0}
     */
    int size();

    /**
     * The shape of one example.
     *
     * @return for example [1,28,28]
     */
    Shape sampleShape();

    /**
     * The number of classes.
     *
     * @return labels are 0 to one less
     */
    int classes();

    /**
     * Copies an example.
     *
     * @param index from 0
     * @param into receives its elements, row by row
     * @param offset where in the array
     */
    void sample(int index, float[] into, int offset);

    /**
     * The shape of what is to be said of one example.
     *
     * @return without axes for one class; for example [128,128] for a class for each pixel
     */
    default Shape targetShape() {
        return Shape.of();
    }

    /**
     * How much of its target an example has: where targets are sequences of several lengths, less than {@link #targetShape} says,
     * which then has one axis. A {@link DataLoader} puts examples of about one length together.
     *
     * @param index from 0
     * @return the numbers that {@link #target} gives
     */
    default int targetLength(int index) {
        return (int) targetShape().size();
    }

    /**
     * Copies what is to be said of an example.
     *
     * @param index from 0
     * @param into receives the classes
     * @param offset where in the array
     */
    void target(int index, long[] into, int offset);

    /**
     * Copies an example and its target for training. What is drawn at random, such as an augmentation, follows from the example
     * and the epoch alone.
     *
     * @param index from 0
     * @param epoch from 1
     * @param x receives the elements
     * @param xOffset where in x
     * @param y receives the target
     * @param yOffset where in y
     */
    default void example(int index, int epoch, float[] x, int xOffset, long[] y, int yOffset) {
        sample(index, x, xOffset);
        target(index, y, yOffset);
    }
}
