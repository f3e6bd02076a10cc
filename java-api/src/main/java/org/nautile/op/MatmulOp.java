package org.nautile.op;

import java.util.Arrays;
import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.MatmulKernel;

/**
 * The matrix product of the last two axes, as {@code torch.matmul}: {@code y = a b}, {@code da = dy b^T}, {@code db = a^T dy}.
 * Leading axes are batches and are broadcast. An input of rank 1 is a row (a) or a column (b), and its axis disappears
 * from the result. Inputs may have any strides; nothing is copied for a transpose. 2 m n k operations for each matrix.
 *
 * @param transposeA whether a is [..., k, m] instead of [..., m, k]; an input of rank 1 stays as it is
 * @param transposeB whether b is [..., n, k] instead of [..., k, n]
 */
public record MatmulOp(boolean transposeA, boolean transposeB) implements Op {
    private static final List<String> INPUTS = List.of("a", "b");

    /** The product without transposes. */
    public MatmulOp() {
        this(false, false);
    }

    @Override
    public String name() {
        return "matmul";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        DType dtype = call.floating();
        Tensor a = left(call);
        Tensor b = right(call);
        if (a.shape().dim(-1) != b.shape().dim(-2)) {
            throw call.error("a has " + a.shape().dim(-1) + " columns and b "
                    + b.shape().dim(-2) + " rows after transposing" + this.flags());
        }
        Shape batch = Shape.broadcast("matmul (batch axes)", batchOf(a), batchOf(b));
        Shape matrices = join(batch, a.shape().dim(-2), b.shape().dim(-1));
        Tensor y = call.result(dtype, resultShape(call, matrices));
        multiply(a, b, y.shape().equals(matrices) ? y : y.reshape(matrices), false);
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Tensor a = left(call);
        Tensor b = right(call);
        Shape batch = Shape.broadcast("matmul (batch axes)", batchOf(a), batchOf(b));
        Tensor g = dy.reshape(join(batch, a.shape().dim(-2), b.shape().dim(-1)));
        // the gradient is computed in the input's own layout: of a transposed input, the transposed product
        if (gradients.wants(0)) {
            boolean turned = transposeA && call.input(0).shape().rank() > 1;
            Tensor first = turned ? b : g;
            Tensor second = turned ? turn(g) : turn(b);
            gradient(call, 0, first, second, batchOf(a).equals(batch), gradients);
        }
        if (gradients.wants(1)) {
            boolean turned = transposeB && call.input(1).shape().rank() > 1;
            Tensor first = turned ? turn(g) : turn(a);
            Tensor second = turned ? a : g;
            gradient(call, 1, first, second, batchOf(b).equals(batch), gradients);
        }
    }

    private static void gradient(
            Call call, int input, Tensor first, Tensor second, boolean sameBatch, Gradients gradients) {
        Shape shape = call.input(input).shape();
        Shape batch = Shape.broadcast("matmul", batchOf(first), batchOf(second));
        Shape matrices = join(batch, first.shape().dim(-2), second.shape().dim(-1));
        if (sameBatch) {
            boolean accumulate = gradients.accumulates(input);
            multiply(first, second, gradients.buffer(input).reshape(matrices), accumulate);
        } else {
            Tensor all = Tensor.empty(first.device(), first.dtype(), matrices);
            multiply(first, second, all, false);
            Shape own = shape.rank() > 1
                    ? shape
                    : Shape.of(first.shape().dim(-2), second.shape().dim(-1));
            gradients.add(input, Axes.sumTo(all, own).reshape(shape));
        }
    }

    private String flags() {
        return transposeA || transposeB ? " (transposeA " + transposeA + ", transposeB " + transposeB + ")" : "";
    }

    /** a as [..., m, k]. */
    private Tensor left(Call call) {
        Tensor a = call.input(0);
        return switch (a.shape().rank()) {
            case 0 -> throw call.error("a scalar has no rows and columns");
            case 1 -> a.view(Shape.of(1, a.size()), a.offset(), 0, a.stride(0));
            default -> transposeA ? turn(a) : a;
        };
    }

    /** b as [..., k, n]. */
    private Tensor right(Call call) {
        Tensor b = call.input(1);
        return switch (b.shape().rank()) {
            case 0 -> throw call.error("a scalar has no rows and columns");
            case 1 -> b.view(Shape.of(b.size(), 1), b.offset(), b.stride(0), 0);
            default -> transposeB ? turn(b) : b;
        };
    }

    /** The result's shape: without the axes that inputs of rank 1 have not got. */
    private static Shape resultShape(Call call, Shape matrices) {
        Shape shape = call.input(1).shape().rank() == 1 ? matrices.without(-1) : matrices;
        if (call.input(0).shape().rank() == 1) {
            shape = shape.without(call.input(1).shape().rank() == 1 ? -1 : -2);
        }
        return shape;
    }

    /** The last two axes exchanged. */
    private static Tensor turn(Tensor x) {
        int rank = x.shape().rank();
        int[] order = Axes.toLast(rank, rank - 2);
        return Axes.permute(x, order);
    }

    private static Shape batchOf(Tensor x) {
        Shape shape = x.shape();
        return shape.without(-1).without(-1);
    }

    private static Shape join(Shape batch, long rows, long cols) {
        long[] dims = Arrays.copyOf(batch.dims(), batch.rank() + 2);
        dims[batch.rank()] = rows;
        dims[batch.rank() + 1] = cols;
        return Shape.of(dims);
    }

    /** Multiplies [batch..., m, k] and [batch..., k, n] with batch axes broadcast to those of y, which is contiguous. */
    private static void multiply(Tensor a, Tensor b, Tensor y, boolean accumulate) {
        MatmulKernel kernel = MatmulKernel.TYPE.on(y);
        if (y.shape().rank() == 2) { // small products come like this, to which the making of views would show
            kernel.forward(a, b, y, accumulate);
            return;
        }
        Shape batch = batchOf(y);
        kernel.forward(flat(a, batch), flat(b, batch), flat(y, batch), accumulate);
    }

    /** One batch axis: a view where the strides allow it, which is always so for up to one batch axis, or else a copy. */
    private static Tensor flat(Tensor x, Shape batch) {
        int rank = batch.rank();
        int own = x.shape().rank() - 2;
        long[] steps = new long[rank];
        for (int i = 0; i < own; i++) {
            steps[rank - own + i] = x.shape().dim(i) == 1 ? 0 : x.stride(i);
        }
        long rows = x.shape().dim(-2);
        long cols = x.shape().dim(-1);
        long step = 0;
        long expected = 0;
        boolean even = true;
        for (int i = rank - 1; i >= 0; i--) {
            if (batch.dim(i) == 1) {
                continue;
            }
            if (expected == 0 && step == 0 && i == lastAxis(batch)) {
                step = steps[i];
            } else {
                even &= steps[i] == expected;
            }
            expected = steps[i] * batch.dim(i);
        }
        if (even) {
            return x.view(Shape.of(batch.size(), rows, cols), x.offset(), step, x.stride(-2), x.stride(-1));
        }
        long[] strides = Arrays.copyOf(steps, rank + 2);
        strides[rank] = x.stride(-2);
        strides[rank + 1] = x.stride(-1);
        return x.view(join(batch, rows, cols), x.offset(), strides).copy().reshape(Shape.of(batch.size(), rows, cols));
    }

    /** The last axis with more than one element. */
    private static int lastAxis(Shape shape) {
        int axis = shape.rank() - 1;
        while (axis > 0 && shape.dim(axis) == 1) {
            axis--;
        }
        return axis;
    }
}
