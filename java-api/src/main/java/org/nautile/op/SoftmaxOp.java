package org.nautile.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.SoftmaxKernel;

/**
 * {@code y = exp(x - max) / sum exp(x - max)} along an axis; {@code dx = y (dy - sum y dy)}. The output may be the
 * input. A line of nothing but -inf gives NaN.
 *
 * @param axis from 0, or from the end when negative
 */
public record SoftmaxOp(int axis) implements Op {
    private static final List<String> INPUTS = List.of("x");

    @Override
    public String name() {
        return "softmax";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public boolean overwrites(int input) {
        return true;
    }

    @Override
    public Tensor forward(Call call) {
        return Lines.forward(call, axis, (x, y) -> SoftmaxKernel.TYPE.on(x).forward(x, y));
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Lines.backward(
                call,
                dy,
                gradients,
                axis,
                (y, g, dx, add) -> SoftmaxKernel.TYPE.on(y).backward(y, g, dx, add));
    }
}
