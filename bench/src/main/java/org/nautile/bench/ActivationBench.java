package org.nautile.bench;

import org.nautile.backend.ActivationKernel.Function;
import org.nautile.op.ActivationOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** GELU, the dearest of the activation functions, and ReLU, the cheapest. */
public class ActivationBench extends GradientBench {
    /** The number of elements. */
    @Param({"1000", "65536", "16777216"})
    public int size = 1000;

    /** The function. */
    @Param({"RELU", "TANH", "GELU"})
    public Function function = Function.RELU;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new ActivationOp(function), uniform(size));
    }
}
