package org.nautile.bench;

import org.nautile.Device;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** An optimizer's step over flat parameters. */
public abstract class OptimizerBench extends DeviceBench {
    /** The number of parameters. */
    @Param({"52650", "4194304"})
    public int size = 52650;

    /** Parameters, gradients, two tensors of state, the learning rate, the step. */
    private Tensor[] tensors = {};

    /** Makes the tensors, and checks that a step is right. */
    @Setup
    public void setup() {
        tensors = new Tensor[] {
            uniform(size), uniform(size), positive(), positive(), number(1e-6F), number(3),
        };
        Device reference = reference();
        Tensor[] expected = new Tensor[tensors.length];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = tensors[i].to(reference);
        }
        step(expected);
        step();
        for (int i = 0; i < 4; i++) {
            requireClose(getClass().getSimpleName(), expected[i], tensors[i]);
        }
    }

    /** State whose roots exist. */
    private Tensor positive() {
        float[] values = uniform(size).toFloatArray();
        for (int i = 0; i < size; i++) {
            values[i] = 1.5F + values[i];
        }
        return Tensor.of(open(), values, Shape.of(size));
    }

    private Tensor number(float value) {
        return Tensor.of(open(), new float[] {value}, Shape.of(1));
    }

    /**
     * Takes a step.
     *
     * @param t parameters, gradients, two tensors of state, the learning rate, the step
     */
    abstract void step(Tensor... t);

    /** One step. */
    @Benchmark
    public void step() {
        step(tensors);
    }
}
