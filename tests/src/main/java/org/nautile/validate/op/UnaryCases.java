package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.backend.UnaryKernel.Function;
import org.nautile.op.UnaryOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link UnaryOp}. */
public final class UnaryCases implements OpCases {
    private static final float NAN = Float.NaN;
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    /** Where functions overflow, have poles, or are computed in another way, and what has no neighbours. */
    private static final double[] EDGES = {
        0, -0.0, 1, -1, 0x1p-149, -0x1p-149, 0x1p-127, 0x1p-126, 1e-20, 1e-4, 0.49, 0.5, -0.5, 0.7071, 0.7072, 0.9999,
        1.0001, 1.4142, 1.5, 2, 2.5, -2.5, 3, 3.1415927, 1.5707964, -4.712389, 22, 88.7, 100, -87.3, -103, -104, 1e4,
        1048575, -1048576, 1048577, 8388607.5, 8388609, 3e9, -3e9, 1e20, 1e30, 3e38, -3e38, INFINITY, -INFINITY, NAN
    };

    /** For {@link OpCases#of}. */
    public UnaryCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (Function function : Function.values()) {
            UnaryOp op = function == Function.CLAMP ? UnaryOp.clamp(-1.25, 2.5) : new UnaryOp(function);
            boolean positive =
                    List.of(Function.LOG, Function.SQRT, Function.RSQRT).contains(function);
            Draw x = positive
                    ? Draw.uniform(0.1, 6)
                    : (random, index) -> -5 + random.nextInt(11) + 0.05 + 0.15 * random.nextDouble(); // no kinks
            cases.add(described(op, "one shape").input(x, 7, 13).formula(in -> formula(op, in[0])));
            cases.add(described(op, "one element").input(Draw.values(2.75), 1));
            cases.add(described(op, "several tasks").input(x, 150_001));
            OpCase large = described(op, "large").input(Draw.uniform(1000, 1e6), 3, 11, 5);
            cases.add(function == Function.EXP || function == Function.FLOOR ? large.rough() : large);
            cases.add(described(op, "edges")
                    .input(Draw.values(EDGES), 2, EDGES.length)
                    .rough());
            cases.add(described(op, "nothing").input(x, 3, 0));
        }
        cases.add(described(UnaryOp.clamp(Double.NEGATIVE_INFINITY, 0.5), "above alone")
                .input(Draw.values(EDGES), EDGES.length)
                .rough());
        cases.add(described(UnaryOp.clamp(0.5, Double.POSITIVE_INFINITY), "below alone")
                .input(Draw.values(EDGES), EDGES.length)
                .rough());
        cases.add(described(UnaryOp.clamp(-1, 1), "at the bounds")
                .input(Draw.values(-1, 1, -0.99, 1.01, -1.01, 0), 13)
                .rough());
        return cases;
    }

    private static OpCase described(UnaryOp op, String label) {
        OpCase described = new OpCase(op, label + " " + op.function())
                .forward(forward(op.function()))
                .backward(backward(op.function()))
                .inPlace(0)
                .gradientOver(OpCase.Overwrites.UPSTREAM);
        boolean flat = switch (op.function()) {
            case SIGN, FLOOR -> !label.equals("nothing");
            case CLAMP -> label.equals("one element") || label.equals("large");
            default -> false;
        };
        return flat ? described.zeros() : described;
    }

    private static Budget forward(Function function) {
        return switch (function) {
            case EXP, LOG, SIN, COS, RSQRT -> Budget.ulp(2, "the contract of unary.h");
            default -> Budget.exact("at most one rounding");
        };
    }

    private static Budget backward(Function function) {
        return switch (function) {
            case ABS, NEG, SIGN, FLOOR, CLAMP -> Budget.exact("a sign, or nothing");
            case RSQRT -> Budget.ulp(8, "the contract of unary.h: a cube of what was rounded twice");
            default -> Budget.ulp(4, "the contract of unary.h");
        };
    }

    /** The functions a second time. */
    private static double[] formula(UnaryOp op, double... x) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double v = x[i];
            y[i] = switch (op.function()) {
                case EXP -> Math.expm1(v) + 1;
                case LOG -> Math.log10(v) * Math.log(10);
                case SQRT -> Math.pow(v, 0.5);
                case RSQRT -> Math.pow(v, -0.5);
                case ABS -> Math.max(v, -v);
                case NEG -> 0 - v;
                case SQUARE -> Math.pow(v, 2);
                case RECIPROCAL -> Math.pow(v, -1);
                case SIN -> Math.cos(v - Math.PI / 2);
                case COS -> Math.sin(v + Math.PI / 2);
                case SIGN -> Math.signum(v);
                case FLOOR -> v - Math.IEEEremainder(v, 1) - (Math.IEEEremainder(v, 1) < 0 ? 1 : 0);
                case CLAMP -> v < op.low() ? op.low() : v > op.high() ? op.high() : v;
            };
        }
        return y;
    }
}
