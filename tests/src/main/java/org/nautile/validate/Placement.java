package org.nautile.validate;

import java.util.ArrayList;
import java.util.List;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Shape;
import org.nautile.Tensor;

/**
 * Where the elements of tensors lie in memory. An op gives the same result for all placements, and touches nothing around
 * the elements.
 */
abstract class Placement {
    /** One after the other, from the start of a storage of their own. */
    static Placement plain() {
        return new Placement() {
            @Override
            Tensor tensor(Device device, Object array, Shape shape) {
                return Tensor.of(device, array, shape);
            }
        };
    }

    /**
     * One after the other, in the middle of a storage whose other elements are checked to stay as they are.
     *
     * @param offset elements in front: 1 makes float32 tensors start at 4 bytes past a multiple of 64
     */
    static Placement guarded(int offset) {
        return new Guarded(offset);
    }

    /** Every second element of a storage in which the axes lie in reverse order: no axis is contiguous. */
    static Placement strided() {
        return new Placement() {
            @Override
            Tensor tensor(Device device, Object array, Shape shape) {
                int size = Elements.length(array);
                long[] strides = new long[shape.rank()];
                long step = 2;
                for (int axis = 0; axis < strides.length; axis++) {
                    strides[axis] = step;
                    step *= shape.dim(axis);
                }
                Tensor storage = Tensor.of(device, spread(array, shape, strides), Shape.of(2L * size));
                return storage.view(shape, 0, strides);
            }
        };
    }

    /** Pictures with the channels of each pixel beside each other; other tensors as always. */
    static Placement channelsLast() {
        return new Placement() {
            @Override
            Tensor tensor(Device device, Object array, Shape shape) {
                Tensor plain = Tensor.of(device, array, shape);
                return shape.rank() == 4 ? plain.channelsLast() : plain;
            }
        };
    }

    private static Object spread(Object array, Shape shape, long... strides) {
        int size = Elements.length(array);
        Object spread = Elements.poison(DType.ofArray(array), 2 * size);
        for (int i = 0; i < size; i++) {
            long place = 0;
            long rest = i;
            for (int axis = strides.length - 1; axis >= 0; axis--) {
                place += rest % shape.dim(axis) * strides[axis];
                rest /= shape.dim(axis);
            }
            Elements.copy(array, i, spread, (int) place);
        }
        return spread;
    }

    /**
     * A tensor with the given elements.
     *
     * @param device where it lives
     * @param array its elements, row by row
     * @param shape its shape
     * @return owned by the innermost open scope
     */
    abstract Tensor tensor(Device device, Object array, Shape shape);

    /**
     * Checks what surrounds the tensors made so far.
     *
     * @throws Mismatch if it has changed
     */
    void check() {}

    private static final class Guarded extends Placement {
        /** A kernel that writes a whole vector too much writes 64 bytes. */
        private static final int BEHIND = 64;

        private final int offset;
        private final List<Tensor> storages = new ArrayList<>();

        Guarded(int offset) {
            this.offset = offset;
        }

        @Override
        Tensor tensor(Device device, Object array, Shape shape) {
            int size = Elements.length(array);
            Object all = Elements.poison(DType.ofArray(array), offset + size + BEHIND);
            System.arraycopy(array, 0, all, offset, size);
            Tensor storage = Tensor.of(device, all, Shape.of(Elements.length(all)));
            storages.add(storage);
            return storage.view(Shape.of(size), offset, 1).reshape(shape);
        }

        @Override
        void check() {
            for (Tensor storage : storages) {
                Object found = storage.toArray();
                int length = Elements.length(found);
                long guard = Elements.bits(Elements.poison(storage.dtype(), 1), 0);
                for (int i = 0; i < length; i = i == offset - 1 ? length - BEHIND : i + 1) {
                    if (Elements.bits(found, i) != guard) {
                        throw new Mismatch("element " + (i - offset) + " of a tensor of " + (length - offset - BEHIND)
                                + ", outside it, was overwritten with " + Elements.get(found, i));
                    }
                }
            }
        }
    }
}
