package org.nautile.bench;

import org.nautile.backend.BinaryKernel.Function;
import org.nautile.op.BinaryOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Addition; 8 elements show the cost of a call. */
public class BinaryBench extends GradientBench {
    /** The number of elements. */
    @Param({"8", "1000", "16777216"})
    public int size = 8;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new BinaryOp(Function.ADD), uniform(size), uniform(size));
    }
}
