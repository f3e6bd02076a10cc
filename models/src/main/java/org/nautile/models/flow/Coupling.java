package org.nautile.models.flow;

import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.nn.Activation;
import org.nautile.nn.Linear;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;
import org.nautile.op.ActivationOp;
import org.nautile.op.Op;
import org.nautile.op.ScaleOp;
import org.nautile.op.SliceOp;

/** What one coordinate says of how the other changes: a small network. */
final class Coupling extends Module {
    /** The largest scale and, with a minus, the least: e^2 bounds how much rounding errors grow on the way back. */
    static final double BOUND = 2;

    private static final Op TANH = new ActivationOp(ActivationKernel.Function.TANH);
    private final Sequential network;

    Coupling(int hidden, Generator random) {
        network = child(
                "network",
                new Sequential(
                        new Linear(1, hidden, random),
                        Activation.relu(),
                        new Linear(hidden, hidden, random),
                        Activation.relu(),
                        new Linear(hidden, 2, random)));
    }

    /**
     * {@code y = x e^scale + shift}.
     *
     * @param scale [B, 1]
     * @param shift [B, 1]
     */
    record Affine(Tensor scale, Tensor shift) {}

    /** What the coordinate [B, 1] that stays says. */
    Affine affine(Tensor stays) {
        Tensor said = network.forward(stays);
        Tensor scale = Autograd.apply(TANH, Autograd.apply(new SliceOp(1, 0, 1), said));
        return new Affine(Autograd.apply(new ScaleOp(BOUND, 0), scale), Autograd.apply(new SliceOp(1, 1, 2), said));
    }

    /** Scale and shift side by side, [B, 2], before the scale is bounded. */
    @Override
    public Tensor forward(Tensor x) {
        return network.forward(x);
    }
}
