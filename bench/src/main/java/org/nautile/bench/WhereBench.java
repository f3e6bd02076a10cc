package org.nautile.bench;

import org.nautile.Tensor;
import org.nautile.backend.CompareKernel.Function;
import org.nautile.op.CompareOp;
import org.nautile.op.WhereOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Elements of one of two tensors. */
public class WhereBench extends GradientBench {
    /** The number of elements. */
    @Param({"1000", "65536", "16777216"})
    public int size = 1000;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        Tensor a = uniform(size);
        Tensor b = uniform(size);
        prepare(new WhereOp(), new CompareOp(Function.LT).apply(a, b), a, b);
    }
}
