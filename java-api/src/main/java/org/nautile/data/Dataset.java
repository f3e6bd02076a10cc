package org.nautile.data;

import org.nautile.Shape;

/** Examples by number, each an array of numbers with a class. */
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
     * The class of an example.
     *
     * @param index from 0
     * @return the class
     */
    int label(int index);
}
