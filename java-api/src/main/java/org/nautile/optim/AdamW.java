package org.nautile.optim;

import org.nautile.nn.Module;

/**
 * Adam with decoupled weight decay, as {@code torch.optim.AdamW}: {@code p = p * (1 - learningRate * weightDecay)} instead of an
 * L2 penalty in the gradient.
 */
public final class AdamW extends Adam {
    /**
     * With beta1 0.9, beta2 0.999, eps 1e-8 and PyTorch's weight decay of 0.01.
     *
     * @param model the model
     * @param learningRate {@code >= 0}; PyTorch's default is 0.001
     */
    public AdamW(Module model, double learningRate) {
        this(model, learningRate, 0.9, 0.999, 1e-8, 0.01);
    }

    /**
     * With all options.
     *
     * @param model the model
     * @param learningRate {@code >= 0}
     * @param beta1 how much m keeps in a step, from 0 to 1
     * @param beta2 how much v keeps in a step, from 0 to 1
     * @param eps what keeps the divisor from 0, {@code >= 0}
     * @param weightDecay how much a parameter loses in a step, times the learning rate, {@code >= 0}
     */
    public AdamW(Module model, double learningRate, double beta1, double beta2, double eps, double weightDecay) {
        super(model, learningRate, beta1, beta2, eps, weightDecay, true);
    }
}
