package org.nautile.validate;

import java.lang.reflect.Array;
import java.util.Arrays;
import org.nautile.DType;

/** Arrays of any element type of a tensor: {@code float[]}, {@code double[]}, {@code int[]}, {@code long[]}, {@code byte[]}. */
final class Elements {
    private Elements() {}

    /** An array of a tensor's type with the given elements, each rounded once. */
    static Object ofType(DType dtype, double[] values) {
        Object array = dtype.newArray(values.length);
        for (int i = 0; i < values.length; i++) {
            if (array instanceof float[] floats) {
                floats[i] = (float) values[i];
            } else if (array instanceof double[] doubles) {
                doubles[i] = values[i];
            } else if (array instanceof int[] ints) {
                ints[i] = (int) (long) values[i]; // from 2^31: the bits of an unsigned number
            } else if (array instanceof long[] longs) {
                longs[i] = (long) values[i];
            } else {
                ((byte[]) array)[i] = (byte) (int) values[i];
            }
        }
        return array;
    }

    /** An array whose elements are what nobody computes: NaN of a strange pattern, or a strange number. */
    static Object poison(DType dtype, int length) {
        Object array = dtype.newArray(length);
        if (array instanceof float[] floats) {
            Arrays.fill(floats, Float.intBitsToFloat(POISON));
        } else if (array instanceof double[] doubles) {
            Arrays.fill(doubles, Double.NaN);
        } else if (array instanceof int[] ints) {
            Arrays.fill(ints, POISON);
        } else if (array instanceof long[] longs) {
            Arrays.fill(longs, (long) POISON << 32 | POISON);
        } else {
            Arrays.fill((byte[]) array, (byte) 0xAD);
        }
        return array;
    }

    /** What {@code ntl_memory_check} fills blocks with: a NaN when read as float32. */
    static final int POISON = 0x7FC0DEAD;

    /** The element as double, uint8 as 0 to 255. */
    static double get(Object array, int index) {
        if (array instanceof float[] floats) {
            return floats[index];
        } else if (array instanceof double[] doubles) {
            return doubles[index];
        } else if (array instanceof int[] ints) {
            return ints[index];
        } else if (array instanceof long[] longs) {
            return longs[index];
        }
        return ((byte[]) array)[index] & 0xFF;
    }

    /** The bits of an element. */
    static long bits(Object array, int index) {
        if (array instanceof float[] floats) {
            return Float.floatToRawIntBits(floats[index]);
        } else if (array instanceof double[] doubles) {
            return Double.doubleToRawLongBits(doubles[index]);
        } else if (array instanceof int[] ints) {
            return ints[index];
        } else if (array instanceof long[] longs) {
            return longs[index];
        }
        return ((byte[]) array)[index];
    }

    /** The bits of an element, the same for all NaN: which one arithmetic gives is not defined. */
    static long canonicalBits(Object array, int index) {
        if (array instanceof float[] floats) {
            return Float.floatToIntBits(floats[index]);
        } else if (array instanceof double[] doubles) {
            return Double.doubleToLongBits(doubles[index]);
        }
        return bits(array, index);
    }

    /** Whether a float32 element is still what {@link #poison} put there. */
    static boolean isPoison(Object array, int index) {
        return array instanceof float[] floats && Float.floatToRawIntBits(floats[index]) == POISON;
    }

    /** All elements as double. */
    static double[] doubles(Object array) {
        double[] result = new double[Array.getLength(array)];
        for (int i = 0; i < result.length; i++) {
            result[i] = get(array, i);
        }
        return result;
    }

    /** Copies one element. */
    static void copy(Object from, int index, Object to, int place) {
        System.arraycopy(from, index, to, place, 1);
    }

    static int length(Object array) {
        return Array.getLength(array);
    }
}
