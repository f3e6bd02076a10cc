package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.nautile.backend.ReduceKernel.Function;
import org.nautile.op.ReduceOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link ReduceOp}. */
public final class ReduceCases implements OpCases {
    /** For {@link OpCases#of}. */
    public ReduceCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (Function function : Function.values()) {
            boolean extreme = function == Function.MAX || function == Function.MIN;
            Draw x = extreme ? Draw.distinct(1_000_003, 0.001) : Draw.normal(0, 1);
            cases.add(described(ReduceOp.all(function), "everything")
                    .input(x, 7, 13)
                    .formula(in -> formula(function, in[0])));
            cases.add(described(ReduceOp.along(function, -1), "rows").input(x, 5, 37));
            cases.add(described(ReduceOp.along(function, 0), "columns").input(x, 37, 5));
            cases.add(described(ReduceOp.along(function, 1), "middle axis").input(x, 3, 11, 17));
            cases.add(described(new ReduceOp(function, List.of(0, -1), true), "kept axes")
                    .input(x, 2, 7, 3, 5));
            cases.add(described(ReduceOp.along(function, 1), "an axis of 1").input(x, 6, 1, 2));
            cases.add(described(ReduceOp.all(function), "a scalar").input(x));
            cases.add(described(ReduceOp.all(function), "several tasks").input(x, 300_007));
            cases.add(described(ReduceOp.along(function, 0), "many columns").input(x, 23, 20_011));
            cases.add(described(ReduceOp.along(function, 1), "many rows").input(x, 20_011, 7));
            cases.add(described(ReduceOp.along(function, 0), "NaN and infinities")
                    .input(
                            Draw.values(Double.NaN, 1, Double.POSITIVE_INFINITY, -2, 3, Double.NEGATIVE_INFINITY, 0),
                            4,
                            5)
                    .rough());
            cases.add(described(ReduceOp.along(function, 1), "no rows").input(x, 0, 5));
            if (extreme) {
                cases.add(described(ReduceOp.along(function, 1), "equals: the first")
                        .input(Draw.integers(-1, 1), 7, 19)
                        .rough());
            } else {
                OpCase nothing = described(ReduceOp.along(function, 1), "sums of nothing")
                        .input(x, 3, 0);
                cases.add(function == Function.SUM ? nothing.zeros() : nothing);
                cases.add(described(ReduceOp.all(function), "large and small")
                        .input(Draw.values(1e8, 1, -1e8, 0.25), 4096));
            }
        }
        return cases;
    }

    private static OpCase described(ReduceOp op, String label) {
        boolean extreme = op.function() == Function.MAX || op.function() == Function.MIN;
        Budget one = extreme ? Budget.exact("one of the elements") : Budget.ulp(1, "summed in double: one rounding");
        return new OpCase(op, label + " " + op.function()).forward(one).backward(one);
    }

    private static double[] formula(Function function, double... x) {
        DoubleStream stream = DoubleStream.of(x);
        return new double[] {
            switch (function) {
                case SUM -> stream.sum();
                case MEAN -> stream.average().orElseThrow();
                case MAX -> stream.max().orElseThrow();
                case MIN -> stream.min().orElseThrow();
            }
        };
    }
}
