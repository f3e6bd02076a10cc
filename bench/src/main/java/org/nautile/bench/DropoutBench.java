package org.nautile.bench;

import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.op.DropoutOp;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Half of the elements are dropped; the position in the stream of random bits moves on. */
public class DropoutBench extends GradientBench {
    /** The number of elements. */
    @Param({"1000", "65536", "16777216"})
    public int size = 1000;

    /** Makes the inputs. */
    @Setup
    public void setup() {
        prepare(new DropoutOp(0.5, 1, 2), uniform(size), Tensor.full(open(), DType.INT64, Shape.of(1), 0));
    }
}
