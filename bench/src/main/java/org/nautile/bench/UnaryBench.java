package org.nautile.bench;

import org.nautile.backend.UnaryKernel.Function;
import org.nautile.op.UnaryOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Elementary functions. */
public class UnaryBench extends GradientBench {
    /** The number of elements. */
    @Param({"1000", "65536", "16777216"})
    public int size = 1000;

    /** The function; of uniform numbers in +-1. */
    @Param({"EXP", "SIN", "ABS"})
    public Function function = Function.EXP;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new UnaryOp(function), uniform(size));
    }
}
