package org.nautile.bench;

import org.nautile.op.AttentionOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Scaled dot product attention of 12 heads with 64 columns each. */
public class AttentionBench extends GradientBench {
    private static final int HEADS = 12;
    private static final int DEPTH = 64;

    /** The number of sequences. */
    @Param({"1", "8"})
    public int batch = 1;

    /** The length of a sequence. */
    @Param({"128", "1024"})
    public int length = 128;

    /** Whether queries see only what comes before them. */
    @Param({"false", "true"})
    public boolean causal;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(
                new AttentionOp(0, causal),
                uniform(batch, HEADS, length, DEPTH),
                uniform(batch, HEADS, length, DEPTH),
                uniform(batch, HEADS, length, DEPTH));
    }
}
