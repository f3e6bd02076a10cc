package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** {@code y = softmax(scale q k^T) v} for each head. */
public interface AttentionKernel {
    /** The key of this kernel. */
    KernelType<AttentionKernel> TYPE = new KernelType<>("attention", AttentionKernel.class);

    /**
     * Computes each query's mean of the values, weighted by a softmax of its scores with the keys.
     *
     * @param q [batch, heads, queries, depth], its last axis contiguous; so k [batch, heads, keys, depth] and v [batch, heads,
     *     keys, width]
     * @param k the keys
     * @param v the values
     * @param mask uint8 [batch, keys], contiguous: 0 for keys that no query sees; null for none
     * @param y [batch, heads, queries, width]: contiguous, or a view of a contiguous [batch, queries, heads, width]
     * @param norms [batch, heads, queries, 2], contiguous: a query's largest score, and one over the sum of {@code exp(score -
     *     largest)}; kept for the backward pass
     * @param scale what products are multiplied by
     * @param causal whether query i sees only the first i + 1 keys
     */
    void forward(
            Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, Tensor y, Tensor norms, double scale, boolean causal);

    /**
     * Computes the wanted gradients.
     *
     * @param q as in the forward pass; so k, v, mask, y, norms, scale and causal
     * @param k the keys
     * @param v the values
     * @param mask the mask
     * @param y the result of the forward pass
     * @param norms of the forward pass
     * @param dy the gradient by y, as y
     * @param dq the gradient by q, in memory like y; null if not wanted; so dk and dv
     * @param dk the gradient by k
     * @param dv the gradient by v
     * @param scale what products were multiplied by
     * @param causal whether query i sees only the first i + 1 keys
     * @param accumulate whether to add to dq, dk and dv
     */
    void backward(
            Tensor q,
            Tensor k,
            Tensor v,
            @Nullable Tensor mask,
            Tensor y,
            Tensor norms,
            Tensor dy,
            @Nullable Tensor dq,
            @Nullable Tensor dk,
            @Nullable Tensor dv,
            double scale,
            boolean causal,
            boolean... accumulate);
}
