package org.nautile.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.UnaryKernel;
import org.nautile.backend.UnaryKernel.Function;

/**
 * An elementary function, applied to every element: {@code y = f(x)}, {@code dx = dy f'(x)}. Derivatives at kinks are PyTorch's:
 * that of abs at 0 is 0, that of clamp at its bounds 1. The output may be the
 * input.
 *
 * @param function the function
 * @param low the lower bound of clamp; unused otherwise
 * @param high the upper bound of clamp; unused otherwise
 */
public record UnaryOp(Function function, double low, double high) implements Op {
    private static final List<String> INPUTS = List.of("x");

    /**
     * A function without parameters.
     *
     * @param function any but clamp
     */
    public UnaryOp(Function function) {
        this(function, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    /**
     * {@code min(max(x, low), high)}.
     *
     * @param low the lower bound; minus infinity for none
     * @param high the upper bound; infinity for none
     * @return the op
     */
    public static UnaryOp clamp(double low, double high) {
        return new UnaryOp(Function.CLAMP, low, high);
    }

    @Override
    public String name() {
        return "unary";
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
        return Elements.forward(call, (x, y) -> UnaryKernel.TYPE.on(x).forward(x, y, function, low, high));
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Elements.backward(
                call,
                dy,
                gradients,
                (x, y, g, dx, add) -> UnaryKernel.TYPE.on(x).backward(x, y, g, dx, function, low, high, add));
    }
}
