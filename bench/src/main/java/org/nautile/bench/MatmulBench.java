package org.nautile.bench;

import java.util.Arrays;
import org.nautile.op.MatmulOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Matrix products; the sizes are M x K x N. */
public class MatmulBench extends GradientBench {
    /** Rows of a x columns of a x columns of b. */
    @Param({"64x64x64", "256x256x256", "1024x1024x1024", "64x784x64", "1x4096x1024", "10000x64x10"})
    public String size = "256x256x256";

    /** Reads a size such as 64x784x10. */
    static int[] sizes(String text) {
        return Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
    }

    /** Makes the inputs. */
    @Setup
    public void setup() {
        int[] mkn = sizes(size);
        prepare(new MatmulOp(false, false), uniform(mkn[0], mkn[1]), uniform(mkn[1], mkn[2]));
    }
}
