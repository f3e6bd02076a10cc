package org.nautile.bench;

import org.nautile.op.RnnOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A layer over a sequence: many sequences at once, and one alone. */
public class RnnBench extends GradientBench {
    /** Steps x batch x inputs x units. */
    @Param({"100x64x128x256", "256x1x128x256"})
    public String size = "100x64x128x256";

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new RnnOp(), sequence(size, 1));
    }
}
