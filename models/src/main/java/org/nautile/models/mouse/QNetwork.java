package org.nautile.models.mouse;

import java.util.List;
import java.util.Locale;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Activation;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;
import org.nautile.op.ReshapeOp;

/** What each move is worth: of observations [N, {@value MouseGame#OBSERVATION}], [N, 4]. */
public final class QNetwork extends Module {
    private static final int UNITS = 128;

    /** The kinds of networks. */
    public enum Kind {
        /** Two hidden layers. */
        MLP,
        /** Two convolutions and one hidden layer. */
        CONV;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;
    private final Sequential layers;

    /**
     * A network.
     *
     * @param kind its kind
     * @param random draws the weights
     */
    public QNetwork(Kind kind, Generator random) {
        this.kind = kind;
        layers = child("layers", kind == Kind.MLP ? mlp(random) : conv(random));
    }

    Kind kind() {
        return kind;
    }

    private static Sequential mlp(Generator random) {
        return new Sequential(
                new Linear(MouseGame.OBSERVATION, UNITS, random),
                Activation.relu(),
                new Linear(UNITS, UNITS, random),
                Activation.relu(),
                new Linear(UNITS, Move.values().length, random));
    }

    private static Sequential conv(Generator random) {
        return new Sequential(
                new Conv2d(MouseGame.PLANES, 16, ConvOptions.kernel(3).padding(1), random), // 5 x 5
                Activation.relu(),
                new Conv2d(16, 32, ConvOptions.kernel(3), random), // 3 x 3
                Activation.relu(),
                new Flatten(),
                new Linear(32 * 9, UNITS, random),
                Activation.relu(),
                new Linear(UNITS, Move.values().length, random));
    }

    @Override
    public Tensor forward(Tensor x) {
        long view = MouseGame.VIEW;
        return layers.forward(
                kind == Kind.MLP
                        ? x
                        : Autograd.apply(new ReshapeOp(List.of(-1L, (long) MouseGame.PLANES, view, view)), x));
    }
}
