package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.op.ConvTranspose2dOp;
import org.nautile.op.PadOp;

/**
 * A transposed convolution: x {@code [N, in, H, W]}, y {@code [N, out, P, Q]} with {@code P = (H - 1) stride - 2 padding + dilation
 * (kernel - 1) + outputPadding + 1}. Parameters {@code weight} [in, out / groups, kernelH, kernelW] and {@code bias} [out], at
 * first uniform in {@code +-1/sqrt(out / groups * kernelH * kernelW)}, as in PyTorch.
 */
public final class ConvTranspose2d extends Module {
    private final int in;
    private final int out;
    private final ConvOptions options;
    private final ConvTranspose2dOp op;
    private final Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * A transposed convolution.
     *
     * @param in channels of x
     * @param out channels of y
     * @param options kernel, stride, padding and the like; the padding mode is zeros
     * @param random draws the first weights
     */
    public ConvTranspose2d(int in, int out, ConvOptions options, Generator random) {
        options.requireChannels("ConvTranspose2d", in, out);
        if (options.paddingMode() != PadOp.Mode.CONSTANT) {
            throw new IllegalArgumentException("ConvTranspose2d: only zeros as padding, not " + options.paddingMode());
        }
        this.in = in;
        this.out = out;
        this.options = options;
        op = new ConvTranspose2dOp(options.geometry(), options.outputPaddingH(), options.outputPaddingW());
        int groups = options.geometry().groups();
        int fan = out / groups * options.kernelH() * options.kernelW();
        float bound = (float) (1 / Math.sqrt(fan));
        weight = parameter(
                "weight", Linear.uniform(bound, random, in, out / groups, options.kernelH(), options.kernelW()));
        bias = options.bias() ? parameter("bias", Linear.uniform(bound, random, out)) : null;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Parameter.apply(op, x, weight, bias);
    }

    @Override
    protected String describe() {
        return "ConvTranspose2d" + options.describe(in, out);
    }
}
