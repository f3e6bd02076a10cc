package org.nautile;

/** What follows from a shape and strides alone. */
final class Strides {
    private static final int[] CHANNELS_LAST = {1, 3, 2, 0}; // axes, the fastest first

    private Strides() {}

    /** Whether elements follow one another row by row. */
    static boolean contiguous(Shape shape, long[] strides) {
        long expected = 1;
        for (int axis = strides.length - 1; axis >= 0; axis--) {
            if (shape.dim(axis) != 1 && strides[axis] != expected) {
                return shape.size() == 0;
            }
            expected *= shape.dim(axis);
        }
        return true;
    }

    /** Whether elements of [N, C, H, W] follow one another in the order [N, H, W, C]. */
    static boolean channelsLast(Shape shape, long[] strides) {
        long expected = 1;
        for (int axis : CHANNELS_LAST) {
            if (shape.dim(axis) != 1 && strides[axis] != expected) {
                return shape.size() == 0;
            }
            expected *= shape.dim(axis);
        }
        return true;
    }

    /** The strides of [N, C, H, W] in the order [N, H, W, C]. */
    static long[] ofChannelsLast(Shape shape) {
        long[] strides = new long[4];
        long step = 1;
        for (int axis : CHANNELS_LAST) {
            strides[axis] = step;
            step *= shape.dim(axis);
        }
        return strides;
    }

    /** The least place of an element. */
    static long low(Shape shape, long offset, long[] strides) {
        long place = offset;
        for (int axis = 0; axis < strides.length; axis++) {
            place = Math.addExact(place, Math.min(reach(shape, axis, strides), 0));
        }
        return place;
    }

    /** The largest place of an element. */
    static long high(Shape shape, long offset, long[] strides) {
        long place = offset;
        for (int axis = 0; axis < strides.length; axis++) {
            place = Math.addExact(place, Math.max(reach(shape, axis, strides), 0));
        }
        return place;
    }

    /** From the first element of an axis to the last. */
    private static long reach(Shape shape, int axis, long[] strides) {
        return Math.multiplyExact(Math.max(shape.dim(axis) - 1, 0), strides[axis]);
    }
}
