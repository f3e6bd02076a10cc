package org.nautile.bench;

import org.nautile.op.ArgmaxOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The best class of each row. */
public class ArgmaxBench extends OpBench {
    /** The number of rows. */
    @Param({"64", "10000"})
    public int rows = 64;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new ArgmaxOp(-1, false), uniform(rows, 10));
    }
}
