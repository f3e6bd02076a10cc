package org.nautile.bench.works;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.optim.Optimizer;

/**
 * A training step: clear, forward, loss, backward, update; and the loss is read.
 *
 * @param network what learns
 * @param optimizer of all its parameters
 * @param loss of its output and the targets
 * @param x a batch of examples
 * @param target what the network should say of them
 */
record TrainingJob(Module network, Optimizer optimizer, Loss loss, Tensor x, Tensor target) {
    private static final int CHECKED = 3; // steps: the later losses show what the earlier steps did to the weights
    // relative errors; which element of a window is the largest may hang on a rounding error, and with it its gradient
    private static final double GRADIENT = 2e-3;
    // Adam's first update has the same size for all weights, so the signs of the smallest gradients count
    private static final double LATER = 0.01;
    private static final double LEAST = 1e-2; // a loss counts as at least that

    /**
     * The step of a network on a device. The job owns the network.
     *
     * @param recorded whether the step is recorded once and run as a plan, or goes op by op
     * @param inputs the device, and examples on it
     * @param whole makes what is timed
     * @param small makes the same of a few small examples, on which it is compared with the reference
     */
    static Job of(
            boolean recorded, Inputs inputs, Function<Inputs, TrainingJob> whole, Function<Inputs, TrainingJob> small) {
        TrainingJob made = whole.apply(inputs);
        made.first();
        Plan plan = recorded ? Plan.record(inputs.device(), made::step) : null;
        return new Job(
                plan == null ? made::eager : () -> plan.run().item(),
                () -> List.of(plan == null ? made.step() : plan.run()),
                () -> {
                    Steps expected = steps(small.apply(inputs.judges()));
                    Steps found = steps(small.apply(inputs.again()));
                    for (int i = 0; i < CHECKED; i++) {
                        double loss = expected.losses[i];
                        double tolerance = i == 0 ? Comparison.tolerance() : LATER;
                        double allowed = tolerance * Math.max(LEAST, Math.abs(loss));
                        if (!(Math.abs(found.losses[i] - loss) <= allowed)) { // also for NaN
                            throw new Comparison.Mismatch(String.format(
                                    Locale.ROOT, "step %d: loss %g, not %g, not timed", i + 1, found.losses[i], loss));
                        }
                    }
                    double error = distance(found.gradients, expected.gradients);
                    double norm = distance(new double[expected.gradients.length], expected.gradients);
                    if (!(error <= GRADIENT * norm)) {
                        throw new Comparison.Mismatch(
                                String.format(Locale.ROOT, "gradients: relative error %.2g, not timed", error / norm));
                    }
                },
                () -> {
                    if (plan != null) {
                        plan.close();
                    }
                    made.network.close();
                });
    }

    /** The losses of the first steps, and the gradients of the first. */
    private record Steps(double[] losses, double[] gradients) {}

    private static Steps steps(TrainingJob job) {
        double[] losses = new double[CHECKED];
        try (Module network = job.network;
                Scope scope = new Scope()) {
            losses[0] = job.first();
            double[] gradients = network.flatten().gradients().toDoubleArray();
            try (Plan plan = Plan.record(job.x.device(), job::step)) {
                losses[1] = plan.result().item();
                losses[2] = plan.run().item();
            }
            return new Steps(losses, gradients);
        }
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    /** The first step, in which the optimizer makes its state; the loss. */
    private double first() {
        double value = eager();
        network.parameters().forEach((name, parameter) -> {
            if (Autograd.gradient(parameter.value()) == null) {
                throw new IllegalStateException("no gradient reaches " + name);
            }
        });
        return value;
    }

    private double eager() {
        try (Scope scope = new Scope()) {
            return step().item();
        }
    }

    private Tensor step() {
        optimizer.clearGradients();
        Tensor value = loss.of(network.forward(x), target);
        Autograd.backward(value);
        optimizer.step();
        return value;
    }
}
