package org.nautile.nn;

import java.util.function.UnaryOperator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.op.BinaryOp;

/** How a part of a Transformer's layer is added to its input. */
final class Residual {
    private static final BinaryOp ADD = new BinaryOp(BinaryKernel.Function.ADD);

    private Residual() {}

    /** {@code norm(x + part(x))}, or with normFirst {@code x + part(norm(x))}. */
    static Tensor add(Tensor x, LayerNorm norm, Dropout dropout, boolean normFirst, UnaryOperator<Tensor> part) {
        Tensor added = dropout.forward(part.apply(normFirst ? norm.forward(x) : x));
        Tensor y = Autograd.apply(ADD, x, added);
        return normFirst ? y : norm.forward(y);
    }
}
