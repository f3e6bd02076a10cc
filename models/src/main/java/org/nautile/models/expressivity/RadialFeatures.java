package org.nautile.models.expressivity;

import org.nautile.Device;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.nn.Buffer;
import org.nautile.nn.Module;
import org.nautile.op.BinaryOp;
import org.nautile.op.Op;
import org.nautile.op.ScaleOp;
import org.nautile.op.SliceOp;
import org.nautile.op.UnaryOp;

/**
 * Radial basis functions: how near a point of the plane is to each of some centres, {@code exp(-d^2 / (2 r^2))} for
 * distance d, [B, 2] to [B, centres]. There is nothing to learn; the centres are the buffer {@code centres} [2,
 * centres].
 */
public final class RadialFeatures extends Module {
    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);
    private static final Op SUBTRACT = new BinaryOp(BinaryKernel.Function.SUB);
    private static final Op SQUARE = new UnaryOp(UnaryKernel.Function.SQUARE);
    private static final Op EXP = new UnaryOp(UnaryKernel.Function.EXP);

    private final Buffer centres;
    private final Op scale;

    /**
     * Features.
     *
     * @param places x and y of each centre, one centre after the other
     * @param radius r, {@code > 0}
     */
    public RadialFeatures(float[] places, double radius) {
        int count = places.length / 2;
        float[] byAxis = new float[2 * count];
        for (int i = 0; i < count; i++) {
            byAxis[i] = places[2 * i];
            byAxis[count + i] = places[2 * i + 1];
        }
        centres = buffer("centres", Tensor.of(Device.defaultDevice(), byAxis, Shape.of(2, count)));
        scale = new ScaleOp(-1 / (2 * radius * radius), 0);
    }

    /** The squared distances along an axis, [B, centres]. */
    private Tensor squares(Tensor x, int axis) {
        Tensor here = Autograd.apply(new SliceOp(1, axis, axis + 1L), x);
        Tensor there = Autograd.apply(new SliceOp(0, axis, axis + 1L), centres.value());
        return Autograd.apply(SQUARE, Autograd.apply(SUBTRACT, here, there));
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor squares = Autograd.apply(ADD, squares(x, 0), squares(x, 1));
        return Autograd.apply(EXP, Autograd.apply(scale, squares));
    }

    @Override
    protected String describe() {
        return "RadialFeatures(" + centres.value().shape().dim(1) + " centres)";
    }
}
