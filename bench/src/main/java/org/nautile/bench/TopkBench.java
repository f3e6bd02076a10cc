package org.nautile.bench;

import org.nautile.op.TopkOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The places of the five largest of each row. */
public class TopkBench extends OpBench {
    /** The number of rows. */
    @Param({"64", "4096"})
    public int rows = 64;

    /** The number of columns. */
    @Param({"10", "1000"})
    public int cols = 10;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new TopkOp(5, 1), uniform(rows, cols));
    }
}
