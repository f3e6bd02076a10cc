package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.WhereKernel;

/**
 * {@code y = condition ? a : b} by element, with NumPy's broadcasting of all three. The condition is uint8, a and b are of one
 * floating type. The gradient goes to whichever was taken; that of a repeated element is the sum over its repetitions. The
 * output may be a or b if that has its shape.
 */
public record WhereOp() implements Op {
    private static final List<String> INPUTS = List.of("condition", "a", "b");

    @Override
    public String name() {
        return "where";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public boolean overwrites(int input) {
        return input > 0;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor condition = call.input(0);
        Tensor a = call.input(1);
        Tensor b = call.input(2);
        if (condition.dtype() != DType.UINT8 || !a.dtype().isFloating() || b.dtype() != a.dtype()) {
            throw call.error("condition must be uint8, a and b of one floating type");
        }
        Shape shape = Shape.broadcast("where", condition.shape(), Shape.broadcast("where", a.shape(), b.shape()));
        Tensor y = call.result(a.dtype(), shape);
        choose(condition, a, b, y);
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Tensor condition = call.input(0);
        Tensor zero = Tensor.full(dy.device(), dy.dtype(), Shape.SCALAR, 0);
        for (int input = 1; input <= 2; input++) {
            if (gradients.wants(input)) {
                Tensor part = Tensor.empty(dy.device(), dy.dtype(), dy.shape());
                choose(condition, input == 1 ? dy : zero, input == 1 ? zero : dy, part);
                gradients.add(input, Axes.sumTo(part, call.input(input).shape()));
            }
        }
    }

    private static void choose(Tensor condition, Tensor a, Tensor b, Tensor y) {
        WhereKernel.TYPE.on(y).forward(condition, a, b, y);
    }
}
