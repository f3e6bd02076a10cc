package org.nautile.bench;

import org.nautile.op.LinearOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A fully connected layer: the three of the first model, and larger ones. */
public class LinearBench extends GradientBench {
    /** Examples x inputs x outputs. */
    @Param({"64x784x64", "64x64x32", "64x32x10", "64x3072x1024", "128x768x3072"})
    public String size = "64x784x64";

    /** Makes the inputs. */
    @Setup
    public void setup() {
        int[] mkn = MatmulBench.sizes(size);
        prepare(new LinearOp(), uniform(mkn[0], mkn[1]), uniform(mkn[2], mkn[1]), uniform(mkn[2]));
    }
}
