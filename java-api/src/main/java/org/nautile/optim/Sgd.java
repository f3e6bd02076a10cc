package org.nautile.optim;

import org.nautile.Plan;
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
    private final double weightDecay;
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
        super(model, learningRate);
        if (!(momentum >= 0) || !(weightDecay >= 0)) {
            throw new IllegalArgumentException(
                    "Sgd: momentum " + momentum + " and weight decay " + weightDecay + " must be >= 0");
        }
        if (nesterov && (momentum == 0 || dampening != 0)) {
            throw new IllegalArgumentException(
                    "Sgd: Nesterov wants momentum > 0 and dampening 0, not " + momentum + " and " + dampening);
        }
        this.momentum = momentum;
        this.dampening = dampening;
        this.weightDecay = weightDecay;
        this.nesterov = nesterov;
    }

    @Override
    protected void update(Tensor values, Tensor gradients, long offset, long step) {
        SgdKernel kernel = values.device().backend().kernel(SgdKernel.TYPE);
        if (momentum == 0) {
            kernel.step(values, gradients, null, learningRate(), 0, 0, weightDecay, false, true);
            return;
        }
        if (step == 1 && Plan.recording()) {
            throw new IllegalStateException(
                    "Sgd: the first step, which starts the momentum, cannot be recorded; take one before");
        }
        try (Tensor buffer = state(0, offset, values)) {
            kernel.step(
                    values, gradients, buffer, learningRate(), momentum, dampening, weightDecay, nesterov, step == 1);
        }
    }
}
