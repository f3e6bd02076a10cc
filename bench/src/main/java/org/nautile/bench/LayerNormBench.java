package org.nautile.bench;

import org.nautile.op.LayerNormOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Layer normalisation of rows. */
public class LayerNormBench extends GradientBench {
    /** The number of rows. */
    @Param({"64", "4096"})
    public int rows = 64;

    /** The number of columns. */
    @Param({"64", "768"})
    public int cols = 64;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new LayerNormOp(1, 1e-5), uniform(rows, cols), uniform(cols), uniform(cols));
    }
}
