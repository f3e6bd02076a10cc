package org.nautile;

import java.util.Arrays;

/**
 * The extents of a tensor, outermost first. A shape of rank 0 is a scalar and has one element; an extent may be 0.
 * Immutable.
 */
public final class Shape {
    /** The shape of a scalar. */
    public static final Shape SCALAR = new Shape(new long[0]);

    private final long[] dims;
    private final long size;
    private final long[] strides;

    private Shape(long[] dims) {
        this.dims = dims;
        long[] steps = new long[dims.length];
        long product = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            if (dims[i] < 0) {
                throw new ShapeException("shape " + Arrays.toString(dims) + ": extent " + i + " is negative");
            }
            steps[i] = product;
            product = Math.multiplyExact(product, Math.max(dims[i], 1));
        }
        this.strides = steps;
        this.size = isEmpty(dims) ? 0 : product;
    }

    private static boolean isEmpty(long[] dims) {
        for (long dim : dims) {
            if (dim == 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * A shape with the given extents.
     *
     * @param dims extents, each {@code >= 0}; none for a scalar
     * @return the shape
     * @throws ShapeException if an extent is negative
     * @throws ArithmeticException if the number of elements exceeds 2^63 - 1
     */
    public static Shape of(long... dims) {
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    /**
     * The number of axes.
     *
     * @return {@code >= 0}
     */
    public int rank() {
        return dims.length;
    }

    /**
     * The number of elements.
     *
     * @return {@code >= 0}; 1 for a scalar
     */
    public long size() {
        return size;
    }

    /**
     * The extent of an axis.
     *
     * @param axis from 0, or from the end when negative: -1 is the last
     * @return the extent
     * @throws ShapeException if there is no such axis
     */
    public long dim(int axis) {
        return dims[axis(axis)];
    }

    /**
     * The axis counted from 0.
     *
     * @param axis from 0, or from the end when negative
     * @return {@code 0 <= axis < rank}
     * @throws ShapeException if there is no such axis
     */
    public int axis(int axis) {
        int index = axis < 0 ? axis + dims.length : axis;
        if (index < 0 || index >= dims.length) {
            throw new ShapeException("axis " + axis + " of shape " + this + ", which has rank " + dims.length);
        }
        return index;
    }

    /**
     * The extents.
     *
     * @return a copy
     */
    public long[] dims() {
        return dims.clone();
    }

    /** The strides of a contiguous (row-major) tensor of this shape; shared, not to be written. */
    long[] contiguousStrides() {
        return strides;
    }

    /**
     * The shape with one extent replaced.
     *
     * @param axis from 0, or from the end when negative
     * @param extent {@code >= 0}
     * @return the new shape
     */
    public Shape with(int axis, long extent) {
        long[] copy = dims.clone();
        copy[axis(axis)] = extent;
        return new Shape(copy);
    }

    /**
     * The shape without one axis.
     *
     * @param axis from 0, or from the end when negative
     * @return the new shape, of rank one less
     */
    public Shape without(int axis) {
        int index = axis(axis);
        long[] copy = new long[dims.length - 1];
        System.arraycopy(dims, 0, copy, 0, index);
        System.arraycopy(dims, index + 1, copy, index, copy.length - index);
        return Shape.of(copy);
    }

    /**
     * The shape of an elementwise operation on both: axes are aligned at the last, and an extent of 1 repeats. These are
     * NumPy's and PyTorch's rules.
     *
     * @param op the name of the operation, for the error
     * @param a one shape
     * @param b the other
     * @return the common shape
     * @throws ShapeException if two aligned extents differ and neither is 1
     */
    public static Shape broadcast(String op, Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        long[] result = new long[Math.max(a.dims.length, b.dims.length)];
        for (int i = 1; i <= result.length; i++) {
            long left = i <= a.dims.length ? a.dims[a.dims.length - i] : 1;
            long right = i <= b.dims.length ? b.dims[b.dims.length - i] : 1;
            if (left != right && left != 1 && right != 1) {
                throw new ShapeException(op + ": a is " + a + ", b is " + b + "; axis -" + i + " cannot be broadcast");
            }
            result[result.length - i] = left == 1 ? right : left;
        }
        return Shape.of(result);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof Shape shape && Arrays.equals(dims, shape.dims));
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** For example {@code [64,1,28,28]}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < dims.length; i++) {
            text.append(i == 0 ? "" : ",").append(dims[i]);
        }
        return text.append(']').toString();
    }
}
