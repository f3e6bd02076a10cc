package org.nautile.bench;

import org.nautile.op.ScaleOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Multiplication by a number. */
public class ScaleBench extends GradientBench {
    /** The number of elements. */
    @Param({"1000", "16777216"})
    public int size = 1000;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new ScaleOp(0.5, 0), uniform(size));
    }
}
