package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.CompareKernel;
import org.nautile.backend.CompareKernel.Function;

/**
 * Comparison by element with NumPy's broadcasting: uint8, 1 where it holds and 0 elsewhere. Inputs are of one floating type. NaN
 * is unequal to everything, itself included. No gradient passes through it.
 *
 * @param function the comparison
 */
public record CompareOp(Function function) implements Op {
    private static final List<String> INPUTS = List.of("a", "b");

    @Override
    public String name() {
        return "compare";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        call.floating();
        Tensor a = call.input(0);
        Tensor b = call.input(1);
        Tensor y = call.result(DType.UINT8, Shape.broadcast("compare", a.shape(), b.shape()));
        CompareKernel.TYPE.on(a).forward(a, b, y, function);
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        throw new UnsupportedOperationException("compare has no gradient");
    }
}
