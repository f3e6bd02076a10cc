package org.nautile.nn;

import org.nautile.backend.Conv2dKernel.Geometry;
import org.nautile.op.PadOp;

/**
 * How a convolution's kernel moves, with PyTorch's names and defaults: {@code ConvOptions.kernel(3).stride(2).padding(1)}.
 *
 * @param kernelH rows of the kernel
 * @param kernelW columns of the kernel
 * @param geometry stride, padding, dilation and groups
 * @param outputPaddingH rows that a transposed convolution adds at the end of its result
 * @param outputPaddingW columns likewise
 * @param bias whether there is a bias
 * @param paddingMode what the padding holds; {@link PadOp.Mode#CONSTANT} for zeros
 */
public record ConvOptions(
        int kernelH,
        int kernelW,
        Geometry geometry,
        int outputPaddingH,
        int outputPaddingW,
        boolean bias,
        PadOp.Mode paddingMode) {
    /**
     * Checks the kernel.
     *
     * @param kernelH rows
     * @param kernelW columns
     * @param geometry the moves
     * @param outputPaddingH rows
     * @param outputPaddingW columns
     * @param bias whether there is one
     * @param paddingMode the mode
     */
    public ConvOptions {
        if (kernelH < 1 || kernelW < 1) {
            throw new IllegalArgumentException("a kernel of " + kernelH + "x" + kernelW + "; at least 1 each");
        }
    }

    /**
     * A square kernel: stride 1, no padding, no dilation, one group, with bias.
     *
     * @param size rows and columns
     * @return the options
     */
    public static ConvOptions kernel(int size) {
        return kernel(size, size);
    }

    /**
     * A kernel: stride 1, no padding, no dilation, one group, with bias.
     *
     * @param rows rows
     * @param cols columns
     * @return the options
     */
    public static ConvOptions kernel(int rows, int cols) {
        return new ConvOptions(rows, cols, new Geometry(1, 0), 0, 0, true, PadOp.Mode.CONSTANT);
    }

    /**
     * These options with another stride.
     *
     * @param both for rows and columns
     * @return new options
     */
    public ConvOptions stride(int both) {
        return stride(both, both);
    }

    /**
     * These options with another stride.
     *
     * @param rows rows from one place to the next
     * @param cols columns likewise
     * @return new options
     */
    public ConvOptions stride(int rows, int cols) {
        Geometry g = geometry;
        return with(new Geometry(rows, cols, g.paddingH(), g.paddingW(), g.dilationH(), g.dilationW(), g.groups()));
    }

    /**
     * These options with another padding.
     *
     * @param all on all sides
     * @return new options
     */
    public ConvOptions padding(int all) {
        return padding(all, all);
    }

    /**
     * These options with another padding.
     *
     * @param rows above and below
     * @param cols on both sides
     * @return new options
     */
    public ConvOptions padding(int rows, int cols) {
        Geometry g = geometry;
        return with(new Geometry(g.strideH(), g.strideW(), rows, cols, g.dilationH(), g.dilationW(), g.groups()));
    }

    /**
     * These options with another dilation.
     *
     * @param both for rows and columns
     * @return new options
     */
    public ConvOptions dilation(int both) {
        return dilation(both, both);
    }

    /**
     * These options with another dilation.
     *
     * @param rows rows of the picture from one row of the kernel to the next
     * @param cols columns likewise
     * @return new options
     */
    public ConvOptions dilation(int rows, int cols) {
        Geometry g = geometry;
        return with(new Geometry(g.strideH(), g.strideW(), g.paddingH(), g.paddingW(), rows, cols, g.groups()));
    }

    /**
     * These options with other groups.
     *
     * @param count the parts of the channels that do not see each other
     * @return new options
     */
    public ConvOptions groups(int count) {
        Geometry g = geometry;
        return with(new Geometry(
                g.strideH(), g.strideW(), g.paddingH(), g.paddingW(), g.dilationH(), g.dilationW(), count));
    }

    /**
     * These options with another output padding; for transposed convolutions.
     *
     * @param rows rows at the end of the result
     * @param cols columns likewise
     * @return new options
     */
    public ConvOptions outputPadding(int rows, int cols) {
        return new ConvOptions(kernelH, kernelW, geometry, rows, cols, bias, paddingMode);
    }

    /**
     * These options without bias.
     *
     * @return new options
     */
    public ConvOptions withoutBias() {
        return new ConvOptions(kernelH, kernelW, geometry, outputPaddingH, outputPaddingW, false, paddingMode);
    }

    /**
     * These options with another padding mode.
     *
     * @param mode what the padding holds
     * @return new options
     */
    public ConvOptions paddingMode(PadOp.Mode mode) {
        return new ConvOptions(kernelH, kernelW, geometry, outputPaddingH, outputPaddingW, bias, mode);
    }

    private ConvOptions with(Geometry moves) {
        return new ConvOptions(kernelH, kernelW, moves, outputPaddingH, outputPaddingW, bias, paddingMode);
    }

    /** Checks the numbers of channels of a layer of that name. */
    void requireChannels(String layer, int in, int out) {
        int groups = geometry.groups();
        if (in < 1 || out < 1 || in % groups != 0 || out % groups != 0) {
            throw new IllegalArgumentException(
                    layer + ": " + in + " channels in, " + out + " out, " + groups + " groups, which must divide both");
        }
    }

    /** As PyTorch prints it. */
    String describe(int in, int out) {
        Geometry g = geometry;
        StringBuilder text = new StringBuilder("(" + in + " -> " + out + ", " + kernelH + "x" + kernelW);
        text.append(", stride ").append(g.strideH()).append('x').append(g.strideW());
        if (g.paddingH() + g.paddingW() > 0) {
            text.append(", padding ").append(g.paddingH()).append('x').append(g.paddingW());
        }
        if (g.groups() > 1) {
            text.append(", ").append(g.groups()).append(" groups");
        }
        return text.append(bias ? ")" : ", no bias)").toString();
    }
}
