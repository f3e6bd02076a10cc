package org.nautile.optim;

import org.nautile.Tensor;
import org.nautile.backend.AdagradKernel;
import org.nautile.nn.Module;

/**
 * AdaGrad with the options of {@code torch.optim.Adagrad}: {@code g = gradient + weightDecay * p}; {@code s = s + g^2}; {@code p =
 * p - learningRate / (1 + (t - 1) * lrDecay) * g / (sqrt(s) + eps)} in step t.
 */
public final class Adagrad extends Optimizer {
    private final double lrDecay;
    private final double eps;
    private final double initial;

    /**
     * With eps 1e-10 and nothing else.
     *
     * @param model the model
     * @param learningRate {@code >= 0}; PyTorch's default is 0.01
     */
    public Adagrad(Module model, double learningRate) {
        this(model, learningRate, 0, 0, 0, 1e-10);
    }

    /**
     * With all options.
     *
     * @param model the model
     * @param learningRate {@code >= 0}
     * @param lrDecay how the rate falls with the steps, {@code >= 0}
     * @param weightDecay the factor of the L2 penalty, {@code >= 0}
     * @param initial s before the first step, {@code >= 0}
     * @param eps what keeps the divisor from 0, {@code >= 0}
     */
    public Adagrad(Module model, double learningRate, double lrDecay, double weightDecay, double initial, double eps) {
        super(model, learningRate, weightDecay, true);
        this.lrDecay = notNegative("lrDecay", lrDecay);
        this.initial = notNegative("initial", initial);
        this.eps = notNegative("eps", eps);
    }

    @Override
    protected void update(Part part) {
        Tensor values = part.values();
        AdagradKernel.TYPE
                .on(values)
                .step(
                        values,
                        part.gradients(),
                        state(0, part, initial),
                        part.rate(),
                        part.count(),
                        lrDecay,
                        eps,
                        part.weightDecay(),
                        part.l1());
    }
}
