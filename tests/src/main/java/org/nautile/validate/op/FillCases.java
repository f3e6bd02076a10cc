package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.DType;
import org.nautile.Tensor;
import org.nautile.op.Call;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link Tensor#fill}. */
public final class FillCases implements OpCases {
    /** For {@link OpCases#of}. */
    public FillCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        for (double value : new double[] {1.5, -3e38, Double.NEGATIVE_INFINITY, Double.NaN, 0x1p-149}) {
            cases.add(described(DType.FLOAT32, value, 7, 13));
        }
        cases.add(described(DType.FLOAT32, 0, 3, 5).zeros());
        cases.add(described(DType.FLOAT32, 0.25, 150_001));
        cases.add(described(DType.INT32, -7, 5, 3));
        cases.add(described(DType.INT64, -(1L << 40), 17));
        cases.add(described(DType.UINT8, 255, 67));
        cases.add(described(DType.UINT8, 1, 150_001));
        cases.add(described(DType.FLOAT32, 2, 0));
        return cases;
    }

    private static OpCase described(DType dtype, double value, long... dims) {
        return new OpCase(new Fill(value), "with " + value)
                .input(dtype, Draw.integers(1, 9), dims)
                .forward(Budget.exact("the value itself"))
                .inPlace(0);
    }

    /** A tensor like x, filled. */
    private record Fill(double value) implements ForwardOnly {
        @Override
        public String name() {
            return "fill";
        }

        @Override
        public boolean overwrites(int input) {
            return true;
        }

        @Override
        public Tensor forward(Call call) {
            return call.result(call.input(0).dtype(), call.input(0).shape()).fill(value);
        }
    }
}
