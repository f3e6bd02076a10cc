package org.nautile.backend;

/**
 * Windows that slide along an axis of pictures: window o takes the positions {@code o stride - padding + k dilation} for
 * {@code 0 <= k < kernel}.
 *
 * @param kernel places of a window, {@code >= 1}
 * @param stride from one window to the next, {@code >= 1}
 * @param padding positions in front of and behind the picture that windows may reach over, at most half a window
 * @param dilation from one place to the next, {@code >= 1}
 * @param ceil whether there is a last window that reaches beyond the padding, if otherwise the last positions would be in none
 */
public record Window(int kernel, int stride, int padding, int dilation, boolean ceil) {
    /**
     * Checks the parameters.
     *
     * @param kernel places of a window
     * @param stride from one window to the next
     * @param padding positions around the picture
     * @param dilation from one place to the next
     * @param ceil whether the last window may reach beyond the padding
     */
    public Window {
        if (kernel < 1 || stride < 1 || dilation < 1) {
            throw new IllegalArgumentException(
                    "window: kernel " + kernel + ", stride " + stride + ", dilation " + dilation + "; at least 1 each");
        }
        if (padding < 0 || padding > ((kernel - 1L) * dilation + 1) / 2) {
            throw new IllegalArgumentException("window: padding " + padding + " is not from 0 to half of kernel "
                    + kernel + " with dilation " + dilation);
        }
    }

    /**
     * Windows beside each other, without padding.
     *
     * @param kernel places of a window
     */
    public Window(int kernel) {
        this(kernel, kernel, 0);
    }

    /**
     * Windows without dilation, all within the padding.
     *
     * @param kernel places of a window
     * @param stride from one window to the next
     * @param padding positions around the picture
     */
    public Window(int kernel, int stride, int padding) {
        this(kernel, stride, padding, 1, false);
    }

    /**
     * The number of windows, as in PyTorch.
     *
     * @param size the extent of the picture
     * @return 0 if none fits
     */
    public long count(long size) {
        long last = size + 2L * padding - (kernel - 1L) * dilation - 1;
        long count = Math.floorDiv(ceil ? last + stride - 1 : last, (long) stride) + 1;
        boolean outside = ceil && (count - 1) * stride >= size + padding; // it would take nothing but padding
        return Math.max(outside ? count - 1 : count, 0);
    }

    /**
     * A position in the picture, or beyond it.
     *
     * @param window the window, from 0
     * @param place the place in the window, from 0
     * @return from 0 in the picture
     */
    public int position(int window, int place) {
        return window * stride - padding + place * dilation;
    }
}
