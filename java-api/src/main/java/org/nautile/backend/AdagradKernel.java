package org.nautile.backend;

import org.nautile.Tensor;

/** A step of {@code torch.optim.Adagrad}. */
public interface AdagradKernel {
    /** The key of this kernel. */
    KernelType<AdagradKernel> TYPE = new KernelType<>("adagrad", AdagradKernel.class);

    /**
     * Changes the parameters: {@code g = gradient + weightDecay p + l1 sign(p)}; {@code s += g^2}; {@code p -= rate / (1 +
     * (count - 1) lrDecay) g / (sqrt(s) + eps)}.
     *
     * @param parameter p, contiguous; overwritten
     * @param gradient as p
     * @param sum s, as p; overwritten
     * @param rate the learning rate, one element
     * @param count which step this is, from 1, one element
     * @param lrDecay how the rate falls with the steps
     * @param eps what keeps the divisor from 0
     * @param weightDecay the factor of the L2 penalty
     * @param l1 the factor of the L1 penalty
     */
    void step(
            Tensor parameter,
            Tensor gradient,
            Tensor sum,
            Tensor rate,
            Tensor count,
            double lrDecay,
            double eps,
            double weightDecay,
            double l1);
}
