package org.nautile.validate;

import java.io.IOException;
import org.nautile.Device;
import org.nautile.backend.UpsampleKernel.Mode;
import org.nautile.backend.Window;
import org.nautile.op.AvgPool2dOp;
import org.nautile.op.MaxPool2dOp;
import org.nautile.op.Squeeze2dOp;
import org.nautile.op.UpsampleOp;
import org.nautile.op.UpsampleOp.Extent;

/** PyTorch's cases of pooling and other ops from pictures to pictures. */
final class GoldenPictures {
    private GoldenPictures() {}

    static Measure maxPool(GoldenFile file, Device device) throws IOException {
        MaxPool2dOp op = new MaxPool2dOp(window(file, 0), window(file, 1));
        Budget forward = Budget.exact("an element of x");
        Budget backward = Budget.ulp(1, "a sum of a few gradients").plus(1e-6);
        return GoldenOps.check(file, device, GoldenOps.on(op), forward, backward, GoldenOps.NONE, "x");
    }

    static Measure avgPool(GoldenFile file, Device device) throws IOException {
        AvgPool2dOp op = new AvgPool2dOp(window(file, 0), window(file, 1), file.flag("count_include_pad"), 0);
        Budget budget = Budget.ulp(2, "means of a few elements").plus(5e-7);
        return GoldenOps.check(file, device, GoldenOps.on(op), budget, budget, GoldenOps.NONE, "x");
    }

    static Measure squeeze(GoldenFile file, Device device) throws IOException {
        Squeeze2dOp op = new Squeeze2dOp((int) file.number("factor"), false);
        Budget exact = Budget.exact("nothing is computed");
        return GoldenOps.check(file, device, GoldenOps.on(op), exact, exact, GoldenOps.NONE, "x");
    }

    static Measure upsample(GoldenFile file, Device device) throws IOException {
        boolean nearest = file.text("mode").equals("nearest");
        Mode linear = file.flag("align_corners") ? Mode.BILINEAR_ALIGNED : Mode.BILINEAR;
        UpsampleOp op = new UpsampleOp(nearest ? Mode.NEAREST : linear, extent(file, 0), extent(file, 1));
        // weights to 1e-6: PyTorch computed in float64, and has steps rounded to float32 where it computes in float32
        Budget forward = nearest
                ? Budget.exact("an element of x")
                : Budget.ulp(2, "four terms of order 1").plus(4e-6);
        Budget backward = Budget.ulp(4, "a few terms of order 1").plus(8e-6);
        return GoldenOps.check(file, device, GoldenOps.on(op), forward, backward, GoldenOps.NONE, "x");
    }

    private static Extent extent(GoldenFile file, int axis) throws IOException {
        return file.hasAttribute("scale_factor")
                ? new Extent(0, file.number("scale_factor"))
                : new Extent(file.integers("size")[axis], 0);
    }

    private static Window window(GoldenFile file, int axis) throws IOException {
        return new Window(file.integers("kernel")[axis], file.integers("stride")[axis], file.integers("padding")[axis]);
    }
}
