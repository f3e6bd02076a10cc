package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.Conv2dKernel;
import org.nautile.backend.Conv2dKernel.Geometry;
import org.nautile.backend.CopyKernel;

/**
 * A transposed convolution: what {@link Conv2dOp} does to gradients. x [N, C, H, W], weight [C, K / groups, R, S], an optional
 * bias [K], y [N, K, P, Q] with {@code P = (H - 1) stride - 2 padding + dilation (R - 1) + outputPadding + 1}. It runs on the
 * kernels of {@link Conv2dOp} with the roles of x and y exchanged.
 *
 * @param geometry how the kernel moves over the result
 * @param outputPaddingH rows of the result, at its end, that a convolution would leave out; below the stride or the dilation
 * @param outputPaddingW columns likewise
 */
public record ConvTranspose2dOp(Geometry geometry, int outputPaddingH, int outputPaddingW) implements Op {
    private static final List<String> INPUTS = List.of("x", "weight", "bias");

    /**
     * Checks the output padding.
     *
     * @param geometry the moves
     * @param outputPaddingH rows
     * @param outputPaddingW columns
     */
    public ConvTranspose2dOp {
        if (Math.min(outputPaddingH, outputPaddingW) < 0
                || outputPaddingH >= Math.max(geometry.strideH(), geometry.dilationH())
                || outputPaddingW >= Math.max(geometry.strideW(), geometry.dilationW())) {
            throw new IllegalArgumentException("conv_transpose2d: output padding " + outputPaddingH + "x"
                    + outputPaddingW + " must be below the stride or the dilation, " + geometry);
        }
    }

    /**
     * A transposed convolution without output padding.
     *
     * @param geometry how the kernel moves over the result
     */
    public ConvTranspose2dOp(Geometry geometry) {
        this(geometry, 0, 0);
    }

    @Override
    public String name() {
        return "conv_transpose2d";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        DType dtype = call.floating();
        Shape x = call.input(0).shape();
        Shape weight = call.input(1).shape();
        if (x.rank() != 4 || weight.rank() != 4) {
            throw call.error("x must be [N,C,H,W], weight [C,K/groups,R,S]");
        }
        int groups = geometry.groups();
        if (weight.dim(0) != x.dim(1) || x.dim(1) % groups != 0 || weight.size() == 0) {
            throw call.error(
                    "weight must be [" + x.dim(1) + ",K/groups,R,S], and groups (" + groups + ") divide x's channels");
        }
        long p = (x.dim(2) - 1) * geometry.strideH()
                - 2L * geometry.paddingH()
                + geometry.dilationH() * (weight.dim(2) - 1)
                + outputPaddingH
                + 1;
        long q = (x.dim(3) - 1) * geometry.strideW()
                - 2L * geometry.paddingW()
                + geometry.dilationW() * (weight.dim(3) - 1)
                + outputPaddingW
                + 1;
        if (x.dim(2) < 1 || x.dim(3) < 1 || p < 1 || q < 1) {
            throw call.error("nothing is left between the paddings, " + geometry);
        }
        long channels = weight.dim(1) * groups;
        Tensor bias = Conv2dOp.bias(call, channels);
        Tensor y = call.resultOfPictures(dtype, Shape.of(x.dim(0), channels, p, q));
        Tensor pictures = call.input(0).channelsLast();
        Tensor w = call.input(1).contiguous();
        Pictures.into(
                y,
                false,
                (to, add) -> Conv2dKernel.TYPE
                        .on(to)
                        .backward(null, w, null, pictures, bias, to, null, null, geometry, false, false, false));
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Tensor g = dy.channelsLast();
        if (gradients.wants(0)) {
            Tensor weight = call.input(1).contiguous();
            boolean accumulate = gradients.accumulates(0);
            Tensor dx = gradients.denseBuffer(0);
            if (accumulate || !dx.isChannelsLast()) { // the kernel can only overwrite
                Tensor aside = Tensor.emptyChannelsLast(dx.device(), dx.dtype(), dx.shape());
                Conv2dKernel.TYPE.on(g).forward(g, weight, null, aside, geometry, false);
                CopyKernel.TYPE.on(dx).forward(aside, dx, accumulate);
            } else {
                Conv2dKernel.TYPE.on(g).forward(g, weight, null, dx, geometry, false);
            }
        }
        if (gradients.wants(1)) {
            Tensor x = call.input(0).channelsLast();
            boolean accumulate = gradients.accumulates(1);
            Tensor dweight = gradients.buffer(1);
            Conv2dKernel.TYPE
                    .on(g)
                    .backward(g, null, null, x, null, null, dweight, null, geometry, false, accumulate, false);
        }
        if (call.count() > 2 && gradients.wants(2)) {
            boolean accumulate = gradients.accumulates(2);
            Tensor dbias = gradients.buffer(2);
            Conv2dKernel.TYPE
                    .on(g)
                    .backward(null, null, null, g, null, null, null, dbias, geometry, false, false, accumulate);
        }
    }
}
