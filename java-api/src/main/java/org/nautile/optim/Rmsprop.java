package org.nautile.optim;

import org.nautile.Tensor;
import org.nautile.backend.RmspropKernel;
import org.nautile.nn.Module;

/**
 * RMSProp with the options of {@code torch.optim.RMSprop}: {@code g = gradient + weightDecay * p}; {@code v = alpha * v + (1 -
 * alpha) * g^2}; {@code d = g / (sqrt(v) + eps)}, or centered with the variance {@code v - m^2} in place of v, where {@code m =
 * alpha * m + (1 - alpha) * g}; with momentum {@code b = momentum * b + d} and {@code d = b}; {@code p = p - learningRate * d}.
 */
public final class Rmsprop extends Optimizer {
    private final double alpha;
    private final double eps;
    private final double momentum;
    private final boolean centered;

    /**
     * With alpha 0.99, eps 1e-8 and nothing else.
     *
     * @param model the model
     * @param learningRate {@code >= 0}; PyTorch's default is 0.01
     */
    public Rmsprop(Module model, double learningRate) {
        this(model, learningRate, 0.99, 1e-8, 0, 0, false);
    }

    /**
     * With all options.
     *
     * @param model the model
     * @param learningRate {@code >= 0}
     * @param alpha how much v and m keep in a step, from 0 to 1
     * @param eps what keeps the divisor from 0, {@code >= 0}
     * @param weightDecay the factor of the L2 penalty, {@code >= 0}
     * @param momentum {@code >= 0}; 0 for none
     * @param centered whether to divide by the standard deviation
     */
    public Rmsprop(
            Module model,
            double learningRate,
            double alpha,
            double eps,
            double weightDecay,
            double momentum,
            boolean centered) {
        super(model, learningRate, weightDecay, false);
        this.alpha = share("alpha", alpha);
        this.eps = notNegative("eps", eps);
        this.momentum = notNegative("momentum", momentum);
        this.centered = centered;
    }

    @Override
    protected void update(Part part) {
        Tensor values = part.values();
        RmspropKernel.TYPE
                .on(values)
                .step(
                        values,
                        part.gradients(),
                        state(0, part, 0),
                        centered ? state(1, part, 0) : null,
                        momentum == 0 ? null : state(centered ? 2 : 1, part, 0),
                        part.rate(),
                        alpha,
                        eps,
                        momentum,
                        part.weightDecay(),
                        part.l1());
    }
}
