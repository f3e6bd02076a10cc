package org.nautile.backend;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/** A step of {@code torch.optim.RMSprop}. */
public interface RmspropKernel {
    /** The key of this kernel. */
    KernelType<RmspropKernel> TYPE = new KernelType<>("rmsprop", RmspropKernel.class);

    /**
     * Changes the parameters: {@code g = gradient + weightDecay p + l1 sign(p)}; {@code v = alpha v + (1 - alpha) g^2}; centered,
     * {@code m += (1 - alpha) (g - m)} and {@code d = g / (sqrt(v - m^2) + eps)}, else {@code d = g / (sqrt(v) + eps)}; with
     * momentum {@code b = momentum b + d} and {@code d = b}; {@code p -= rate d}.
     *
     * @param parameter p, contiguous; overwritten
     * @param gradient as p
     * @param square v, as p, overwritten; 0 before step 1
     * @param mean m, as p, overwritten; 0 before step 1; null: not centered
     * @param buffer b, as p, overwritten; 0 before step 1; null: no momentum
     * @param rate the learning rate, one element
     * @param alpha how much v and m keep in a step
     * @param eps what keeps the divisor from 0
     * @param momentum the momentum
     * @param weightDecay the factor of the L2 penalty
     * @param l1 the factor of the L1 penalty
     */
    void step(
            Tensor parameter,
            Tensor gradient,
            Tensor square,
            @Nullable Tensor mean,
            @Nullable Tensor buffer,
            Tensor rate,
            double alpha,
            double eps,
            double momentum,
            double weightDecay,
            double l1);
}
