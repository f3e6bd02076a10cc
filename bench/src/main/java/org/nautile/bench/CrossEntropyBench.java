package org.nautile.bench;

import org.nautile.op.CrossEntropyOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The loss of a batch of class scores. */
public class CrossEntropyBench extends GradientBench {
    /** The number of examples. */
    @Param({"64", "4096"})
    public int rows = 64;

    /** The number of classes. */
    @Param({"10", "1000"})
    public int classes = 10;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new CrossEntropyOp(), uniform(rows, classes), labels(rows, classes));
    }
}
