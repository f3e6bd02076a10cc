package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** A step of stochastic gradient descent, as {@code torch.optim.SGD}. */
public interface SgdKernel {
    /** The key of this kernel. */
    KernelType<SgdKernel> TYPE = new KernelType<>("sgd", SgdKernel.class);

    /**
     * Changes the parameters: {@code g = gradient + weightDecay p + l1 sign(p)}; with momentum {@code b = momentum b + (1 -
     * dampening) g} (b = g in step 1) and {@code g = b}, or {@code g + momentum b} with nesterov; {@code p -= rate g}.
     *
     * @param parameter p, contiguous; overwritten
     * @param gradient as p
     * @param buffer b, as p, overwritten; null when momentum is 0
     * @param rate the learning rate, one element
     * @param count which step this is, from 1, one element; null when momentum is 0
     * @param momentum the momentum
     * @param dampening the dampening
     * @param weightDecay the factor of the L2 penalty
     * @param l1 the factor of the L1 penalty
     * @param nesterov Nesterov's rule
     */
    void step(
            Tensor parameter,
            Tensor gradient,
            @Nullable Tensor buffer,
            Tensor rate,
            @Nullable Tensor count,
            double momentum,
            double dampening,
            double weightDecay,
            double l1,
            boolean nesterov);
}
