package org.nautile.validate.op;

import java.util.ArrayList;
import java.util.List;
import org.nautile.backend.Conv2dKernel.Geometry;
import org.nautile.op.Conv2dOp;
import org.nautile.op.ConvTranspose2dOp;
import org.nautile.op.Op;
import org.nautile.validate.Budget;
import org.nautile.validate.Draw;
import org.nautile.validate.OpCase;
import org.nautile.validate.OpCases;

/** Cases of {@link Conv2dOp}, and of {@link ConvTranspose2dOp}, which runs on its kernels. */
public final class Conv2dCases implements OpCases {
    /** Of gradients by weights that cuDNN computes: of 899 and 910 products 5.2e-7 were observed, of 2697 8.0e-7. */
    private static final Budget IN_TURN =
            new Budget(0, 0, 8, 1e-6, "products that a library adds up one after the other");

    private static final Draw NORMAL = Draw.normal(0, 1);
    private static final Draw INTEGERS = Draw.integers(-4, 4);

    /** For {@link OpCases#of}. */
    public Conv2dCases() {}

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        // one pixel, a window as large as the picture, padding beyond the window, stride beyond the window, few and odd
        // channels, several parts of a sum
        Geometry plain = new Geometry(1, 0);
        Geometry same = new Geometry(1, 1);
        Geometry strides = new Geometry(3, 2, 1, 2, 2, 3, 1);
        both(cases, plain, 1, 1, 1, 1, 1, 1, 1);
        both(cases, plain, 2, 3, 5, 7, 4, 5, 7);
        both(cases, new Geometry(1, 3), 1, 2, 3, 4, 5, 2, 1);
        both(cases, new Geometry(4, 1), 2, 3, 9, 10, 5, 3, 2);
        both(cases, strides, 2, 5, 11, 13, 7, 3, 2);
        both(cases, new Geometry(2, 0), 2, 4, 8, 6, 17, 1, 1);
        both(cases, new Geometry(1, 0), 3, 19, 4, 5, 33, 1, 1);
        // 1 x 1; with stride, most of x has no gradient
        both(cases, new Geometry(2, 0), 1, 3, 4, 5, 520, 1, 1);
        both(cases, plain, 3, 16, 7, 5, 14, 1, 1);
        both(cases, plain, 2, 48, 11, 13, 37, 1, 1);
        both(cases, new Geometry(1, 1, 0, 0, 1, 1, 2), 2, 32, 5, 7, 26, 1, 1);
        both(cases, same, 2, 37, 7, 6, 21, 3, 3);
        // one channel: the gradient by the weights has few terms in a row of taps
        both(cases, same, 3, 1, 11, 17, 13, 5, 3);
        both(cases, new Geometry(1, 2), 3, 3, 12, 11, 6, 5, 5);
        both(cases, new Geometry(2, 1), 1, 67, 5, 6, 9, 3, 3);
        // many weights, whose gradient is added up over boxes of pixels: of several pictures, of parts of rows, for
        // parts of the
        // channels
        both(cases, same, 7, 20, 6, 5, 35, 3, 3);
        both(cases, new Geometry(2, 1), 1, 17, 3, 261, 37, 3, 3);
        both(cases, plain, 2, 116, 4, 4, 133, 3, 3);
        // as many pictures as vectors have lanes, or nearly
        both(cases, same, 8, 3, 6, 7, 5, 3, 3);
        both(cases, plain, 15, 2, 7, 9, 7, 5, 3);
        both(cases, new Geometry(1, 3), 7, 2, 3, 4, 5, 2, 1);
        both(cases, new Geometry(3, 2, 1, 2, 2, 1, 1), 16, 3, 9, 10, 5, 3, 2);
        cases.add(conv("several tasks of pictures", same, false, NORMAL, 47, 3, 14, 13, 6, 5, 5));
        cases.add(exact(conv("ReLU", same, true, INTEGERS, 8, 5, 6, 7, 9, 3, 3)).rough());
        // 3 x 3 with many channels: squares of 4 x 4 results are computed from points (Winograd)
        cases.add(squares("squares", same, false, 4, 48, 13, 10, 32));
        cases.add(squares("squares", plain, false, 6, 16, 14, 11, 16));
        cases.add(squares("squares", new Geometry(1, 2), false, 1, 64, 18, 17, 48));
        cases.add(squares("several tasks of squares", same, false, 2, 64, 17, 22, 48));
        cases.add(squares("several tasks of squares", same, false, 8, 16, 26, 25, 16));
        cases.add(squares("squares, ReLU", same, true, 4, 32, 12, 12, 32));
        // many channels, with which a GPU does that too
        cases.add(squares("squares of many channels", same, false, 2, 64, 16, 12, 64));
        cases.add(squares("squares of many channels", same, false, 3, 76, 11, 14, 68));
        cases.add(squares("squares of many channels, ReLU", plain, true, 3, 64, 18, 13, 80));
        // groups, one channel a group, several results a channel
        both(cases, new Geometry(1, 1, 1, 1, 1, 1, 2), 2, 6, 7, 5, 4, 3, 3);
        both(cases, new Geometry(2, 1, 0, 1, 1, 2, 3), 1, 9, 8, 9, 6, 2, 3);
        both(cases, new Geometry(1, 1, 1, 1, 1, 1, 19), 2, 19, 6, 7, 19, 3, 3);
        both(cases, new Geometry(2, 3, 2, 1, 1, 2, 5), 3, 5, 9, 8, 5, 3, 2);
        both(cases, new Geometry(1, 1, 0, 0, 1, 1, 4), 2, 4, 5, 5, 12, 2, 2);
        cases.add(conv("several tasks", same, false, NORMAL, 5, 33, 14, 13, 35, 3, 3)
                .backward(IN_TURN));
        // pixels enough for the largest tiles of a GPU
        cases.add(exact(conv("large tiles", plain, false, INTEGERS, 2, 4, 93, 91, 36, 1, 1)));
        cases.add(exact(conv("large tiles", new Geometry(1, 1), false, INTEGERS, 2, 8, 93, 91, 20, 2, 2)));
        // boxes of pixels that a GPU keeps beside few weights: strides, dilation and groups, channels in fours and
        // eights
        both(cases, new Geometry(2, 1, 1, 2, 1, 2, 2), 1, 6, 33, 17, 8, 3, 3);
        both(cases, same, 1, 16, 17, 19, 12, 3, 3);
        cases.add(exact(conv("ReLU", same, true, INTEGERS, 1, 8, 19, 17, 20, 3, 3))
                .rough());
        // few taps of 32 channels or more, for the tensor cores of a GPU: boxes of several pictures, strides, long and
        // wide slabs
        cases.add(conv("tensor cores", plain, false, NORMAL, 3, 64, 11, 8, 68, 1, 1));
        cases.add(exact(conv("tensor cores", same, false, INTEGERS, 6, 32, 6, 4, 32, 2, 2)));
        cases.add(exact(conv("ReLU, tensor cores", new Geometry(2, 0), true, INTEGERS, 2, 32, 8, 10, 96, 2, 2)));
        cases.add(conv("more pixels than are added up at once", same, false, NORMAL, 3, 2, 29, 31, 3, 3, 3)
                .backward(IN_TURN));
        cases.add(conv(
                        "one channel a group, more pixels than are added up at once",
                        new Geometry(1, 1, 1, 1, 1, 1, 3),
                        false,
                        NORMAL,
                        1,
                        3,
                        29,
                        31,
                        3,
                        3,
                        3)
                .backward(IN_TURN));
        cases.add(
                exact(conv("ReLU", same, true, INTEGERS, 2, 5, 6, 7, 18, 3, 3)).rough());
        cases.add(exact(conv("ReLU", new Geometry(1, 1, 1, 1, 1, 1, 5), true, INTEGERS, 2, 5, 6, 7, 5, 3, 3))
                .rough());
        cases.add(new OpCase(new Conv2dOp(same), "no bias")
                .input(NORMAL, 2, 3, 5, 6)
                .input(NORMAL, 4, 3, 3, 3)
                .forward(Budget.product(27))
                .backward(Budget.product(60)));
        cases.add(conv("formula", plain, false, Draw.uniform(-1, 1), 2, 3, 4, 5, 2, 2, 3)
                .formula(in -> formula(in[0], in[1], in[2])));
        cases.add(conv("no pictures", same, false, NORMAL, 0, 3, 4, 5, 2, 3, 3).zeros());
        transposed(cases);
        return cases;
    }

    private static void transposed(List<OpCase> cases) {
        Geometry twice = new Geometry(2, 0);
        Geometry mixed = new Geometry(3, 2, 1, 0, 1, 2, 1);
        cases.add(exact(transpose(twice, 0, 0, INTEGERS, 2, 5, 4, 3, 18, 2, 2)));
        cases.add(transpose(twice, 0, 0, NORMAL, 2, 33, 5, 4, 7, 2, 2));
        cases.add(exact(transpose(twice, 0, 0, INTEGERS, 2, 40, 5, 4, 32, 2, 2)));
        cases.add(transpose(new Geometry(2, 1), 1, 1, NORMAL, 1, 4, 5, 6, 3, 3, 3));
        cases.add(transpose(mixed, 2, 1, NORMAL, 2, 3, 4, 5, 6, 2, 3));
        cases.add(transpose(new Geometry(2, 1), 1, 1, NORMAL, 16, 4, 5, 6, 3, 3, 3));
        cases.add(transpose(new Geometry(1, 1, 1, 1, 1, 1, 2), 0, 0, NORMAL, 2, 4, 5, 4, 6, 3, 3));
        cases.add(transpose(new Geometry(1, 1, 0, 1, 3, 2, 1), 2, 1, NORMAL, 1, 2, 3, 4, 5, 2, 2));
        cases.add(transpose(new Geometry(2, 2, 1, 1, 1, 1, 6), 1, 0, NORMAL, 2, 6, 4, 5, 6, 3, 3));
        cases.add(transpose(twice, 0, 0, NORMAL, 0, 2, 4, 3, 3, 2, 2).zeros());
    }

    /** With integers and with normal numbers. */
    private static void both(List<OpCase> cases, Geometry geometry, int... sizes) {
        cases.add(exact(conv("integers", geometry, false, INTEGERS, sizes)));
        cases.add(conv("normal", geometry, false, NORMAL, sizes));
    }

    /** Sizes: N, C, H, W, K, R, S. */
    private static OpCase conv(String label, Geometry geometry, boolean relu, Draw draw, int... sizes) {
        Op op = new Conv2dOp(geometry, relu);
        return described(op, label, geometry, draw, sizes)
                .input(draw, sizes[4], sizes[1] / geometry.groups(), sizes[5], sizes[6])
                .input(draw, sizes[4]);
    }

    /** Sizes: N, C, H, W, K. What is rounded are sums over 6 x 6 pixels, of which each result is a part. */
    private static OpCase squares(String label, Geometry geometry, boolean relu, int... sizes) {
        OpCase test = conv(label, geometry, relu, NORMAL, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], 3, 3);
        Budget budget = new Budget(0, 0, 48, 3e-6, "3 x 3 by minimal filtering (observed: 34 roundings, 1.1e-6)");
        return test.forward(budget).backward(budget);
    }

    private static OpCase transpose(Geometry geometry, int rows, int cols, Draw draw, int... sizes) {
        Op op = new ConvTranspose2dOp(geometry, rows, cols);
        return described(op, "transposed", geometry, draw, sizes)
                .kernelsOf("conv2d")
                .input(draw, sizes[1], sizes[4] / geometry.groups(), sizes[5], sizes[6])
                .input(draw, sizes[4]);
    }

    private static OpCase described(Op op, String label, Geometry g, Draw draw, int... sizes) {
        String moves = g.strideH() + "/" + g.strideW() + " pad " + g.paddingH() + "/" + g.paddingW() + " dilation "
                + g.dilationH() + "/" + g.dilationW() + " groups " + g.groups();
        int window = sizes[5] * sizes[6];
        int pixels = sizes[0] * sizes[2] * sizes[3] * (op instanceof ConvTranspose2dOp ? 4 : 1);
        return new OpCase(op, label + " stride " + moves)
                .input(draw, sizes[0], sizes[1], sizes[2], sizes[3])
                .forward(Budget.product((long) sizes[1] * window + 1))
                .backward(Budget.product(Math.max(pixels, sizes[4] * window)));
    }

    private static OpCase exact(OpCase test) {
        Budget budget = Budget.exact("integers below 2^24");
        return test.forward(budget).backward(budget).upstream(Draw.integers(1, 4));
    }

    /** 2 pictures of 3 x 4 x 5, a kernel of 2 x 3 x 2 x 3. */
    private static double[] formula(double[] x, double[] weight, double[] bias) {
        double[] y = new double[2 * 2 * 3 * 3];
        for (int i = 0; i < y.length; i++) {
            int image = i / 18;
            int k = i / 9 % 2;
            int p = i / 3 % 3;
            int q = i % 3;
            y[i] = bias[k];
            for (int t = 0; t < 18; t++) {
                int c = t / 6;
                int r = t / 3 % 2;
                int s = t % 3;
                y[i] += x[((image * 3 + c) * 4 + p + r) * 5 + q + s] * weight[k * 18 + t];
            }
        }
        return y;
    }
}
