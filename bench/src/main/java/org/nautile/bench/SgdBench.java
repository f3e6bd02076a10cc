package org.nautile.bench;

import org.nautile.Device;
import org.nautile.Tensor;
import org.nautile.backend.SgdKernel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** An optimizer's step over flat parameters. */
public class SgdBench extends DeviceBench {
    /** The number of parameters. */
    @Param({"52650", "4194304"})
    public int size = 52650;

    /** The momentum. */
    @Param({"0", "0.9"})
    public double momentum;

    private Tensor values = NOTHING;
    private Tensor gradients = NOTHING;
    private Tensor buffer = NOTHING;

    /** Makes the tensors. */
    @Setup
    public void setup() {
        values = uniform(size);
        gradients = uniform(size);
        buffer = uniform(size);
        Device reference = reference();
        Tensor expected = values.to(reference);
        step(expected, gradients.to(reference), buffer.to(reference));
        step();
        requireClose("sgd", expected, values);
    }

    private void step(Tensor p, Tensor g, Tensor b) {
        SgdKernel kernel = p.device().backend().kernel(SgdKernel.TYPE);
        kernel.step(p, g, momentum == 0 ? null : b, 1e-6, momentum, 0, 0, false, false);
    }

    /** One step. */
    @Benchmark
    public void step() {
        step(values, gradients, buffer);
    }
}
