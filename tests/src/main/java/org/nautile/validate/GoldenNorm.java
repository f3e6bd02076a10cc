package org.nautile.validate;

import java.io.IOException;
import java.util.Map;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.BatchNormOp;
import org.nautile.op.LayerNormOp;

/** PyTorch's cases of normalisation. */
final class GoldenNorm {
    private static final Budget FORWARD = Budget.ulp(4, "differences to a mean, times factors of order 1")
            .plus(2e-6)
            .within(1e-6);
    private static final Budget BACKWARD = Budget.ulp(16, "sums of hundreds of terms of order 1, PyTorch's in float32")
            .plus(1e-5)
            .within(2e-6);

    private GoldenNorm() {}

    static Measure batchNorm(GoldenFile file, Device device) throws IOException {
        boolean training = file.flag("training");
        BatchNormOp op = new BatchNormOp(training, true, file.number("momentum"), file.number("epsilon"));
        try (Scope scope = new Scope()) {
            Tensor mean = file.tensor("in.running_mean", device, Numbers.FLOAT32);
            Tensor variance = file.tensor("in.running_var", device, Numbers.FLOAT32);
            Tensor batches = Tensor.of(device, new long[] {0}, Shape.SCALAR);
            GoldenOps.Formula formula =
                    inputs -> Autograd.apply(op, inputs[0], mean, variance, batches, inputs[1], inputs[2]);
            Map<String, GoldenOps.Result> results =
                    GoldenOps.compute(file, device, Numbers.FLOAT32, formula, "x", "weight", "bias");
            if (training) {
                results.put("out.running_mean", new GoldenOps.Result(mean.shape(), mean.toArray()));
                results.put("out.running_var", new GoldenOps.Result(variance.shape(), variance.toArray()));
            }
            return GoldenOps.compare(file, results, FORWARD, BACKWARD, GoldenOps.NONE);
        }
    }

    static Measure layerNorm(GoldenFile file, Device device) throws IOException {
        String axes = file.text("axes");
        if (!axes.equals("last")) {
            throw file.unknown("axes", axes);
        }
        LayerNormOp op = new LayerNormOp(1, file.number("epsilon"));
        return GoldenOps.check(
                file, device, GoldenOps.on(op), FORWARD, BACKWARD, GoldenOps.NONE, "x", "weight", "bias");
    }
}
