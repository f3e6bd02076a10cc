package org.nautile.bench;

import org.nautile.op.SoftmaxOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Softmax over the last axis. */
public class SoftmaxBench extends GradientBench {
    /** The number of rows. */
    @Param({"64", "4096"})
    public int rows = 64;

    /** The number of columns. */
    @Param({"10", "4096"})
    public int cols = 10;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new SoftmaxOp(-1), uniform(rows, cols));
    }
}
