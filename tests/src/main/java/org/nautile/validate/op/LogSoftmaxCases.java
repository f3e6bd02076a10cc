package org.nautile.validate.op;

import java.util.List;
import org.nautile.op.LogSoftmaxOp;
import org.nautile.validate.Budget;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link LogSoftmaxOp}. */
public final class LogSoftmaxCases implements OpCases {
    /** For {@link OpCases#of}. */
    public LogSoftmaxCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = Lines.cases(
                LogSoftmaxOp::new,
                Budget.ulp(4, "the contract of log_softmax.h: 4 ulp of the largest term")
                        .plus(1e-6),
                Budget.ulp(8, "a weight times a sum of terms below 1").plus(2e-6),
                (x, i, sum) -> x[i] - Math.log(sum));
        cases.stream()
                .filter(test -> test.name().startsWith("very wide"))
                .forEach(test -> test.backward(Budget.ulp(8, "a weight times a sum of 4100 terms (observed: 4.5e-6)")
                        .plus(5e-6)));
        return cases;
    }
}
