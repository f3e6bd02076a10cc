package org.nautile.models.points;

import org.nautile.Shape;
import org.nautile.data.Dataset;

/** Points of any dimension, each of a class. */
public final class Points implements Dataset {
    private final float[] places;
    private final int[] labels;
    private final int dimension;
    private final int classes;

    /**
     * Points.
     *
     * @param places the coordinates, point by point
     * @param labels the class of each point, from 0; at least one
     * @param classes how many there are, {@code >= 1}
     */
    public Points(float[] places, int[] labels, int classes) {
        if (labels.length == 0 || places.length == 0 || places.length % labels.length != 0) {
            throw new IllegalArgumentException(places.length + " coordinates of " + labels.length + " points");
        }
        this.places = places.clone();
        this.labels = labels.clone();
        this.dimension = places.length / labels.length;
        this.classes = classes;
    }

    /**
     * The coordinates.
     *
     * @return point by point
     */
    public float[] places() {
        return places.clone();
    }

    /**
     * The classes.
     *
     * @return one for each point
     */
    public int[] labels() {
        return labels.clone();
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(dimension);
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        System.arraycopy(places, index * dimension, into, offset, dimension);
    }

    @Override
    public void target(int index, long[] into, int offset) {
        into[offset] = labels[index];
    }
}
