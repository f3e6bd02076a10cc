package org.nautile;

import java.util.Locale;

/** The type of a tensor's elements. Arithmetic is done in the floating types; the others hold indices and masks. */
public enum DType {
    /** 32-bit IEEE 754, the default everywhere. */
    FLOAT32(4, true),
    /** 64-bit IEEE 754, on the device {@code reference} alone. */
    FLOAT64(8, true),
    /** 32-bit signed integer. */
    INT32(4, false),
    /** 64-bit signed integer; class labels and indices, as in PyTorch. */
    INT64(8, false),
    /** 8-bit unsigned integer; pixels and masks. */
    UINT8(1, false);

    private final int bytes;
    private final boolean floating;

    DType(int bytes, boolean floating) {
        this.bytes = bytes;
        this.floating = floating;
    }

    /**
     * The size of one element.
     *
     * @return bytes
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Whether gradients exist for this type.
     *
     * @return true for float32 and float64
     */
    public boolean isFloating() {
        return floating;
    }

    /**
     * A Java array for elements of this type: {@code float[]}, {@code double[]}, {@code int[]}, {@code long[]} or {@code
     * byte[]}.
     *
     * @param length the number of elements, {@code >= 0}
     * @return a new array of zeros
     */
    public Object newArray(int length) {
        return switch (this) {
            case FLOAT32 -> new float[length];
            case FLOAT64 -> new double[length];
            case INT32 -> new int[length];
            case INT64 -> new long[length];
            case UINT8 -> new byte[length];
        };
    }

    /**
     * The type whose elements a Java array holds.
     *
     * @param array as {@link #newArray} makes it
     * @return the type
     * @throws IllegalArgumentException if no type's elements are held in such an object
     */
    public static DType ofArray(Object array) {
        if (array instanceof float[]) {
            return FLOAT32;
        } else if (array instanceof double[]) {
            return FLOAT64;
        } else if (array instanceof int[]) {
            return INT32;
        } else if (array instanceof long[]) {
            return INT64;
        } else if (array instanceof byte[]) {
            return UINT8;
        }
        throw new IllegalArgumentException("no tensor can be made of "
                + array.getClass().getTypeName() + "; float[], double[], int[], long[] and byte[] are possible");
    }

    /** PyTorch's name, for example {@code float32}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
