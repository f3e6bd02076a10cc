package org.nautile.nn;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.ConcatOp;
import org.nautile.op.Op;
import org.nautile.op.PermuteOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

/**
 * Recurrent layers one on the other, in one or both directions: {@link Rnn}, {@link Lstm} and {@link Gru}. x is {@code [T, B, F]}
 * and y {@code [T, B, D H]} with D directions, or {@code [B, T, F]} and {@code [B, T, D H]} with {@code batchFirst}; states are
 * {@code [L D, B, H]} for L layers, the directions of the first layer first.
 *
 * <p>Parameters for layer l are {@code weight_ih_l} [G H, F or D H], {@code weight_hh_l} [G H, H] and, with bias, {@code
 * bias_ih_l} and {@code bias_hh_l} [G H], followed by the layer's number, and once more with {@code _reverse} at the end for the
 * other direction; at first uniform in +-1/sqrt(H), as in PyTorch.
 */
public abstract class Recurrent extends Module {
    /**
     * What may be chosen, as PyTorch calls it.
     *
     * @param layers the number of layers, {@code >= 1}
     * @param bias whether there are biases
     * @param batchFirst whether x and y begin with the batch and not with time
     * @param dropout the probability with which {@link Dropout} drops what a layer gives to the next, in training
     * @param bidirectional whether each layer also reads the sequence from its end, and puts both outputs side by side
     */
    public record Options(int layers, boolean bias, boolean batchFirst, double dropout, boolean bidirectional) {
        /** PyTorch's defaults: one layer, with biases, time first, no dropout, one direction. */
        public Options() {
            this(1, true, false, 0, false);
        }

        /**
         * Checks the numbers.
         *
         * @param layers the number of layers
         * @param bias whether there are biases
         * @param batchFirst whether x and y begin with the batch
         * @param dropout the probability
         * @param bidirectional whether there are two directions
         */
        public Options {
            if (layers < 1) {
                throw new IllegalArgumentException("layers is " + layers + "; at least 1");
            }
            if (!(dropout >= 0 && dropout <= 1)) {
                throw new IllegalArgumentException("dropout is " + dropout + "; from 0 to 1");
            }
        }

        /**
         * So many layers.
         *
         * @param count {@code >= 1}
         * @return changed options
         */
        public Options withLayers(int count) {
            return new Options(count, bias, batchFirst, dropout, bidirectional);
        }

        /**
         * No biases.
         *
         * @return changed options
         */
        public Options withoutBias() {
            return new Options(layers, false, batchFirst, dropout, bidirectional);
        }

        /**
         * x and y begin with the batch.
         *
         * @return changed options
         */
        public Options withBatchFirst() {
            return new Options(layers, bias, true, dropout, bidirectional);
        }

        /**
         * Dropout between layers.
         *
         * @param p the probability, from 0 to 1
         * @return changed options
         */
        public Options withDropout(double p) {
            return new Options(layers, bias, batchFirst, p, bidirectional);
        }

        /**
         * Both directions.
         *
         * @return changed options
         */
        public Options withBothDirections() {
            return new Options(layers, bias, batchFirst, dropout, true);
        }
    }

    /**
     * What the layers say.
     *
     * @param y the last layer's state after each step
     * @param hn the last state of each layer and direction [L D, B, H]
     * @param cn the last cells of an {@link Lstm}, as hn; null for others
     */
    public record Result(Tensor y, Tensor hn, @Nullable Tensor cn) {}

    private final Options options;
    private final int inputs;
    private final int hidden;
    private final boolean cells;
    private final @Nullable Dropout dropout;
    private final List<List<Parameter>> parameters = new ArrayList<>(); // of each layer and direction

    /**
     * Makes the parameters.
     *
     * @param gates the blocks of rows of the weights
     * @param cells whether the state has cells
     * @param inputs features, {@code >= 1}
     * @param hidden units, {@code >= 1}
     * @param options what may be chosen
     * @param random draws the first weights
     */
    Recurrent(int gates, boolean cells, int inputs, int hidden, Options options, Generator random) {
        this.options = options;
        this.inputs = inputs;
        this.hidden = hidden;
        this.cells = cells;
        dropout = options.dropout > 0 ? child("dropout", new Dropout(options.dropout, random)) : null;
        for (int layer = 0; layer < options.layers; layer++) {
            int in = layer == 0 ? inputs : directions() * hidden;
            for (int direction = 0; direction < directions(); direction++) {
                String suffix = "_l" + layer + (direction == 0 ? "" : "_reverse");
                parameters.add(cell(gates, in, hidden, options.bias, suffix, this, random));
            }
        }
    }

    /** Makes the parameters of one layer in one direction, or of a cell. */
    static List<Parameter> cell(
            int gates, int in, int hidden, boolean bias, String suffix, Module module, Generator random) {
        if (in < 1 || hidden < 1) {
            throw new IllegalArgumentException(
                    module.getClass().getSimpleName() + ": " + in + " inputs, " + hidden + " units; at least 1 each");
        }
        float bound = (float) (1 / Math.sqrt(hidden));
        int rows = Math.multiplyExact(gates, hidden);
        List<Parameter> made = new ArrayList<>();
        made.add(module.parameter("weight_ih" + suffix, Linear.uniform(bound, random, rows, in)));
        made.add(module.parameter("weight_hh" + suffix, Linear.uniform(bound, random, rows, hidden)));
        if (bias) {
            made.add(module.parameter("bias_ih" + suffix, Linear.uniform(bound, random, rows)));
            made.add(module.parameter("bias_hh" + suffix, Linear.uniform(bound, random, rows)));
        }
        return List.copyOf(made);
    }

