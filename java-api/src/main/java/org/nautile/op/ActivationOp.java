package org.nautile.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.ActivationKernel.Function;

/**
 * An activation function, applied to every element: {@code y = f(x)}, {@code dx = dy f'(x)}. The derivative of ReLU and its
 * kin at 0 is the one for {@code x < 0}, as in PyTorch. The output may be the input.
 *
 * @param function the function
 * @param alpha the slope of leaky ReLU or the scale of ELU; unused otherwise
 */
public record ActivationOp(Function function, double alpha) implements Op {
    private static final List<String> INPUTS = List.of("x");

    /**
     * A function with PyTorch's default parameter: slope 0.01 for leaky ReLU, scale 1 for ELU.
     *
     * @param function the function
     */
    public ActivationOp(Function function) {
        this(function, function == Function.LEAKY_RELU ? 0.01 : 1);
    }

    @Override
    public String name() {
        return "activation";
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
        return Elements.forward(call, (x, y) -> ActivationKernel.TYPE.on(x).forward(x, y, function, alpha));
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Elements.backward(
                call,
                dy,
                gradients,
                (x, y, g, dx, add) -> ActivationKernel.TYPE.on(x).backward(x, y, g, dx, function, alpha, add));
    }
}
