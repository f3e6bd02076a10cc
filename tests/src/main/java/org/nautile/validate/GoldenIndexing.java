package org.nautile.validate;

import java.io.IOException;
import org.nautile.Device;
import org.nautile.op.EmbeddingOp;

/** PyTorch's cases of ops that take elements by their numbers. */
final class GoldenIndexing {
    private GoldenIndexing() {}

    static Measure embedding(GoldenFile file, Device device) throws IOException {
        Budget forward = Budget.exact("a copy");
        Budget backward = Budget.ulp(1, "a sum in double, rounded once");
        GoldenOps.Formula formula = GoldenOps.on(new EmbeddingOp());
        return GoldenOps.check(file, device, formula, forward, backward, GoldenOps.NONE, "weight", "ids");
    }
}
