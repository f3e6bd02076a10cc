package org.nautile.bench;

import org.nautile.op.BatchNormOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Batch normalisation of pictures in training. */
public class BatchNormBench extends GradientBench {
    /** The number of channels. */
    @Param({"16", "64"})
    public int channels = 16;

    /** The height and the width. */
    @Param({"8", "32"})
    public int side = 8;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        BatchNormOp op = new BatchNormOp(true, false, 0.1, 1e-5);
        prepare(op, uniform(64, channels, side, side).channelsLast(), uniform(channels), uniform(channels));
    }
}
