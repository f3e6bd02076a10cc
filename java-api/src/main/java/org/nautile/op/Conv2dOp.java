package org.nautile.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.Conv2dKernel;
import org.nautile.backend.Conv2dKernel.Geometry;

/**
 * A convolution (PyTorch's, which does not flip the kernel): x [N, C, H, W], weight [K, C / groups, R, S], an optional bias [K],
 * y [N, K, P, Q] with {@code P = (H + 2 padding - dilation (R - 1) - 1) / stride + 1} rounded down. Pictures are worked on
 * channels-last; others are copied. On the processor, kernels of 3 x 3 and many channels use minimal filtering (Lavin and Gray
 * 2016), with four times fewer products and an error of up to 3e-6, relative; {@code conv2d.h} tells when.
 *
 * @param geometry how the kernel moves over the picture
 * @param relu whether negative results become 0, at no cost of its own
 */
public record Conv2dOp(Geometry geometry, boolean relu) implements Op {
    private static final List<String> INPUTS = List.of("x", "weight", "bias");

    /**
     * A convolution without ReLU.
     *
     * @param geometry how the kernel moves over the picture
     */
    public Conv2dOp(Geometry geometry) {
        this(geometry, false);
    }

    @Override
    public String name() {
        return "conv2d";
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
            throw call.error("x must be [N,C,H,W], weight [K,C/groups,R,S]");
        }
        int groups = geometry.groups();
        if (weight.dim(1) * groups != x.dim(1) || weight.dim(0) % groups != 0 || weight.size() == 0) {
            throw call.error("weight must be [K," + x.dim(1) + "/groups,R,S], and groups (" + groups + ") divide K");
        }
        long p = geometry.rows(x.dim(2), weight.dim(2));
        long q = geometry.cols(x.dim(3), weight.dim(3));
        if (p < 1 || q < 1) {
            throw call.error("the kernel must fit into the padded picture, " + geometry);
        }
        Tensor bias = bias(call, weight.dim(0));
        Tensor y = call.resultOfPictures(dtype, Shape.of(x.dim(0), weight.dim(0), p, q));
        Tensor pictures = call.input(0).channelsLast();
        Tensor w = call.input(1).contiguous();
        Pictures.into(y, false, (to, add) -> Conv2dKernel.TYPE.on(to).forward(pictures, w, bias, to, geometry, relu));
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        if (gradients.wants(0)) {
            Pictures.gradient(gradients, 0, (dx, accumulate) -> backward(call, dy, gradients, dx, accumulate));
        } else {
            backward(call, dy, gradients, null, false);
        }
    }

    private void backward(Call call, Tensor dy, Gradients gradients, @Nullable Tensor dx, boolean accumulate) {
        Targets to = Targets.besides(dx, accumulate, call, gradients, 1);
        Conv2dKernel.TYPE
                .on(dy)
                .backward(
                        to.weight() == null ? null : call.input(0).channelsLast(),
                        dx == null ? null : call.input(1).contiguous(),
                        relu ? call.output().channelsLast() : null,
                        dy.channelsLast(),
                        null,
                        dx,
                        to.weight(),
                        to.bias(),
                        geometry,
                        to.accumulate());
    }

    /** The bias, checked; null if there is none. */
    static @Nullable Tensor bias(Call call, long channels) {
        Tensor bias = call.optional(2);
        if (bias != null && !bias.shape().equals(Shape.of(channels))) {
            throw call.error("bias must be [" + channels + "]");
        }
        return bias;
    }
}
