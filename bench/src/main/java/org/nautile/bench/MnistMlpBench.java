package org.nautile.bench;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.models.MnistMlp;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.optim.Optimizer;
import org.nautile.optim.Sgd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** One training step of the first model: clear, forward, loss, backward, update, read the loss. */
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MnistMlpBench extends DeviceBench {
    /** Examples per step. */
    @Param({"1", "64"})
    public int batch = 64;

    /** Whether the step is recorded and run again, or taken op by op. */
    @Param({"true", "false"})
    public boolean recorded = true;

    private final Loss loss = Loss.crossEntropy();
    private Tensor x = NOTHING;
    private Tensor labels = NOTHING;
    private @Nullable Module model;
    private @Nullable Optimizer optimizer;
    private @Nullable Plan plan;

    /** Makes model and batch. */
    @Setup
    public void setup() {
        x = uniform(batch, 784);
        labels = labels(batch, 10);
        model = MnistMlp.network(10, new Generator(1, 0));
        model.to(x.device());
        optimizer = new Sgd(model, 0.01);
        if (recorded) {
            plan = Plan.record(x.device(), this::take);
        }
    }

    /** Frees the plan. */
    @TearDown
    public void tearDown() {
        if (plan != null) {
            plan.close();
        }
    }

    /**
     * A step.
     *
     * @return the loss
     */
    @Benchmark
    public double step() {
        if (plan != null) {
            return plan.run().item();
        }
        try (Scope scope = new Scope()) {
            return take().item();
        }
    }

    private Tensor take() {
        Optimizer sgd = Objects.requireNonNull(optimizer);
        sgd.clearGradients();
        Tensor value = loss.of(Objects.requireNonNull(model).forward(x), labels);
        Autograd.backward(value);
        sgd.step();
        return value;
    }
}
