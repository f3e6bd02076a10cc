package org.nautile.validate.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Philox;
import org.nautile.Tensor;
import org.nautile.backend.RandomBitsKernel;
import org.nautile.op.Call;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of the random bits; what is right is {@link Philox}. */
public final class RandomBitsCases implements OpCases {
    /** For {@link OpCases#of}. */
    public RandomBitsCases() {}

    @Override
    public List<OpCase> cases() {
        return List.of(
                described(0, 0, 0, 7, 13),
                described(42, 1, 1, 150_001), // starts inside a block of four, ends inside another
                described(-1, -1, (1L << 34) + 3, 67), // the counter's high word, all words of the key
                described(1L << 40, 5, 2, 1),
                described(7, 1L << 33, 6, 3),
                described(1, 1, 0, 0));
    }

    private static OpCase described(long seed, long stream, long offset, long... dims) {
        return new OpCase(new Bits(seed, stream, offset), "seed " + seed + " stream " + stream + " from " + offset)
                .input(DType.INT32, Draw.integers(0, 9), dims)
                .forward(Budget.exact("integers"))
                .inPlace(0)
                .formula(in -> {
                    double[] bits = new double[in[0].length];
                    for (int i = 0; i < bits.length; i++) {
                        bits[i] = Philox.bits(seed, stream, offset + i);
                    }
                    return bits;
                });
    }

    /** A tensor like x of random bits. */
    private record Bits(long seed, long stream, long offset) implements ForwardOnly {
        @Override
        public String name() {
            return "random_bits";
        }

        @Override
        public boolean overwrites(int input) {
            return true;
        }

        @Override
        public Tensor forward(Call call) {
            Tensor y = call.result(DType.INT32, call.input(0).shape());
            RandomBitsKernel.TYPE.on(y).forward(y, seed, stream, offset);
            return y;
        }
    }
}
