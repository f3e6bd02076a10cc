package org.nautile.models.series;

import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.models.memory.Cell;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.nn.Recurrent;
import org.nautile.op.BinaryOp;
import org.nautile.op.Op;
import org.nautile.op.PermuteOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

/**
 * A recurrent network that reads a window, number by number, and from its last state says the whole horizon at once.
 * It reads and says differences from the last number, so that it need not learn a series's level. Parameters begin
 * with {@code rnn.} and {@code out.}.
 */
public final class Forecaster extends Module {
    private static final Loss ERROR = Loss.meanSquaredError();
    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);
    private static final Op SUBTRACT = new BinaryOp(BinaryKernel.Function.SUB);

    private final Recurrent layer;
    private final Linear out;
    private final int window;
    private final int horizon;

    /**
     * A new network.
     *
     * @param cell its kind
     * @param hidden units, {@code >= 1}
     * @param window the numbers it reads, {@code >= 1}
     * @param horizon the numbers it says, {@code >= 1}
     * @param random draws the first weights
     */
    public Forecaster(Cell cell, int hidden, int window, int horizon, Generator random) {
        layer = child("rnn", cell.layers(1, hidden, new Recurrent.Options(), random));
        out = child("out", new Linear(hidden, horizon, random));
        this.window = window;
        this.horizon = horizon;
    }

    /**
     * Forecasts.
     *
     * @param x windows [B, window]; what follows them in a row is not read
     * @return [B, horizon]
     */
    @Override
    public Tensor forward(Tensor x) {
        return Autograd.apply(ADD, change(differences(x)), last(x));
    }

    /** The last known number of each row: [B, 1]. */
    private Tensor last(Tensor x) {
        return Autograd.apply(new SliceOp(1, window - 1, window), x);
    }

    /** What is read: [window, B, 1]. */
    private Tensor differences(Tensor x) {
        Tensor known = Autograd.apply(new SliceOp(1, 0, window), x);
        Tensor differences = Autograd.apply(SUBTRACT, known, last(x));
        long batch = x.shape().dim(0);
        Tensor swapped = Autograd.apply(new PermuteOp(1, 0), differences);
        return Autograd.apply(new ReshapeOp(window, batch, 1), swapped);
    }

    /** From what is read [window, B, 1] to differences from the last number, [B, horizon]. */
    private Tensor change(Tensor read) {
        Tensor states = layer.forward(read);
        long batch = states.shape().dim(1);
        Tensor state = Autograd.apply(new SliceOp(0, window - 1, window), states);
        return out.forward(Autograd.apply(new ReshapeOp(batch, states.shape().dim(2)), state));
    }

    /**
     * The mean squared error of forecasts.
     *
     * @param examples [B, window + horizon]
     * @return a scalar
     */
    public Tensor loss(Tensor examples) {
        return ERROR.of(forward(examples), Autograd.apply(new SliceOp(1, window, window + horizon), examples));
    }

    /**
     * How much each number that is read matters: the norm of the loss's gradient by it, over all examples.
     *
     * @param examples [B, window + horizon], contiguous
     * @return [window], from the oldest number to the newest
     */
    public double[] gradientNorms(Tensor examples) {
        try (Scope scope = new Scope()) {
            int batch = (int) examples.shape().dim(0);
            Tensor read;
            Tensor wanted;
            try (Autograd.Pause pause = Autograd.noGrad()) {
                read = differences(examples).contiguous();
                Tensor future = Autograd.apply(new SliceOp(1, window, window + horizon), examples);
                wanted = Autograd.apply(SUBTRACT, future, last(examples));
            }
            Tensor leaf = Autograd.requireGradient(read);
            Autograd.backward(ERROR.of(change(leaf), wanted));
            Tensor gradient = Autograd.gradient(leaf);
            parameters().values().forEach(Parameter::clearGradient); // nobody asked for those
            if (gradient == null) {
                throw new IllegalStateException("the loss does not depend on what is read");
            }
            float[] values = gradient.toFloatArray();
            double[] norms = new double[window];
            for (int i = 0; i < values.length; i++) {
                norms[i / batch] += (double) values[i] * values[i];
            }
            for (int step = 0; step < window; step++) {
                norms[step] = Math.sqrt(norms[step]);
            }
            return norms;
        }
    }
}
