package org.nautile.validate.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.op.ConcatOp;
import org.nautile.op.Op;
import org.nautile.op.PermuteOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;
import org.nautile.op.Squeeze2dOp;
import org.nautile.op.StackOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of the ops that move elements: concat, stack, squeeze2d and its inverse, and the views permute, reshape and slice. */
public final class CopyCases implements OpCases {
    private static final Draw X = Draw.distinct(1_000_003, 0.125);

    /** For {@link OpCases#of}. */
    public CopyCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                described(new PermuteOp(1, 0), "transpose").input(X, 17, 31).formula(in -> transpose(in[0], 17, 31)),
                described(new PermuteOp(1, 0), "large transpose").input(X, 431, 357),
                described(new PermuteOp(2, 0, 1), "rank 3").input(X, 3, 5, 7),
                described(new PermuteOp(0, 3, 1, 2), "channels first").input(X, 2, 5, 3, 7),
                described(new PermuteOp(5, 2, 0, 4, 1, 3), "rank 6").input(X, 2, 3, 2, 5, 3, 2),
                described(new PermuteOp(), "scalar").input(X),
                described(new ReshapeOp(-1, 7), "reshape").input(X, 2, 7, 5).formula(in -> in[0]),
                described(new ReshapeOp(3), "to rank 1").input(X, 1, 3, 1).formula(in -> in[0]),
                described(new SliceOp(0, 3, 9), "rows").input(X, 11, 13),
                described(new SliceOp(-1, 2, 12, 3), "every third column").input(X, 7, 13),
                described(new SliceOp(1, 4, 4), "empty").input(X, 3, 5).zeros(),
                described(new ConcatOp(0), "rows").input(X, 3, 7).input(X, 5, 7).formula(CopyCases::join),
                described(new ConcatOp(-1), "three, columns")
                        .input(X, 5, 2)
                        .input(X, 5, 11)
                        .input(X, 5, 1),
                described(new ConcatOp(1), "one is empty").input(X, 3, 2, 5).input(X, 3, 0, 5),
                described(new StackOp(0), "stack").input(X, 3, 7).input(X, 3, 7).formula(CopyCases::join),
                described(new StackOp(1), "stack inside").input(X, 5, 3).input(X, 5, 3),
                described(new StackOp(-1), "stack of three")
                        .input(X, 5, 3)
                        .input(X, 5, 3)
                        .input(X, 5, 3),
                described(new StackOp(0), "stack of one number").input(X),
                described(new ConcatOp(0), "several tasks").input(X, 150_001).input(X, 140_009),
                described(new Squeeze2dOp(2, false), "halved")
                        .input(X, 2, 3, 6, 4)
                        .formula(in -> squares(in[0], 2, 3, 6, 4)),
                described(new Squeeze2dOp(2, false), "one channel").input(X, 2, 1, 6, 4),
                described(new Squeeze2dOp(3, false), "a third").input(X, 1, 5, 6, 9),
                described(new Squeeze2dOp(2, false), "many channels").input(X, 2, 40, 4, 6),
                described(new Squeeze2dOp(1, false), "as it is").input(X, 2, 3, 4, 5),
                described(new Squeeze2dOp(2, false), "no picture").input(X, 0, 3, 4, 4),
                described(new Squeeze2dOp(2, true), "doubled").input(X, 2, 12, 3, 2),
                described(new Squeeze2dOp(2, true), "to one channel").input(X, 2, 4, 3, 5),
                described(new Squeeze2dOp(3, true), "three times").input(X, 1, 18, 2, 3),
                of(DType.INT64, Draw.integers(-99, 99)),
                of(DType.INT32, Draw.integers(-99, 99)),
                of(DType.UINT8, Draw.integers(0, 255)));
    }

    private static OpCase described(Op op, String label) {
        return new OpCase(op, op.name() + " " + label)
                .forward(Budget.exact("elements are moved"))
                .backward(Budget.exact("elements are moved"));
    }

    private static OpCase of(DType dtype, Draw draw) {
        return new OpCase(new ConcatOp(1), "concat")
                .input(dtype, draw, 7, 3)
                .input(dtype, draw, 7, 12)
                .forward(Budget.exact("elements are moved"));
    }

    private static double[] transpose(double[] x, int rows, int cols) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i % rows * cols + i / rows];
        }
        return y;
    }

    private static double[] join(double[][] in) {
        double[] y = java.util.Arrays.copyOf(in[0], in[0].length + in[1].length);
        System.arraycopy(in[1], 0, y, in[0].length, in[1].length);
        return y;
    }

    /** Every square of 2 x 2 pixels as four channels. */
    private static double[] squares(double[] x, int n, int channels, int height, int width) {
        double[] y = new double[x.length];
        int at = 0;
        for (int channel = 0; channel < n * channels * 4; channel++) {
            for (int p = 0; p < height / 2; p++) {
                for (int q = 0; q < width / 2; q++) {
                    int row = 2 * p + channel / 2 % 2;
                    int col = 2 * q + channel % 2;
                    y[at++] = x[(channel / 4 * height + row) * width + col];
                }
            }
        }
        return y;
    }
}