    private int directions() {
        return options.bidirectional ? 2 : 1;
    }

    /** One layer in one direction. */
    abstract Op op(boolean reverse, boolean bias, boolean state, boolean lengths);

    /**
     * All layers, from a state of zeros.
     *
     * @param x [T, B, F], or [B, T, F] with batchFirst
     * @return y
     */
    @Override
    public final Tensor forward(Tensor x) {
        return run(x, null, null, null).y();
    }

    /**
     * All layers, whichever kind they are.
     *
     * @param x [T, B, F], or [B, T, F] with batchFirst
     * @param h0 the first state [L D, B, H]; null for zeros
     * @param c0 the first cells [L D, B, H] of an {@link Lstm}, given or not as h0 is; null for others
     * @param lengths int64 [B], the steps of each sequence, past which its y is 0; null if all have T
     * @return y and the last state
     * @throws ShapeException if shapes, types or devices do not fit
     * @throws IllegalArgumentException if c0 is not where it should be
     */
    public final Result run(Tensor x, @Nullable Tensor h0, @Nullable Tensor c0, @Nullable Tensor lengths) {
        if ((c0 != null) != (cells && h0 != null)) {
            throw new IllegalArgumentException(getClass().getSimpleName() + ": h0 is " + h0 + ", c0 is " + c0 + "; "
                    + (cells ? "both or neither" : "it has no cells"));
        }
        if (x.shape().rank() != 3) {
            throw new ShapeException(getClass().getSimpleName() + ": x is " + x + "; "
                    + (options.batchFirst ? "[B,T,F]" : "[T,B,F]") + " is expected");
        }
        PermuteOp swap = new PermuteOp(1, 0, 2);
        Tensor y = options.batchFirst ? Autograd.apply(swap, x) : x;
        long steps = y.shape().dim(0);
        requireState("h0", h0, y);
        requireState("c0", c0, y);
        List<Tensor> states = new ArrayList<>();
        List<Tensor> memories = new ArrayList<>();
        for (int layer = 0; layer < options.layers; layer++) {
            y = dropout == null || layer == 0 ? y : dropout.forward(y);
            List<Tensor> sides = new ArrayList<>();
            for (int direction = 0; direction < directions(); direction++) {
                int index = layer * directions() + direction;
                Tensor h = h0 == null ? null : row(h0, index);
                Tensor c = c0 == null ? null : row(c0, index);
                Op op = op(direction == 1, options.bias, h != null, lengths != null);
                Tensor result = apply(op, y, parameters.get(index), h, c, lengths);
                sides.add(Autograd.apply(new SliceOp(0, 0, steps), result));
                states.add(Autograd.apply(new SliceOp(0, steps, steps + 1), result));
                if (cells) {
                    memories.add(Autograd.apply(new SliceOp(0, steps + 1, steps + 2), result));
                }
            }
            y = together(2, sides);
        }
        return new Result(
                options.batchFirst ? Autograd.apply(swap, y) : y,
                together(0, states),
                cells ? together(0, memories) : null);
    }

    private void requireState(String name, @Nullable Tensor state, Tensor x) {
        int count = options.layers * directions();
        if (state != null
                && (state.shape().rank() != 3
                        || state.shape().dim(0) != count
                        || state.shape().dim(1) != x.shape().dim(1)
                        || state.shape().dim(2) != hidden)) {
            throw new ShapeException(getClass().getSimpleName() + ": " + name + " is " + state + ", x has a batch of "
                    + x.shape().dim(1) + "; [" + count + ",B," + hidden + "] is expected");
        }
    }

    /** Applies the op of a layer or a cell to x, its parameters, and what else there is. */
    static Tensor apply(Op op, Tensor x, List<Parameter> parameters, @Nullable Tensor... more) {
        List<Tensor> inputs = new ArrayList<>(List.of(x));
        parameters.forEach(parameter -> inputs.add(parameter.value()));
        for (Tensor tensor : more) {
            if (tensor != null) {
                inputs.add(tensor);
            }
        }
        return Autograd.apply(op, inputs.toArray(Tensor[]::new));
    }

    /** One of several states: of [n, B, H] one [B, H]. */
    static Tensor row(Tensor all, long index) {
        Tensor one = Autograd.apply(new SliceOp(0, index, index + 1), all);
        return Autograd.apply(new ReshapeOp(all.shape().dim(1), all.shape().dim(2)), one);
    }

    private static Tensor together(int axis, List<Tensor> parts) {
        return parts.size() == 1 ? parts.get(0) : Autograd.apply(new ConcatOp(axis), parts.toArray(Tensor[]::new));
    }

    @Override
    protected final String describe() {
        return getClass().getSimpleName() + "(" + inputs + " -> " + hidden
                + (options.layers > 1 ? ", " + options.layers + " layers" : "")
                + (options.bidirectional ? ", both directions" : "")
                + (options.bias ? ")" : ", no bias)");
    }
}
