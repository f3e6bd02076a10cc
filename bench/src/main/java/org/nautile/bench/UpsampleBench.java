package org.nautile.bench;

import org.nautile.backend.UpsampleKernel.Mode;
import org.nautile.op.UpsampleOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Pictures that become twice as large. */
public class UpsampleBench extends GradientBench {
    /** The number of channels. */
    @Param({"6", "64"})
    public int channels = 6;

    /** What is put between the pixels. */
    @Param({"NEAREST", "BILINEAR"})
    public Mode mode = Mode.NEAREST;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new UpsampleOp(mode, 2), uniform(64, channels, 16, 16).channelsLast());
    }
}
