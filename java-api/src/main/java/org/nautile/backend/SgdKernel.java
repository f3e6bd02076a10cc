package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** A step of stochastic gradient descent, as {@code torch.optim.SGD}. */
public interface SgdKernel {
    /** The key of this kernel. */
    KernelType<SgdKernel> TYPE = new KernelType<>("sgd", SgdKernel.class);

    /**
     * Changes the parameters: {@code g = gradient + weightDecay p}; with momentum {@code b = momentum b + (1 - dampening) g}
     * (b = g on the first step) and {@code g = b}, or {@code g + momentum b} with nesterov; {@code p -= lr g}.
     *
     * @param parameter p, contiguous; overwritten
     * @param gradient as p
     * @param buffer b, as p, overwritten; null when momentum is 0
     * @param lr the learning rate
     * @param momentum the momentum
     * @param dampening the dampening
     * @param weightDecay the factor of the L2 penalty
     * @param nesterov Nesterov's rule
     * @param first whether the buffer holds nothing yet
     */
    void step(
            Tensor parameter,
            Tensor gradient,
            @Nullable Tensor buffer,
            double lr,
            double momentum,
            double dampening,
            double weightDecay,
            boolean nesterov,
            boolean first);
}
