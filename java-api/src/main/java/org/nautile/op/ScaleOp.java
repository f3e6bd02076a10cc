package org.nautile.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.ScaleKernel;

/**
 * {@code y = alpha x + beta} for every element; {@code dx = alpha dy}. The output may be the input.
 *
 * @param alpha the factor
 * @param beta the summand
 */
public record ScaleOp(double alpha, double beta) implements Op {
    private static final List<String> INPUTS = List.of("x");

    @Override
    public String name() {
        return "scale";
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
        return Elements.forward(call, (x, y) -> ScaleKernel.TYPE.on(x).forward(x, y, alpha, beta));
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        if (gradients.wants(0)) {
            gradients.add(0, new ScaleOp(alpha, 0).apply(dy));
        }
    }
}
