package org.nautile.bench;

import org.nautile.backend.ReduceKernel.Function;
import org.nautile.op.ReduceOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Sums of all elements. */
public class ReduceBench extends GradientBench {
    /** The number of elements. */
    @Param({"1000", "16777216"})
    public int size = 1000;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(ReduceOp.all(Function.SUM), uniform(size));
    }
}
