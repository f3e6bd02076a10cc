package org.nautile.bench.works;

import java.util.List;
import org.nautile.Device;
import org.nautile.Plan;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.optim.Optimizer;

/** A training step, recorded: clear, forward, loss, backward, update; and the loss is read. */
final class TrainingJob {
    private TrainingJob() {}

    /** Takes the first step, to record it. The job owns the network, which is where the input is. */
    static Job of(Module network, Optimizer optimizer, Loss loss, Tensor x, Tensor target) {
        Device device = x.device();
        Plan plan = Plan.record(device, () -> step(network, optimizer, loss, x, target));
        Tensor first = plan.result().copy();
        return new Job(
                () -> plan.run().item(),
                () -> List.of(first, plan.run()), // the second loss shows what the first step did to the weights
                null,
                () -> {
                    plan.close();
                    network.close();
                });
    }

    private static Tensor step(Module network, Optimizer optimizer, Loss loss, Tensor x, Tensor target) {
        optimizer.clearGradients();
        Tensor value = loss.of(network.forward(x), target);
        Autograd.backward(value);
        optimizer.step();
        return value;
    }
}
