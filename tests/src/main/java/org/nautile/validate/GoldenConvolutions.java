package org.nautile.validate;

import java.io.IOException;
import java.util.Locale;
import org.nautile.Device;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.Conv2dKernel.Geometry;
import org.nautile.op.Conv2dOp;
import org.nautile.op.ConvTranspose2dOp;
import org.nautile.op.PadOp;

/** PyTorch's cases of convolutions. */
final class GoldenConvolutions {
    private static final int[] ONES = {1, 1};
    private static final int[] NONE = {0, 0};

    private GoldenConvolutions() {}

    static Measure conv2d(GoldenFile file, Device device) throws IOException {
        int[] padding = file.integers("padding");
        String mode = file.text("padding_mode");
        if (mode.equals("zeros")) {
            Conv2dOp op = new Conv2dOp(geometry(file, padding));
            return GoldenOps.products(file, device, inputs -> Autograd.apply(op, inputs), "x", "weight", "bias");
        }
        PadOp.Mode border = PadOp.Mode.valueOf(mode.toUpperCase(Locale.ROOT));
        Conv2dOp op = new Conv2dOp(geometry(file, NONE));
        GoldenOps.Formula formula = inputs -> {
            Tensor rows = Autograd.apply(new PadOp(border, 2, padding[0], padding[0]), inputs[0]);
            Tensor padded = Autograd.apply(new PadOp(border, 3, padding[1], padding[1]), rows);
            return Autograd.apply(op, padded, inputs[1], inputs[2]);
        };
        return GoldenOps.products(file, device, formula, "x", "weight", "bias");
    }

    static Measure transposed(GoldenFile file, Device device) throws IOException {
        int[] output = file.integers("output_padding");
        ConvTranspose2dOp op = new ConvTranspose2dOp(geometry(file, file.integers("padding")), output[0], output[1]);
        return GoldenOps.products(file, device, inputs -> Autograd.apply(op, inputs), "x", "weight", "bias");
    }

    private static Geometry geometry(GoldenFile file, int... padding) throws IOException {
        int[] stride = file.integers("stride");
        int[] dilation = file.hasAttribute("dilation") ? file.integers("dilation") : ONES;
        int groups = file.hasAttribute("groups") ? (int) file.number("groups") : 1;
        return new Geometry(stride[0], stride[1], padding[0], padding[1], dilation[0], dilation[1], groups);
    }
}
