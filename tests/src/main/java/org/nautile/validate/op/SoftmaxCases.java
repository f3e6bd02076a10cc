package org.nautile.validate.op;

import java.util.List;
import org.nautile.op.SoftmaxOp;
import org.nautile.validate.Budget;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link SoftmaxOp}. */
public final class SoftmaxCases implements OpCases {
    /** For {@link OpCases#of}. */
    public SoftmaxCases() {}

    @Override
    public List<OpCase> cases() {
        return Lines.cases(
                SoftmaxOp::new,
                Budget.ulp(8, "the contract of softmax.h").plus(2e-7),
                Budget.ulp(8, "a weight times a difference of terms below 1").plus(5e-7),
                (x, i, sum) -> Math.exp(x[i]) / sum);
    }
}
