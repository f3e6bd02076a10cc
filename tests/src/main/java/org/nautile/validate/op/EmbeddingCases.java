package org.nautile.validate.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.op.EmbeddingOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link EmbeddingOp}. */
public final class EmbeddingCases implements OpCases {
    private static final Draw NORMAL = Draw.normal(0, 1);

    /** For {@link OpCases#of}. */
    public EmbeddingCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                described("rows", EmbeddingOp.NONE, 11, 7, 5).formula(in -> rows(in[0], in[1], 7)),
                described("sentences", EmbeddingOp.NONE, 13, 5, 3, 17),
                described("without the padding", 2, 5, 12, 4, 9).rough(),
                described("the padding alone", 0, 1, 3, 7).rough().zeros(),
                described("one word, many uses", EmbeddingOp.NONE, 1, 3, 4099),
                described("long rows", EmbeddingOp.NONE, 9, 517, 23),
                described("large vocabulary", EmbeddingOp.NONE, 3001, 32, 67),
                described("several tasks", 7, 211, 68, 1503),
                described("one index", EmbeddingOp.NONE, 6, 8),
                described("no index", EmbeddingOp.NONE, 6, 4, 0).zeros(),
                new OpCase(new EmbeddingOp(), "small integers")
                        .input(Draw.integers(-9, 9), 5, 6)
                        .input(DType.INT64, Draw.integers(0, 4), 71)
                        .upstream(Draw.integers(-9, 9))
                        .forward(Budget.exact("a copy"))
                        .backward(Budget.exact("sums of small integers")));
    }

    private static OpCase described(String label, long padding, int words, long size, long... dims) {
        return new OpCase(new EmbeddingOp(padding), label)
                .input(NORMAL, words, size)
                .input(DType.INT64, Draw.integers(0, words - 1), dims)
                .forward(Budget.exact("a copy"))
                .backward(Budget.ulp(1, "a sum in double, rounded once"));
    }

    private static double[] rows(double[] weight, double[] index, int size) {
        double[] y = new double[index.length * size];
        for (int i = 0; i < y.length; i++) {
            y[i] = weight[((int) index[i / size]) * size + i % size];
        }
        return y;
    }
}
