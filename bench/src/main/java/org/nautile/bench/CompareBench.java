package org.nautile.bench;

import org.nautile.backend.CompareKernel.Function;
import org.nautile.op.CompareOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Which elements of one tensor are less than those of another. */
public class CompareBench extends OpBench {
    /** The number of elements. */
    @Param({"1000", "65536", "16777216"})
    public int size = 1000;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new CompareOp(Function.LT), uniform(size), uniform(size));
    }
}
