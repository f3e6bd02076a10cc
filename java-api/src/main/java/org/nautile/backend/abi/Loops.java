package org.nautile.backend.abi;

import java.lang.ref.Reference;
import org.nautile.Shape;
import org.nautile.Tensor;

/**
 * Brings elementwise loops over strided tensors of any rank to the four nested loops of the C ABI: the axis along which the
 * first tensor lies closest together is the innermost, axes along which all tensors are evenly spaced become one, and what
 * remains beyond four is looped over here.
 */
final class Loops {
    private static final int RANK = 4;

    private Loops() {}

    /** One call of the C ABI: four extents, four strides for each tensor, an address for each tensor. */
    interface Body {
        void run(long[] extents, long[][] strides, long[] addresses);
    }

    /**
     * Calls the body as often as the rank needs, once in nearly all cases.
     *
     * @param shape the common shape
     * @param tensors tensors of that shape or broadcast to it: aligned at the last axis, an extent of 1 repeats; the first
     *     is what is written
     * @param body the call
     */
    static void run(Shape shape, Tensor[] tensors, Body body) {
        int rank = shape.rank();
        long[] extents = new long[rank];
        long[][] strides = new long[tensors.length][rank];
        long[] addresses = new long[tensors.length];
        int used = 0; // axes kept so far, the innermost first
        for (int axis : innermostFirst(tensors[0], rank)) {
            long extent = shape.dim(axis);
            if (extent == 1) {
                continue;
            }
            for (int t = 0; t < tensors.length; t++) {
                strides[t][used] = stride(tensors[t], axis - rank, extent);
            }
            extents[used] = extent;
            if (used > 0 && continues(extents, strides, used)) {
                extents[used - 1] *= extent;
            } else {
                used++;
            }
        }
        for (int t = 0; t < tensors.length; t++) {
            addresses[t] = tensors[t].address();
        }
        try {
            nest(extents, strides, addresses, Math.max(used, 1), used == 0, tensors, body);
        } finally {
            Reference.reachabilityFence(tensors); // see NativeBackend.check
        }
    }

    /** The axes of a tensor by their strides, smallest first; of equal ones the last axis first. */
    private static int[] innermostFirst(Tensor tensor, int rank) {
        int[] axes = new int[rank];
        for (int i = 0; i < rank; i++) {
            int axis = rank - 1 - i;
            int at = i;
            while (at > 0 && Math.abs(tensor.stride(axes[at - 1])) > Math.abs(tensor.stride(axis))) {
                axes[at] = axes[at - 1];
                at--;
            }
            axes[at] = axis;
        }
        return axes;
    }

    /** The stride along an axis counted from the end, 0 where the tensor is repeated. */
    private static long stride(Tensor tensor, int axisFromEnd, long extent) {
        boolean absent = -axisFromEnd > tensor.shape().rank();
        return absent || tensor.shape().dim(axisFromEnd) != extent ? 0 : tensor.stride(axisFromEnd);
    }

    /** Whether axis {@code outer} goes on where the axis inside it ends, in every tensor. */
    private static boolean continues(long[] extents, long[][] strides, int outer) {
        for (long[] steps : strides) {
            if (steps[outer] != steps[outer - 1] * extents[outer - 1]) {
                return false;
            }
        }
        return true;
    }

    private static void nest(
            long[] extents, long[][] strides, long[] addresses, int used, boolean scalar, Tensor[] tensors, Body body) {
        if (used > RANK) {
            int outer = used - 1;
            for (long i = 0; i < extents[outer]; i++) {
                long[] moved = addresses.clone();
                for (int t = 0; t < moved.length; t++) {
                    moved[t] += i * strides[t][outer] * tensors[t].dtype().bytes();
                }
                nest(extents, strides, moved, outer, false, tensors, body);
            }
            return;
        }
        long[] n = {1, 1, 1, 1};
        long[][] s = new long[tensors.length][RANK];
        for (int i = 0; i < used && !scalar; i++) {
            n[RANK - 1 - i] = extents[i];
            for (int t = 0; t < tensors.length; t++) {
                s[t][RANK - 1 - i] = strides[t][i];
            }
        }
        body.run(n, s, addresses);
    }
}
