package org.nautile.validate.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.op.AttentionOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link AttentionOp}. */
public final class AttentionCases implements OpCases {
    private static final Draw NORMAL = Draw.normal(0, 1);
    private static final Draw SOME = Draw.values(1, 1, 0, 1, 0);

    /** For {@link OpCases#of}. */
    public AttentionCases() {}

    @Override
    public List<OpCase> cases() {
        // batch, heads, queries, keys, depth, width: around the CPU's panels (6, 14, 16, 32) and blocks (128), and
        // CUDA's tiles (32), blocks (128) and, for heads of more than 64 columns, squares (64)
        return List.of(
                described(false, "formula", 2, 3, 4, 5, 7, 6)
                        .formula(in -> formula(in[0], in[1], in[2], 5, 7, 6, 1 / Math.sqrt(7))),
                described(true, "causal", 1, 3, 11, 11, 13, 5),
                described(true, "causal, more keys", 2, 1, 7, 19, 8, 16),
                described(true, "causal, more queries", 1, 2, 23, 9, 4, 17),
                described(false, "one query", 3, 5, 1, 33, 16, 8),
                described(false, "one key", 2, 2, 13, 1, 5, 3).zeros(),
                described(false, "one of everything", 1, 1, 1, 1, 1, 1).zeros(),
                described(false, "several blocks", 1, 2, 141, 263, 20, 35),
                described(true, "several causal blocks", 1, 1, 263, 141, 33, 9),
                described(true, "square blocks", 2, 1, 130, 130, 17, 66),
                described(false, "wide heads", 1, 1, 17, 29, 131, 67),
                described(false, "many heads", 3, 7, 31, 37, 12, 11),
                described(true, "more heads than CUDA splits", 8, 12, 40, 67, 4, 8),
                described(true, "full heads", 1, 1, 197, 165, 64, 64),
                masked(described(false, "mask", 3, 2, 6, 13, 9, 10), SOME, 3, 13),
                masked(described(true, "causal with mask", 1, 2, 37, 35, 6, 4), SOME, 1, 35),
                masked(described(false, "mask over several blocks", 2, 1, 67, 150, 8, 7), SOME, 2, 150),
                masked(
                        described(false, "the first keys masked", 1, 2, 5, 140, 8, 6),
                        (r, i) -> i < 131 ? 0 : 1,
                        1,
                        140),
                masked(described(false, "nothing masked", 1, 2, 5, 9, 8, 6), Draw.values(1), 1, 9),
                masked(described(false, "all masked: zeros", 2, 2, 5, 9, 8, 6).zeros(), Draw.values(0), 2, 9),
                masked(
                        described(true, "some rows see nothing: zeros", 1, 2, 9, 9, 5, 6),
                        (r, i) -> i < 3 ? 0 : 1,
                        1,
                        9),
                sided(3, false, "heads side by side", 2, 10, 14, 15, 21),
                sided(4, true, "heads side by side, causal", 2, 35, 35, 32, 32),
                sided(1, false, "one head", 3, 1, 12, 6, 5),
                masked(sided(2, false, "heads side by side, mask", 2, 9, 11, 10, 6), SOME, 2, 11),
                of(new AttentionOp(0, false, 0.75), "scale", NORMAL, 1, 2, 5, 6, 4, 3),
                of(new AttentionOp(0, false, -0.25), "negative scale", NORMAL, 1, 2, 6, 5, 3, 4),
                of(new AttentionOp(0, false), "large scores", Draw.normal(0, 30), 1, 2, 9, 21, 10, 6)
                        .forward(Budget.ulp(8, "weights of scores that were rounded at 1000")
                                .plus(0.05))
                        .backward(Budget.ulp(8, "likewise").plus(5)),
                of(new AttentionOp(0, false), "equal scores", Draw.values(1), 1, 1, 5, 9, 4, 3)
                        .upstream(Draw.integers(1, 4)),
                of(
                                new AttentionOp(0, false),
                                "a NaN",
                                Draw.values(0.5, 1, 2, Double.NaN, 1, 2, 3, 1, 2, 4, 5),
                                1,
                                1,
                                1,
                                3,
                                4,
                                2)
                        .rough(),
                described(false, "no query", 2, 2, 0, 3, 4, 5).zeros(),
                described(false, "no key: zeros", 1, 2, 3, 0, 4, 5).zeros(),
                described(false, "nothing", 0, 2, 3, 5, 4, 6));
    }

    private static OpCase described(boolean causal, String label, int... extents) {
        return of(new AttentionOp(0, causal), label, NORMAL, extents);
    }

    private static OpCase of(AttentionOp op, String label, Draw draw, int... extents) {
        int batch = extents[0];
        int heads = extents[1];
        return budgeted(new OpCase(op, label)
                .input(draw, batch, heads, extents[2], extents[4])
                .input(draw, batch, heads, extents[3], extents[4])
                .input(draw, batch, heads, extents[3], extents[5]));
    }

    /** Heads side by side: batch, queries, keys, and columns of q and of v for all heads. */
    private static OpCase sided(int heads, boolean causal, String label, int... extents) {
        return budgeted(new OpCase(new AttentionOp(heads, causal), label)
                .input(NORMAL, extents[0], extents[1], extents[3])
                .input(NORMAL, extents[0], extents[2], extents[3])
                .input(NORMAL, extents[0], extents[2], extents[4]));
    }

    private static OpCase budgeted(OpCase test) {
        return test.forward(Budget.ulp(4, "the contract of attention.h: 1e-6 of the largest value")
                        .plus(2e-6))
                .backward(Budget.ulp(8, "the contract of attention.h, sums of up to 263 terms")
                        .plus(8e-6));
    }

    private static OpCase masked(OpCase test, Draw mask, int batch, int keys) {
        return test.input(DType.UINT8, mask, batch, keys);
    }

    /** Attention as its formula is written, all scores of a head at once. */
    private static double[] formula(double[] q, double[] k, double[] v, int keys, int depth, int width, double scale) {
        int heads = v.length / (keys * width);
        int queries = q.length / depth / heads;
        double[] y = new double[heads * queries * width];
        for (int row = 0; row < heads * queries; row++) {
            int head = row / queries;
            double[] e = new double[keys];
            double sum = 0;
            for (int j = 0; j < keys; j++) {
                for (int d = 0; d < depth; d++) {
                    e[j] += q[row * depth + d] * k[(head * keys + j) * depth + d];
                }
                e[j] = Math.exp(e[j] * scale);
                sum += e[j];
            }
            for (int c = 0; c < width; c++) {
                for (int j = 0; j < keys; j++) {
                    y[row * width + c] += e[j] / sum * v[(head * keys + j) * width + c];
                }
            }
        }
        return y;
    }
}
