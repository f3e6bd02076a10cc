package org.nautile.bench.works;

import java.util.List;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.optim.Optimizer;

/** A training step: clear, forward, loss, backward, update, read the loss. */
final class TrainingJob {
    private TrainingJob() {}

    static Job of(Module network, Optimizer optimizer, Loss loss, Tensor x, Tensor target) {
        return new Job(
                () -> {
                    try (Scope scope = new Scope()) {
                        step(network, optimizer, loss, x, target).item();
                    }
                },
                // the second loss shows what the first step did to the weights
                () -> List.of(step(network, optimizer, loss, x, target), step(network, optimizer, loss, x, target)));
    }

    private static Tensor step(Module network, Optimizer optimizer, Loss loss, Tensor x, Tensor target) {
        optimizer.clearGradients();
        Tensor value = loss.of(network.forward(x), target);
        Autograd.backward(value);
        optimizer.step();
        return value;
    }
}
