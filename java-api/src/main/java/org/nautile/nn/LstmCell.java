package org.nautile.nn;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.op.LstmCellOp;

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
        Tensor h = state == null ? null : state.h;
        Tensor c = state == null ? null : state.c;
        Tensor next = Recurrent.apply(new LstmCellOp(bias, state != null), x, parameters, h, c);
        return new State(Recurrent.row(next, 0), Recurrent.row(next, 1));
    }
}
