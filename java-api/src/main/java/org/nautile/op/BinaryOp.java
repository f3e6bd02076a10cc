package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.BinaryKernel.Function;

/**
 * Arithmetic by element with NumPy's broadcasting: {@code y = a op b}. Inputs are of one floating type; the output has the
 * broadcast shape and may be an input of that shape. The gradient of a repeated element is the sum over its repetitions.
 *
 * <p>The gradient of a maximum or minimum goes to the argument that is the result, half to each where both are, as in PyTorch.
 *
 * @param function the function; the derivatives among them have no gradient
 */
public record BinaryOp(Function function) implements Op {
    private static final List<String> INPUTS = List.of("a", "b");
    private static final BinaryOp MULTIPLY = new BinaryOp(Function.MUL);
    private static final BinaryOp DIVIDE = new BinaryOp(Function.DIV);
    private static final BinaryOp MAXIMUM_BY_A = new BinaryOp(Function.MAXIMUM_BY_A);
    private static final BinaryOp POWER_BY_A = new BinaryOp(Function.POWER_BY_A);
    private static final BinaryOp POWER_BY_B = new BinaryOp(Function.POWER_BY_B);
    private static final ScaleOp NEGATE = new ScaleOp(-1, 0);

    @Override
    public String name() {
        return "binary";
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
        DType dtype = call.floating();
        Tensor a = call.input(0);
        Tensor b = call.input(1);
        Shape shape = Shape.broadcast("binary", a.shape(), b.shape());
        Tensor y = layout(call, a, b, dtype, shape);
        BinaryKernel kernel = BinaryKernel.TYPE.on(y);
        if (y.isContiguous()) {
            kernel.forward(a, b, y, function);
        } else {
            kernel.forward(channelsLast(a), channelsLast(b), channelsLast(y), function);
        }
        return y;
    }

    /** The result, laid out as the input that has its shape, or if that is both as the one that is channels-last. */
    private static Tensor layout(Call call, Tensor a, Tensor b, DType dtype, Shape shape) {
        Tensor like = a.isDense() && !a.isContiguous() ? a : b;
        boolean pictures =
                like.isDense() && !like.isContiguous() && like.shape().equals(shape);
        return pictures ? call.resultLike(like) : call.result(dtype, shape);
    }

    /** A view of [N, C, H, W], or of what repeats to that, as [N, H, W, C]. */
    private static Tensor channelsLast(Tensor x) {
        Shape shape = x.shape();
        Shape four = Shape.of(1, 1, 1, 1);
        for (int axis = 0; axis < shape.rank(); axis++) {
            four = four.with(4 - shape.rank() + axis, shape.dim(axis));
        }
        long[] strides = new long[4];
        System.arraycopy(x.strides(), 0, strides, 4 - shape.rank(), shape.rank());
        return Axes.permute(x.view(four, x.offset(), strides), 0, 2, 3, 1);
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Tensor a = call.input(0);
        Tensor b = call.input(1);
        if (gradients.wants(0)) {
            Tensor da = switch (function) {
                case ADD, SUB -> dy;
                case MUL -> MULTIPLY.apply(dy, b);
                case DIV -> DIVIDE.apply(dy, b);
                case MAXIMUM -> MULTIPLY.apply(dy, MAXIMUM_BY_A.apply(a, b));
                case MINIMUM -> MULTIPLY.apply(dy, MAXIMUM_BY_A.apply(b, a));
                case POWER -> MULTIPLY.apply(dy, POWER_BY_A.apply(a, b));
                default -> throw noGradient();
            };
            gradients.add(0, Axes.sumTo(da, a.shape()));
        }
        if (gradients.wants(1)) {
            Tensor db = switch (function) {
                case ADD -> dy;
                case SUB -> NEGATE.apply(dy);
                case MUL -> MULTIPLY.apply(dy, a);
                case DIV -> // -a / b^2, as -(y / b)
                    NEGATE.apply(MULTIPLY.apply(dy, DIVIDE.apply(call.output(), b)));
                case MAXIMUM -> MULTIPLY.apply(dy, MAXIMUM_BY_A.apply(b, a));
                case MINIMUM -> MULTIPLY.apply(dy, MAXIMUM_BY_A.apply(a, b));
                case POWER -> MULTIPLY.apply(dy, POWER_BY_B.apply(a, b));
                default -> throw noGradient();
            };
            gradients.add(1, Axes.sumTo(db, b.shape()));
        }
    }

    private UnsupportedOperationException noGradient() {
        return new UnsupportedOperationException("binary: " + function + " is a derivative, and has none itself");
    }
}
