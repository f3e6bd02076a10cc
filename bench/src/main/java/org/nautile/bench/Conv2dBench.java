package org.nautile.bench;

import org.nautile.backend.Conv2dKernel.Geometry;
import org.nautile.op.Conv2dOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A convolution of 64 pictures with a 3 x 3 kernel, padded so that the size stays. */
public class Conv2dBench extends GradientBench {
    /** Channels in x channels out x rows and columns. */
    @Param({"3x32x32", "32x64x32", "128x128x16"})
    public String size = "3x32x32";

    /** Makes the inputs. */
    @Setup
    public void setup() {
        int[] ckh = MatmulBench.sizes(size);
        prepare(
                new Conv2dOp(new Geometry(1, 1)),
                uniform(64, ckh[0], ckh[2], ckh[2]).channelsLast(),
                uniform(ckh[1], ckh[0], 3, 3),
                uniform(ckh[1]));
    }
}
