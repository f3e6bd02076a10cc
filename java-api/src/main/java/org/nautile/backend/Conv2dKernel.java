package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** A convolution of pictures. All pictures are channels-last. */
public interface Conv2dKernel {
    /** The key of this kernel. */
    KernelType<Conv2dKernel> TYPE = new KernelType<>("conv2d", Conv2dKernel.class);

    /**
     * How a kernel's window moves over a picture.
     *
     * @param strideH rows from one place of the window to the next, {@code >= 1}
     * @param strideW columns likewise
     * @param paddingH rows of zeros above and below the picture
     * @param paddingW columns of zeros on both sides
     * @param dilationH rows from one row of the window to the next, {@code >= 1}
     * @param dilationW columns likewise
     * @param groups the parts of the channels that do not see each other, {@code >= 1}
     */
    record Geometry(int strideH, int strideW, int paddingH, int paddingW, int dilationH, int dilationW, int groups) {
        /**
         * Checks the numbers.
         *
         * @param strideH rows
         * @param strideW columns
         * @param paddingH rows
         * @param paddingW columns
         * @param dilationH rows
         * @param dilationW columns
         * @param groups the groups
         */
        public Geometry {
            if (Math.min(strideH, strideW) < 1
                    || Math.min(paddingH, paddingW) < 0
                    || Math.min(dilationH, dilationW) < 1
                    || groups < 1) {
                throw new IllegalArgumentException("convolution: stride " + strideH + "x" + strideW + ", padding "
                        + paddingH + "x" + paddingW + ", dilation " + dilationH + "x" + dilationW + ", " + groups
                        + " groups; padding is at least 0, the others at least 1");
            }
        }

        /**
         * The same for rows and columns, without dilation and groups.
         *
         * @param stride of both
         * @param padding of all sides
         */
        public Geometry(int stride, int padding) {
            this(stride, stride, padding, padding, 1, 1, 1);
        }

        /**
         * The rows of the result.
         *
         * @param rows the picture's
         * @param window the kernel's
         * @return below 1 if the window does not fit
         */
        public long rows(long rows, long window) {
            return places(rows, window, strideH, paddingH, dilationH);
        }

        /**
         * The columns of the result.
         *
         * @param cols the picture's
         * @param window the kernel's
         * @return below 1 if the window does not fit
         */
        public long cols(long cols, long window) {
            return places(cols, window, strideW, paddingW, dilationW);
        }

        private static long places(long extent, long window, long stride, long padding, long dilation) {
            return Math.floorDiv(extent + 2 * padding - dilation * (window - 1) - 1, stride) + 1;
        }
    }

    /**
     * Computes the convolution.
     *
     * @param x [N, C, H, W]
     * @param weight [K, C / groups, R, S], contiguous
     * @param bias [K], contiguous; null for none
     * @param y [N, K, P, Q]; overlaps nothing
     * @param geometry the window's moves
     * @param relu whether negative results become 0
     */
    void forward(Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y, Geometry geometry, boolean relu);

    /**
     * Computes the wanted gradients. That by x is also the transposed convolution of dy.
     *
     * @param x [N, C, H, W]; needed for dweight only
     * @param weight [K, C / groups, R, S], contiguous; needed for dx only
     * @param y [N, K, P, Q], the result of a forward pass with relu; null without
     * @param dy [N, K, P, Q]
     * @param bias [C], contiguous, is added to dx; null for none
     * @param dx [N, C, H, W]; null if not wanted
     * @param dweight as weight; null if not wanted
     * @param dbias [K], contiguous; null if not wanted
     * @param geometry the window's moves
     * @param accumulate whether to add to dx, dweight and dbias
     */
    void backward(
            @Nullable Tensor x,
            @Nullable Tensor weight,
            @Nullable Tensor y,
            Tensor dy,
            @Nullable Tensor bias,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            Geometry geometry,
            boolean... accumulate);
}
