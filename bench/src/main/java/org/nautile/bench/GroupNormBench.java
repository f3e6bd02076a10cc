package org.nautile.bench;

import org.nautile.op.GroupNormOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Normalisation of pictures by groups of 8 channels. */
public class GroupNormBench extends GradientBench {
    /** The number of channels. */
    @Param({"16", "64"})
    public int channels = 16;

    /** The height and the width. */
    @Param({"8", "32"})
    public int side = 8;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        GroupNormOp op = new GroupNormOp(channels / 8, 1e-5);
        prepare(op, uniform(16, channels, side, side).channelsLast(), uniform(channels), uniform(channels));
    }
}
