package org.nautile.backend.reference;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.Tensor;

/** Between a tensor of any type and strides and a plain array of its elements, row by row. */
final class Values {
    private Values() {}

    /** The elements of a tensor as double; uint8 as 0 to 255. Exact for all types but int64 beyond 2^53. */
    static double[] read(Tensor tensor) {
        Object array = ((HeapStorage) tensor.storage()).array();
        int[] places = places(tensor);
        double[] values = new double[places.length];
        if (array instanceof float[] floats) {
            for (int i = 0; i < values.length; i++) {
                values[i] = floats[places[i]];
            }
        } else if (array instanceof double[] doubles) {
            for (int i = 0; i < values.length; i++) {
                values[i] = doubles[places[i]];
            }
        } else if (array instanceof int[] ints) {
            for (int i = 0; i < values.length; i++) {
                values[i] = ints[places[i]];
            }
        } else if (array instanceof long[] longs) {
            for (int i = 0; i < values.length; i++) {
                values[i] = longs[places[i]];
            }
        } else {
            byte[] bytes = (byte[]) array;
            for (int i = 0; i < values.length; i++) {
                values[i] = bytes[places[i]] & 0xFF;
            }
        }
        return values;
    }

    /** The elements of a tensor that is broadcast to a shape. */
    static double[] read(Tensor tensor, Shape shape) {
        if (tensor.shape().equals(shape)) {
            return read(tensor);
        }
        long[] strides = new long[shape.rank()];
        int missing = shape.rank() - tensor.shape().rank();
        for (int axis = missing; axis < strides.length; axis++) {
            strides[axis] = tensor.shape().dim(axis - missing) == 1 ? 0 : tensor.stride(axis - missing);
        }
        try (Tensor broadcast = tensor.view(shape, tensor.offset(), strides)) {
            return read(broadcast);
        }
    }

    /** The elements of a tensor or, where there is none, as many times the same value. */
    static double[] read(@Nullable Tensor tensor, int size, double otherwise) {
        if (tensor != null) {
            return read(tensor);
        }
        double[] values = new double[size];
        Arrays.fill(values, otherwise);
        return values;
    }

    /** Overwrites the elements of a tensor, each rounded once to the tensor's type. */
    static void write(double[] values, Tensor tensor) {
        Object array = ((HeapStorage) tensor.storage()).array();
        int[] places = places(tensor);
        if (array instanceof float[] floats) {
            for (int i = 0; i < values.length; i++) {
                floats[places[i]] = (float) values[i];
            }
        } else if (array instanceof double[] doubles) {
            for (int i = 0; i < values.length; i++) {
                doubles[places[i]] = values[i];
            }
        } else if (array instanceof int[] ints) {
            for (int i = 0; i < values.length; i++) {
                ints[places[i]] = (int) values[i];
            }
        } else if (array instanceof long[] longs) {
            for (int i = 0; i < values.length; i++) {
                longs[places[i]] = (long) values[i];
            }
        } else {
            byte[] bytes = (byte[]) array;
            for (int i = 0; i < values.length; i++) {
                bytes[places[i]] = (byte) values[i];
            }
        }
    }

    /** Overwrites, or with accumulate adds to, the elements of a tensor. */
    static void write(double[] values, Tensor tensor, boolean accumulate) {
        if (accumulate) {
            double[] before = read(tensor);
            for (int i = 0; i < values.length; i++) {
                values[i] += before[i];
            }
        }
        write(values, tensor);
    }

    /** Copies the elements to a tensor of the same shape and type, bit by bit: double would not hold every int64. */
    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the tensors' type
    static void move(Tensor from, Tensor to) {
        Object source = ((HeapStorage) from.storage()).array();
        Object target = ((HeapStorage) to.storage()).array();
        int[] read = places(from);
        int[] written = places(to);
        for (int i = 0; i < read.length; i++) {
            System.arraycopy(source, read[i], target, written[i], 1);
        }
    }

    /** The place in the storage of each element, row by row. */
    private static int[] places(Tensor tensor) {
        if (tensor.size() > HeapStorage.MOST) {
            throw HeapStorage.tooMany(tensor.toString(), tensor.size());
        }
        int[] places = new int[(int) tensor.size()];
        long[] dims = tensor.shape().dims();
        long[] strides = tensor.strides();
        long[] index = new long[dims.length];
        long place = tensor.offset();
        for (int i = 0; i < places.length; i++) {
            places[i] = Math.toIntExact(place);
            for (int axis = dims.length - 1; axis >= 0; axis--) { // the next index, like an odometer
                place += strides[axis];
                if (++index[axis] < dims[axis]) {
                    break;
                }
                place -= strides[axis] * index[axis];
                index[axis] = 0;
            }
        }
        return places;
    }
}
