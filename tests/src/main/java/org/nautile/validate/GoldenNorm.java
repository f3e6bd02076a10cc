package org.nautile.validate;

import java.io.IOException;
import org.nautile.Device;
import org.nautile.op.LayerNormOp;

/** PyTorch's cases of normalisation. */
final class GoldenNorm {
    private GoldenNorm() {}

    static Measure layerNorm(GoldenFile file, Device device) throws IOException {
        String axes = file.text("axes");
        if (!axes.equals("last")) {
            throw file.unknown("axes", axes);
        }
        Budget forward =
                Budget.ulp(4, "the contract of layer_norm.h").plus(2e-6).within(1e-6);
        Budget backward = Budget.ulp(8, "differences and sums of terms of order 1")
                .plus(4e-6)
                .within(2e-6);
        LayerNormOp op = new LayerNormOp(1, file.number("epsilon"));
        return GoldenOps.check(
                file, device, GoldenOps.on(op), forward, backward, GoldenOps.NONE, "x", "weight", "bias");
    }
}
