package org.nautile.backend;

import org.nautile.Tensor;

/** A step of {@code torch.optim.Adam} or {@code AdamW}. */
public interface AdamKernel {
    /** The key of this kernel. */
    KernelType<AdamKernel> TYPE = new KernelType<>("adam", AdamKernel.class);

    /**
     * Changes the parameters: {@code g = gradient + weightDecay p + l1 sign(p)}, or with decoupled {@code p *= 1 - rate
     * weightDecay} and {@code g = gradient + l1 sign(p)}; {@code m += (1 - beta1) (g - m)}; {@code v = beta2 v + (1 - beta2)
     * g^2}; {@code p -= rate / (1 - beta1^count) m / (sqrt(v / (1 - beta2^count)) + eps)}.
     *
     * @param parameter p, contiguous; overwritten
     * @param gradient as p
     * @param mean m, as p, overwritten; 0 before step 1
     * @param square v, as p, overwritten; 0 before step 1
     * @param rate the learning rate, one element
     * @param count which step this is, from 1, one element
     * @param beta1 how much m keeps in a step
     * @param beta2 how much v keeps in a step
     * @param eps what keeps the divisor from 0
     * @param weightDecay the factor of the L2 penalty, or of the decay
     * @param l1 the factor of the L1 penalty
     * @param decoupled whether the decay bypasses m and v
     */
    void step(
            Tensor parameter,
            Tensor gradient,
            Tensor mean,
            Tensor square,
            Tensor rate,
            Tensor count,
            double beta1,
            double beta2,
            double eps,
            double weightDecay,
            double l1,
            boolean decoupled);
}
