package org.nautile.optim;

import org.nautile.Tensor;
import org.nautile.backend.SgdKernel;
import org.nautile.nn.Module;

/**
 * Stochastic gradient descent with the options of {@code torch.optim.SGD}: {@code g = gradient + weightDecay * p}; with
 * momentum {@code b = momentum * b + (1 - dampening) * g} (b = g at first) and {@code g = b}, or {@code g + momentum * b} with
 * Nesterov's rule; {@code p = p - learningRate * g}.
 */
public final class Sgd extends Optimizer {
    private final double momentum;
    private final double dampening;
    private final boolean nesterov;

    /**
     * Without momentum.
     *
     * @param model the model
     * @param learningRate {@code >= 0}
     */
    public Sgd(Module model, double learningRate) {
        this(model, learningRate, 0, 0, 0, false);
    }

    /**
     * With all options.
     *
     * @param model the model
     * @param learningRate {@code >= 0}
     * @param momentum {@code >= 0}; 0 for none
     * @param dampening of the gradient in the momentum buffer; 0 for none
     * @param weightDecay the factor of the L2 penalty, {@code >= 0}
     * @param nesterov Nesterov's rule; wants momentum and no dampening
     */
    public Sgd(
            Module model,
            double learningRate,
            double momentum,
            double dampening,
            double weightDecay,
            boolean nesterov) {
        super(model, learningRate, weightDecay, momentum != 0);
        this.momentum = notNegative("momentum", momentum);
        this.dampening = dampening;
        this.nesterov = nesterov;
        if (nesterov && (momentum == 0 || dampening != 0)) {
            throw new IllegalArgumentException(
                    "Sgd: Nesterov wants momentum > 0 and dampening 0, not " + momentum + " and " + dampening);
        }
    }

    @Override
    protected void update(Part part) {
        Tensor values = part.values();
        boolean none = momentum == 0;
        SgdKernel.TYPE
                .on(values)
                .step(
                        values,
                        part.gradients(),
                        none ? null : state(0, part, 0),
                        part.rate(),
                        none ? null : part.count(),
                        momentum,
                        dampening,
                        part.weightDecay(),
                        part.l1(),
                        nesterov);
    }
}
