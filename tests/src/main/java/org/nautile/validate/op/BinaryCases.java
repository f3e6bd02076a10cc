package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.backend.BinaryKernel.Function;
import org.nautile.op.BinaryOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link BinaryOp}. */
public final class BinaryCases implements OpCases {
    private static final Draw B = Draw.uniform(0.5, 2);

    /** For {@link OpCases#of}. */
    public BinaryCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (Function function : Function.values()) {
            Draw a = left(function);
            cases.add(described(function, "one shape")
                    .input(a, 17, 31)
                    .input(B, 17, 31)
                    .inPlace(0)
                    .formula(in -> formula(function, in[0], in[1])));
            cases.add(
                    described(function, "over b").input(a, 7, 5).input(B, 7, 5).inPlace(1));
            cases.add(described(function, "several tasks").input(a, 150_001).input(B, 150_001));
            cases.add(described(function, "row").input(a, 17, 31).input(B, 31).inPlace(0));
            cases.add(described(function, "several tasks of rows")
                    .input(a, 431, 357)
                    .input(B, 357));
            cases.add(described(function, "column").input(a, 17, 31).input(B, 17, 1));
            cases.add(described(function, "scalar").input(a, 3, 11).input(B));
            cases.add(described(function, "scalar in front").input(a).input(B, 5, 7));
            cases.add(described(function, "both").input(a, 13, 1).input(B, 1, 19));
            cases.add(described(function, "six axes").input(a, 2, 1, 2, 3, 1, 5).input(B, 3, 1, 1, 2, 5));
            OpCase nothing = described(function, "nothing").input(a, 0, 5).input(B, 5);
            cases.add(hasGradient(function) ? nothing.zeros() : nothing);
            OpCase extremes = described(function, "extremes")
                    .input(Draw.values(0, -0.0, 1, Float.NaN, Float.POSITIVE_INFINITY, 3e38, -3e38, 0x1p-149), 8, 1)
                    .input(Draw.values(0, 2, Float.NEGATIVE_INFINITY, 3e38, 0x1p-120, 0x1p-149, Float.NaN), 7);
            cases.add(hasGradient(function) ? extremes.rough() : extremes);
        }
        for (Function function : List.of(Function.MAXIMUM, Function.MINIMUM)) {
            cases.add(new OpCase(new BinaryOp(function), "ties " + function)
                    .input(Draw.integers(-2, 2), 13, 7)
                    .input(Draw.integers(-2, 2), 13, 7)
                    .forward(Budget.exact("a copy"))
                    .backward(Budget.exact("all, half or nothing")));
        }
        cases.add(described(Function.POWER, "signs and zeros")
                .input(Draw.values(-2, -1, 0, -0.0, 1, 2, 0.5), 7, 1)
                .input(Draw.values(-3, -2, -1, 0, 1, 2, 3, 0.5, -0.5), 9)
                .rough());
        return cases;
    }

    private static Draw left(Function function) {
        return switch (function) {
            case ADD, SUB, MUL, DIV -> Draw.uniform(-3, 3).awayFrom(0, 0.05);
            case MAXIMUM, MINIMUM, MAXIMUM_BY_A -> Draw.uniform(0.45, 1.95); // either may be the larger
            case POWER, POWER_BY_A, POWER_BY_B -> Draw.uniform(1.1, 3); // with positive logarithms
        };
    }

    private static OpCase described(Function function, String label) {
        OpCase described = new OpCase(new BinaryOp(function), label + " " + function).forward(forward(function));
        return hasGradient(function) ? described.backward(backward(function)) : described;
    }

    /** Those that are derivatives themselves have none. */
    private static boolean hasGradient(Function function) {
        return function.ordinal() < Function.MAXIMUM_BY_A.ordinal();
    }

    private static Budget forward(Function function) {
        return switch (function) {
            case POWER -> Budget.ulp(4, "the contract of binary.h");
            case POWER_BY_A, POWER_BY_B -> Budget.ulp(2, "the contract of binary.h");
            default -> Budget.exact("one rounding");
        };
    }

    private static Budget backward(Function function) {
        int terms = switch (function) {
            case ADD, SUB -> 2;
            case POWER -> 8;
            default -> 4;
        };
        return new Budget(
                function == Function.POWER ? 4 : 1,
                0,
                terms,
                Double.POSITIVE_INFINITY,
                "sums in double, one for each run of axes, of rounded terms");
    }

    private static double[] formula(Function function, double[] a, double[] b) {
        double[] y = new double[a.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = switch (function) {
                case ADD -> a[i] + b[i];
                case SUB -> a[i] - b[i];
                case MUL -> a[i] * b[i];
                case DIV -> a[i] / b[i];
                case MAXIMUM -> a[i] > b[i] ? a[i] : b[i];
                case MINIMUM -> a[i] < b[i] ? a[i] : b[i];
                case POWER -> Math.exp(b[i] * Math.log(a[i]));
                case MAXIMUM_BY_A -> (1 + Math.signum(a[i] - b[i])) / 2;
                case POWER_BY_A -> Math.pow(a[i], b[i]) * b[i] / a[i];
                case POWER_BY_B -> Math.pow(a[i], b[i]) * Math.log(a[i]);
            };
        }
        return y;
    }
}
