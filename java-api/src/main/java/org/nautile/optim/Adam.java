package org.nautile.optim;

import org.nautile.Tensor;
import org.nautile.backend.AdamKernel;
import org.nautile.nn.Module;

/**
 * Adam with the options of {@code torch.optim.Adam}: {@code g = gradient + weightDecay * p}; {@code m = beta1 * m + (1 - beta1) *
 * g}; {@code v = beta2 * v + (1 - beta2) * g^2}; {@code p = p - learningRate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) +
 * eps)} in step t.
 */
public sealed class Adam extends Optimizer permits AdamW {
    private final double beta1;
    private final double beta2;
    private final double eps;
    private final boolean decoupled;

    /**
     * With beta1 0.9, beta2 0.999, eps 1e-8 and no weight decay.
     *
     * @param model the model
     * @param learningRate {@code >= 0}; PyTorch's default is 0.001
     */
    public Adam(Module model, double learningRate) {
        this(model, learningRate, 0.9, 0.999, 1e-8, 0);
    }

    /**
     * With all options.
     *
     * @param model the model
     * @param learningRate {@code >= 0}
     * @param beta1 how much m keeps in a step, from 0 to 1
     * @param beta2 how much v keeps in a step, from 0 to 1
     * @param eps what keeps the divisor from 0, {@code >= 0}
     * @param weightDecay the factor of the L2 penalty, {@code >= 0}
     */
    public Adam(Module model, double learningRate, double beta1, double beta2, double eps, double weightDecay) {
        this(model, learningRate, beta1, beta2, eps, weightDecay, false);
    }

    Adam(
            Module model,
            double learningRate,
            double beta1,
            double beta2,
            double eps,
            double weightDecay,
            boolean decoupled) {
        super(model, learningRate, weightDecay, true);
        this.beta1 = share("beta1", beta1);
        this.beta2 = share("beta2", beta2);
        this.eps = notNegative("eps", eps);
        this.decoupled = decoupled;
    }

    @Override
    protected final void update(Part part) {
        Tensor values = part.values();
        AdamKernel.TYPE
                .on(values)
                .step(
                        values,
                        part.gradients(),
                        state(0, part, 0),
                        state(1, part, 0),
                        part.rate(),
                        part.count(),
                        beta1,
                        beta2,
                        eps,
                        part.weightDecay(),
                        part.l1(),
                        decoupled);
    }
}
