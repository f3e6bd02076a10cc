package org.nautile.bench;

import org.nautile.backend.LossReduction;
import org.nautile.backend.PointwiseLossKernel;
import org.nautile.op.PointwiseLossOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The mean of the losses of a batch, element by element. */
public class PointwiseLossBench extends GradientBench {
    /** The number of elements. */
    @Param({"640", "1048576"})
    public int size = 640;

    /** The loss. */
    @Param({"MSE", "BCE_WITH_LOGITS"})
    public PointwiseLossKernel.Function function = PointwiseLossKernel.Function.MSE;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new PointwiseLossOp(function, LossReduction.MEAN), uniform(size), uniform(size));
    }
}
