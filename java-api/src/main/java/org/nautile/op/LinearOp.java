package org.nautile.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.LinearKernel;

/**
 * A fully connected layer: {@code y = x weight^T + bias} with x [..., in], weight [out, in], an optional bias [out], y [...,
 * out]. Leading axes of x are a batch. {@code dx = dy weight}, {@code dweight = dy^T x}, {@code dbias = } the sum of dy over
 * the batch.
 */
public record LinearOp() implements Op {
    private static final List<String> INPUTS = List.of("x", "weight", "bias");

    @Override
    public String name() {
        return "linear";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        DType dtype = call.floating();
        Tensor x = call.input(0);
        Tensor weight = call.input(1);
        if (x.shape().rank() < 1
                || weight.shape().rank() != 2
                || x.shape().dim(-1) != weight.shape().dim(1)) {
            throw call.error("weight must be [out,in] with in the last extent of x");
        }
        long out = weight.shape().dim(0);
        Tensor bias = call.count() > 2 ? call.input(2) : null;
        if (bias != null && !bias.shape().equals(Shape.of(out))) {
            throw call.error("bias must be [" + out + "]");
        }
        Tensor y = call.result(dtype, x.shape().with(-1, out));
        Tensor rows = rows(x);
        kernel(x)
                .forward(
                        rows,
                        weight.contiguous(),
                        bias == null ? null : bias.contiguous(),
                        y.reshape(Shape.of(rows.shape().dim(0), out)));
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Tensor x = rows(call.input(0));
        Tensor weight = call.input(1).contiguous();
        boolean[] accumulate = new boolean[3];
        Tensor[] targets = new @Nullable Tensor[3];
        for (int i = 0; i < call.count(); i++) {
            if (gradients.wants(i)) {
                accumulate[i] = gradients.accumulates(i);
                targets[i] = gradients.buffer(i);
            }
        }
        Tensor dx = targets[0] == null ? null : targets[0].reshape(x.shape());
        Tensor g = dy.reshape(Shape.of(x.shape().dim(0), weight.shape().dim(0)));
        kernel(x).backward(x, weight, g, dx, targets[1], targets[2], accumulate);
    }

    /** x as a matrix. */
    private static Tensor rows(Tensor x) {
        Shape shape = x.shape();
        return x.reshape(Shape.of(Axes.extent(shape, 0, shape.rank() - 1), shape.dim(-1)));
    }

    private static LinearKernel kernel(Tensor x) {
        return x.device().backend().kernel(LinearKernel.TYPE);
    }
}
