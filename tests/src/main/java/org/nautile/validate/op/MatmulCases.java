package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.MatmulPrecision;
import org.nautile.op.MatmulOp;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link MatmulOp}. */
public final class MatmulCases implements OpCases {
    private static final Draw NORMAL = Draw.normal(0, 1);
    private static final Draw INTEGERS = Draw.integers(-4, 4);

    /** For {@link OpCases#of}. */
    public MatmulCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        // m, n, k: around the register tiles (14 x 32 and 6 x 16), around a block of the sum (384), long and thin, sums
        // that CUDA cuts into parts
        int[][] sizes = {
            {1, 1, 1},
            {2, 3, 5},
            {13, 31, 8},
            {14, 32, 17},
            {15, 33, 7},
            {29, 65, 3},
            {6, 16, 383},
            {7, 17, 384},
            {5, 15, 385},
            {1, 97, 61},
            {101, 1, 43},
            {3, 2, 1009},
            {67, 83, 1101},
            {5, 70, 1100},
            {173, 131, 67}
        };
        for (int[] size : sizes) {
            for (int flags = 0; flags < 4; flags++) {
                MatmulOp op = new MatmulOp((flags & 1) != 0, (flags & 2) != 0);
                String label = (op.transposeA() ? "t" : "n") + (op.transposeB() ? "t" : "n");
                Draw draw = size[2] == 1 ? Draw.integers(1, 4) : INTEGERS;
                cases.add(matrices(op, "integers " + label, draw, size)
                        .forward(Budget.exact("integers below 2^24"))
                        .backward(Budget.exact("integers below 2^24"))
                        .upstream(Draw.integers(1, 3)));
            }
            OpCase normal = matrices(new MatmulOp(), "normal", NORMAL, size)
                    .forward(
                            size[2] == 1100
                                    ? new Budget(
                                            0, 0, 8, 1e-6, "1100 products that OpenBLAS adds up (observed: 6.3e-7)")
                                    : Budget.product(size[2]))
                    .backward(Budget.product(Math.max(size[0], size[1])));
            cases.add(size[0] == 1 && size[1] > 1 ? normal.orderByStrides() : normal);
        }
        // What lower precisions round is exact here: an odd end, two parts of a sum, several tasks, tensor cores.
        // MatmulPrecisionTest has numbers that they do round.
        for (MatmulPrecision precision : List.of(MatmulPrecision.HIGH, MatmulPrecision.MEDIUM)) {
            for (int[] size : new int[][] {{33, 47, 35}, {61, 129, 1031}, {353, 281, 149}}) {
                for (int flags = 0; flags < 4; flags++) {
                    MatmulOp op = new MatmulOp((flags & 1) != 0, (flags & 2) != 0);
                    String label = (op.transposeA() ? "t" : "n") + (op.transposeB() ? "t" : "n");
                    cases.add(small(matrices(op, precision + " " + label, INTEGERS, size), precision));
                }
            }
            cases.add(small(
                    new OpCase(new MatmulOp(), precision + ", one b for a batch")
                            .input(INTEGERS, 3, 37, 65)
                            .input(INTEGERS, 65, 40),
                    precision));
            cases.add(new OpCase(new MatmulOp(), precision + ", NaN, infinities")
                    .input(Draw.values(0, 1, Double.NaN, 2, Double.POSITIVE_INFINITY, 0, 3), 35, 37)
                    .input(Draw.values(1, 0, 2, Double.NEGATIVE_INFINITY, 1), 37, 33)
                    .precision(precision)
                    .forward(Budget.product(37))
                    .upstream(Draw.integers(1, 3))
                    .backward(Budget.product(35))
                    .rough());
        }
        cases.add(matrices(new MatmulOp(), "several tasks", NORMAL, 353, 281, 149)
                .forward(Budget.product(149))
                .backward(Budget.product(353)));
        cases.add(matrices(new MatmulOp(), "rows 4 KiB apart", INTEGERS, 17, 20, 1024)
                .forward(Budget.exact("integers below 2^24"))
                .backward(Budget.exact("integers below 2^24"))
                .upstream(Draw.integers(1, 3)));
        // Few rows and a long sum, which CUDA takes in more steps than it has stages, the first in parts; odd ones.
        for (int[] size : new int[][] {{9, 100, 3204}, {1, 60, 5004}, {3, 131, 2003}}) {
            for (boolean transposed : new boolean[] {false, true}) {
                cases.add(matrices(new MatmulOp(false, transposed), "few rows, a long sum", INTEGERS, size)
                        .forward(Budget.exact("integers below 2^24"))
                        .backward(Budget.exact("integers below 2^24"))
                        .upstream(Draw.integers(1, 3)));
            }
        }
        // Four columns of b and y at a time, what CUDA does by its largest tiles and Hopper on tensor cores, but for
        // two rows.
        Draw rough = (random, index) -> switch (index) {
            case 5 * 129 + 70 -> Double.POSITIVE_INFINITY;
            case 300 * 129 -> Double.NaN;
            default -> NORMAL.next(random, index);
        };
        cases.add(new OpCase(new MatmulOp(), "many tiles")
                .input(rough, 923, 129)
                .input(NORMAL, 129, 1108)
                .forward(Budget.product(129))
                .backward(Budget.product(1108)));
        cases.add(shapes("a batch of many small", new long[] {701, 13, 17}, new long[] {701, 17, 19}));
        cases.add(matrices(new MatmulOp(), "formula", NORMAL, 3, 2, 5)
                .forward(Budget.product(5))
                .backward(Budget.product(3))
                .formula(in -> formula(in[0], in[1], 2, 5)));
        cases.add(shapes("batch", new long[] {3, 7, 5}, new long[] {3, 5, 11}));
        cases.add(shapes("two batch axes", new long[] {2, 3, 4, 5}, new long[] {2, 3, 5, 7}));
        cases.add(shapes("one matrix for a batch", new long[] {4, 7}, new long[] {3, 7, 5}));
        cases.add(shapes("a batch and one matrix", new long[] {3, 4, 7}, new long[] {7, 5}));
        cases.add(shapes("both broadcast", new long[] {2, 1, 4, 7}, new long[] {3, 7, 5}));
        cases.add(shapes("vector, matrix", new long[] {7}, new long[] {7, 5}).orderByStrides());
        cases.add(shapes("matrix, vector", new long[] {6, 7}, new long[] {7}));
        cases.add(shapes("vector, batch", new long[] {7}, new long[] {3, 7, 5}).orderByStrides());
        cases.add(shapes("dot product", new long[] {19}, new long[] {19}).orderByStrides());
        cases.add(shapes("no rows", new long[] {0, 4}, new long[] {4, 3}).zeros());
        cases.add(shapes("an empty sum", new long[] {3, 0}, new long[] {0, 4}).zeros());
        cases.add(new OpCase(new MatmulOp(), "NaN times zero, infinities")
                .input(Draw.values(0, 1, Double.NaN, 2, Double.POSITIVE_INFINITY, 0, 3), 5, 7)
                .input(Draw.values(1, 0, 2, Double.NEGATIVE_INFINITY, 1), 7, 9)
                .forward(Budget.product(7))
                .backward(Budget.product(9))
                .rough());
        return cases;
    }

    private static OpCase matrices(MatmulOp op, String label, Draw draw, int... size) {
        int m = size[0];
        int n = size[1];
        int k = size[2];
        return new OpCase(op, label)
                .input(draw, op.transposeA() ? k : m, op.transposeA() ? m : k)
                .input(draw, op.transposeB() ? n : k, op.transposeB() ? k : n);
    }

    private static OpCase small(OpCase integers, MatmulPrecision precision) {
        return integers.precision(precision)
                .forward(Budget.exact("integers of 8 bits, sums below 2^24"))
                .backward(Budget.exact("integers of 8 bits, sums below 2^24"))
                .upstream(Draw.integers(1, 3));
    }

    private static OpCase shapes(String label, long[] a, long[] b) {
        return new OpCase(new MatmulOp(), label)
                .input(NORMAL, a)
                .input(NORMAL, b)
                .forward(Budget.product(19))
                .backward(Budget.product(24));
    }

    private static double[] formula(double[] a, double[] b, int n, int k) {
        double[] y = new double[a.length / k * n];
        for (int i = 0; i < y.length; i++) {
            for (int p = 0; p < k; p++) {
                y[i] += a[i / n * k + p] * b[p * n + i % n];
            }
        }
        return y;
    }
}
