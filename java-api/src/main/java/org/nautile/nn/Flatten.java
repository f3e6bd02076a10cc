package org.nautile.nn;

import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.ReshapeOp;

/** Makes one axis of all but the first: [N, ...] becomes [N, D]. */
public final class Flatten extends Module {
    /** The layer has no parameters. */
    public Flatten() {}

    @Override
    public Tensor forward(Tensor x) {
        long batch = x.shape().dim(0);
        long features = 1;
        for (int axis = 1; axis < x.shape().rank(); axis++) {
            features *= x.shape().dim(axis);
        }
        return Autograd.apply(new ReshapeOp(batch, features), x);
    }
}
