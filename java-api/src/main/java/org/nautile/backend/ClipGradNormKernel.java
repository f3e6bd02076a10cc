package org.nautile.backend;

import org.nautile.Tensor;

/** Gradients scaled down to a largest norm, as {@code torch.nn.utils.clip_grad_norm_}. */
public interface ClipGradNormKernel {
    /** The key of this kernel. */
    KernelType<ClipGradNormKernel> TYPE = new KernelType<>("clip_grad_norm", ClipGradNormKernel.class);

    /**
     * Computes {@code norm = |gradient|} and {@code gradient *= min(1, maxNorm / (norm + 1e-6))}.
     *
     * @param gradient contiguous; overwritten where the norm is too large
     * @param norm one element; overwritten
     * @param maxNorm the largest norm
     */
    void step(Tensor gradient, Tensor norm, double maxNorm);
}
