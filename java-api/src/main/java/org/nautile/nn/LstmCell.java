package org.nautile.nn;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.LstmCellOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

/**
 * One step of an {@link Lstm} layer, {@code torch.nn.LSTMCell}: x {@code [B, F]}, states {@code [B, H]}. Parameters
 * {@code weight_ih} [4H, F], {@code weight_hh} [4H, H], {@code bias_ih} and {@code bias_hh} [4H], at first uniform in
 * +-1/sqrt(H), as in PyTorch.
 */
public final class LstmCell extends Module {
    private final List<Parameter> parameters;
    private final boolean bias;

    /**
     * A state.
     *
     * @param h the outputs [B, H]
     * @param c the cells [B, H]
     */
    public record State(Tensor h, Tensor c) {}

    /**
     * A cell with biases.
     *
     * @param inputs features, {@code >= 1}
     * @param hidden units, {@code >= 1}
     * @param random draws the first weights
     */
    public LstmCell(int inputs, int hidden, Generator random) {
        this(inputs, hidden, true, random);
    }

    /**
     * A cell.
     *
     * @param inputs features, {@code >= 1}
     * @param hidden units, {@code >= 1}
     * @param bias whether there are biases
     * @param random draws the first weights
     */
    public LstmCell(int inputs, int hidden, boolean bias, Generator random) {
        if (inputs < 1 || hidden < 1) {
            throw new IllegalArgumentException(
                    "LstmCell: " + inputs + " inputs, " + hidden + " units; at least 1 each");
        }
        this.bias = bias;
        parameters = Recurrent.cell(4, inputs, hidden, bias, "", this, random);
    }

    /**
     * A step from a state of zeros.
     *
     * @param x [B, F]
     * @return the next state's h [B, H]
     */
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, null).h();
    }

    /**
     * A step.
     *
     * @param x [B, F]
     * @param state the state before; null for zeros
     * @return the next state
     */
    public State forward(Tensor x, @Nullable State state) {
        Stream<Tensor> values = Stream.concat(Stream.of(x), parameters.stream().map(Parameter::value));
        Stream<Tensor> all = state == null ? values : Stream.concat(values, Stream.of(state.h, state.c));
        Tensor next = Autograd.apply(new LstmCellOp(bias, state != null), all.toArray(Tensor[]::new));
        return new State(row(next, 0), row(next, 1));
    }

    private static Tensor row(Tensor next, long index) {
        Tensor one = Autograd.apply(new SliceOp(0, index, index + 1), next);
        return Autograd.apply(new ReshapeOp(next.shape().dim(1), next.shape().dim(2)), one);
    }
}
