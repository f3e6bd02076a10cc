package org.nautile.validate.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.op.Call;
import org.nautile.op.Gradients;
import org.nautile.op.Op;

/** A kernel that is no op, dressed as one for the checks: of one input unless it says otherwise, and without gradient. */
interface ForwardOnly extends Op {
    @Override
    default List<String> inputs() {
        return List.of("x");
    }

    @Override
    default void backward(Call call, Tensor dy, Gradients gradients) {
        throw new IllegalStateException(name() + " has no gradient");
    }
}
