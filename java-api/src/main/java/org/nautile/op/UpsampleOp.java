package org.nautile.op;

import java.util.List;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.UpsampleKernel;
import org.nautile.backend.UpsampleKernel.Mode;

/**
 * Pictures of another size: x [N, C, H, W], y [N, C, H', W']. As {@code torch.nn.functional.interpolate}.
 *
 * @param mode what is put between the pixels
 * @param height how the height becomes another
 * @param width how the width becomes another
 */
public record UpsampleOp(Mode mode, Extent height, Extent width) implements Op {
    private static final List<String> INPUTS = List.of("x");

    /**
     * How an extent becomes another.
     *
     * @param size the new extent; 0 if there is a factor
     * @param factor the new extent is the old one times the factor, rounded down; 0 if there is a size
     */
    public record Extent(long size, double factor) {
        /**
         * Checks the parameters.
         *
         * @param size the new extent, or 0
         * @param factor the factor, or 0
         */
        public Extent {
            if (!(size >= 0 && factor >= 0 && (size > 0) != (factor > 0) && Double.isFinite(factor))) {
                throw new IllegalArgumentException(
                        "upsample: size " + size + " and factor " + factor + "; one must be above 0, the other 0");
            }
        }

        private long of(long old) {
            return size > 0 ? size : (long) Math.floor(old * factor);
        }

        /** The positions from one pixel of the result to the next, rounded as PyTorch does. */
        private float step(Mode mode, long from) {
            long to = of(from);
            return switch (mode) {
                case NEAREST -> to == from ? 1 : to == 2 * from ? 0.5F : byFactor(from, to);
                case BILINEAR -> byFactor(from, to);
                case BILINEAR_ALIGNED -> to > 1 ? (float) (from - 1) / (to - 1) : 0;
            };
        }

        private float byFactor(long from, long to) {
            return factor > 0 ? (float) (1 / factor) : (float) from / to;
        }
    }

    /**
     * Pictures that are larger by a factor.
     *
     * @param mode what is put between the pixels
     * @param factor the factor for height and width
     */
    public UpsampleOp(Mode mode, double factor) {
        this(mode, new Extent(0, factor), new Extent(0, factor));
    }

    @Override
    public String name() {
        return "upsample";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        Shape shape = Pictures.shape(call);
        long rows = height.of(shape.dim(2));
        long cols = width.of(shape.dim(3));
        if (shape.dim(2) == 0 || shape.dim(3) == 0 || rows == 0 || cols == 0) {
            throw call.error("neither H and W nor the result's, " + rows + " and " + cols + ", may be 0");
        }
        float stepH = height.step(mode, shape.dim(2));
        float stepW = width.step(mode, shape.dim(3));
        return Pictures.forward(
                call, rows, cols, (x, y) -> UpsampleKernel.TYPE.on(x).forward(x, y, mode, stepH, stepW));
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Shape shape = call.input(0).shape();
        float stepH = height.step(mode, shape.dim(2));
        float stepW = width.step(mode, shape.dim(3));
        Pictures.backward(
                call,
                dy,
                gradients,
                (g, dx, add) -> UpsampleKernel.TYPE.on(g).backward(g, dx, mode, stepH, stepW, add));
    }
}
