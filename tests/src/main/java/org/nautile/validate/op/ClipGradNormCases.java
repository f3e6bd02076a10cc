package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nautile.backend.ClipGradNormKernel;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of the gradients' norm. */
public final class ClipGradNormCases implements OpCases {
    private static final List<String> INPUTS = List.of("gradient", "norm");

    /** For {@link OpCases#of}. */
    public ClipGradNormCases() {}

    @Override
    public List<OpCase> cases() {
        Draw normal = Draw.normal(0, 1);
        List<OpCase> cases = new ArrayList<>();
        for (int result = 0; result < INPUTS.size(); result++) {
            String what = ", " + INPUTS.get(result);
            cases.add(described("one" + what, normal, 0.125, result, 1));
            cases.add(described("too large" + what, normal, 0.5, result, 91));
            cases.add(described("small enough" + what, normal, 1e6, result, 91));
            cases.add(described("several tasks" + what, normal, 3, result, 150_001));
            cases.add(described("tiny" + what, Draw.normal(0, 1e-30), 1e-8, result, 67));
            cases.add(described("huge" + what, Draw.normal(0, 1e30), 1, result, 67));
            cases.add(described("NaN" + what, Draw.values(1, Double.NaN, -1), 1, result, 33));
            cases.add(described("infinite" + what, Draw.values(1, Double.POSITIVE_INFINITY, -1), 1, result, 33));
        }
        cases.add(described("nothing, gradient", normal, 1, 0, 0));
        cases.add(described("nothing, norm", normal, 1, 1, 0).zeros());
        return cases;
    }

    private static OpCase described(String label, Draw gradient, double maxNorm, int result, long size) {
        OptimizerStep.Kernel kernel = t -> ClipGradNormKernel.TYPE.on(t[0]).step(t[0], t[1], maxNorm);
        return new OpCase(new OptimizerStep("clip_grad_norm", INPUTS, result, kernel), label)
                .input(gradient, size)
                .input(Draw.values(7), 1)
                .forward(Budget.ulp(4, "the contract of clip_grad_norm.h"))
                .formula(in -> formula(in[0], maxNorm, result));
    }

    private static double[] formula(double[] gradient, double maxNorm, int result) {
        double norm =
                Math.sqrt(Arrays.stream(gradient).map(value -> value * value).sum());
        double factor = Math.min(1, maxNorm / (norm + 1e-6));
        return result == 1
                ? new double[] {norm}
                : Arrays.stream(gradient).map(value -> value * factor).toArray();
    }
}
