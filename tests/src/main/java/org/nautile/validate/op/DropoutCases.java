package org.nautile.validate.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Philox;
import org.nautile.Tensor;
import org.nautile.op.Call;
import org.nautile.op.DropoutOp;
import org.nautile.op.Gradients;
import org.nautile.op.Op;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link DropoutOp}; what is right is {@link Philox}. */
public final class DropoutCases implements OpCases {
    private static final Draw X = Draw.uniform(-3, 3).awayFrom(0, 0.1);

    /** For {@link OpCases#of}. */
    public DropoutCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                described("half", 0.5, 0, 7, 13),
                described("some, inside a block of four", 0.25, 3, 17, 31),
                described("most", 0.875, 4, 1031),
                described("several tasks", 0.1, 1, 150_001),
                described("counter's high word", 0.5, (1L << 34) - 90, 211),
                described("one element", 0.125, 6, 1),
                described("nothing dropped", 0, 5, 3, 11),
                described("all dropped", 1, 5, 3, 11).zeros(),
                described("nothing", 0.5, 0, 3, 0),
                new OpCase(new Use(new DropoutOp(0.5, 1, 2)), "no numbers")
                        .input(Draw.values(Float.NaN, Float.POSITIVE_INFINITY, -0.0, Float.NEGATIVE_INFINITY), 37)
                        .input(DType.INT64, Draw.values(0), 1)
                        .forward(Budget.exact("a factor of 0 or 2"))
                        .backward(Budget.exact("a factor of 0 or 2"))
                        .rough(),
                position(0, 7, 13),
                position(9, 40_009),
                position(3, 0));
    }

    private static OpCase described(String label, double p, long position, long... dims) {
        DropoutOp op = new DropoutOp(p, 42, 1L << 33);
        boolean exact = 1 / (1 - p) == Math.rint(1 / (1 - p));
        Budget budget = exact
                ? Budget.exact("at most one rounding")
                : Budget.ulp(2, "one product, with a factor that is rounded to float32");
        return new OpCase(new Use(op), label + " p=" + p + " from " + position)
                .input(X, dims)
                .input(DType.INT64, Draw.values((double) position), 1)
                .forward(budget)
                .backward(budget)
                .inPlace(0)
                .gradientOver(OpCase.Overwrites.UPSTREAM)
                .formula(in -> {
                    double[] y = new double[in[0].length];
                    for (int i = 0; i < y.length; i++) {
                        double uniform = (Philox.bits(42, 1L << 33, position + i) & 0xFFFF_FFFFL) * 0x1p-32;
                        y[i] = uniform < 1 - p ? in[0][i] / (1 - p) : 0 * in[0][i];
                    }
                    return y;
                });
    }

    private static OpCase position(long position, long... dims) {
        return new OpCase(new Position(new DropoutOp(0.5, 3, 4)), "position after " + position)
                .input(X, dims)
                .input(DType.INT64, Draw.values((double) position), 1)
                .forward(Budget.exact("an integer"))
                .formula(in -> new double[] {(double) (position + in[0].length)});
    }

    /** The op with a copy of the position: checks use their inputs again, and hold that they stay. */
    private record Use(DropoutOp op) implements Op {
        @Override
        public String name() {
            return op.name();
        }

        @Override
        public List<String> inputs() {
            return op.inputs();
        }

        @Override
        public Tensor forward(Call call) {
            Tensor x = call.input(0);
            Tensor y = call.result(x.dtype(), x.shape());
            Call use = new Call(op, y, call.recording(), x, call.input(1).copy());
            op.forward(use);
            call.save(use.saved(0));
            return y;
        }

        @Override
        public void backward(Call call, Tensor dy, Gradients gradients) {
            op.backward(call, dy, gradients);
        }

        @Override
        public boolean overwrites(int input) {
            return op.overwrites(input);
        }
    }

    /** The position after a use of the op. */
    private record Position(DropoutOp op) implements ForwardOnly {
        @Override
        public String name() {
            return op.name();
        }

        @Override
        public List<String> inputs() {
            return op.inputs();
        }

        @Override
        public Tensor forward(Call call) {
            Tensor position = call.result(DType.INT64, call.input(1).shape()).copyFrom(call.input(1));
            op.apply(call.input(0), position);
            return position;
        }
    }
}
