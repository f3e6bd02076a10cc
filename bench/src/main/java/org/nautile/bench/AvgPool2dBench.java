package org.nautile.bench;

import org.nautile.op.AvgPool2dOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The means of squares of 2 x 2 pixels. */
public class AvgPool2dBench extends GradientBench {
    /** The number of channels. */
    @Param({"6", "64"})
    public int channels = 6;

    /** Height and width. */
    @Param({"32"})
    public int size = 32;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new AvgPool2dOp(2), uniform(64, channels, size, size).channelsLast());
    }
}
