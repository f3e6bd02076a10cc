package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.Conv2dOp;
import org.nautile.op.PadOp;

/**
 * A convolution: x {@code [N, in, H, W]}, y {@code [N, out, P, Q]} with {@code P = (H + 2 padding - dilation (kernel - 1) - 1) /
 * stride + 1}. Parameters {@code weight} [out, in / groups, kernelH, kernelW] and {@code bias} [out], at first uniform in
 * {@code +-1/sqrt(in / groups * kernelH * kernelW)}, as in PyTorch.
 */
public final class Conv2d extends Module {
    private final int in;
    private final int out;
    private final ConvOptions options;
    private final Conv2dOp op;
    private final Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * A convolution with a square kernel, stride 1, no padding, and bias.
     *
     * @param in channels of x
     * @param out channels of y
     * @param kernel rows and columns of the kernel
     * @param random draws the first weights
     */
    public Conv2d(int in, int out, int kernel, Generator random) {
        this(in, out, ConvOptions.kernel(kernel), random);
    }

    /**
     * A convolution.
     *
     * @param in channels of x
     * @param out channels of y
     * @param options kernel, stride, padding and the like
     * @param random draws the first weights
     */
    public Conv2d(int in, int out, ConvOptions options, Generator random) {
        options.requireChannels("Conv2d", in, out);
        if (options.outputPaddingH() + options.outputPaddingW() > 0) {
            throw new IllegalArgumentException("Conv2d: output padding is for ConvTranspose2d");
        }
        this.in = in;
        this.out = out;
        this.options = options;
        boolean zeros = options.paddingMode() == PadOp.Mode.CONSTANT;
        op = new Conv2dOp((zeros ? options : options.padding(0)).geometry());
        int groups = options.geometry().groups();
        int fan = in / groups * options.kernelH() * options.kernelW();
        float bound = (float) (1 / Math.sqrt(fan));
        weight = parameter(
                "weight", Linear.uniform(bound, random, out, in / groups, options.kernelH(), options.kernelW()));
        bias = options.bias() ? parameter("bias", Linear.uniform(bound, random, out)) : null;
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor padded = x;
        if (options.paddingMode() != PadOp.Mode.CONSTANT) {
            padded = pad(padded, 2, options.geometry().paddingH());
            padded = pad(padded, 3, options.geometry().paddingW());
        }
        return Parameter.apply(op, padded, weight, bias);
    }

    private Tensor pad(Tensor x, int axis, int lines) {
        return lines == 0 ? x : Autograd.apply(new PadOp(options.paddingMode(), axis, lines, lines), x);
    }

    @Override
    protected String describe() {
        return "Conv2d" + options.describe(in, out);
    }
}
