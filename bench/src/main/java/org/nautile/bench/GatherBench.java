package org.nautile.bench;

import org.nautile.Shape;
import org.nautile.op.GatherOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** One element of each row. */
public class GatherBench extends GradientBench {
    /** The number of rows. */
    @Param({"64", "4096"})
    public int rows = 64;

    /** The number of columns. */
    @Param({"10", "1000"})
    public int cols = 10;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new GatherOp(1), uniform(rows, cols), labels(rows, cols).reshape(Shape.of(rows, 1)));
    }
}
