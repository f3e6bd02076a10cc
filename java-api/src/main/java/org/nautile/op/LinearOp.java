package org.nautile.op;

import java.util.List;
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
        Tensor bias = call.optional(2);
        if (bias != null && !bias.shape().equals(Shape.of(out))) {
            throw call.error("bias must be [" + out + "]");
        }
        Tensor y = call.result(dtype, x.shape().with(-1, out));
        LinearKernel.TYPE.on(x).forward(Axes.matrix(x, 1), weight.contiguous(), bias, Axes.matrix(y, 1));
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Tensor x = Axes.matrix(call.input(0), 1);
        Tensor weight = call.input(1).contiguous();
        Targets to = Targets.all(call, gradients);
        Tensor dx = to.x() == null ? null : Axes.matrix(to.x(), 1);
        LinearKernel.TYPE.on(x).backward(x, weight, Axes.matrix(dy, 1), dx, to.weight(), to.bias(), to.accumulate());
    }
}
