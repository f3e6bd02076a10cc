package org.nautile.nn;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.backend.RnnKernel.Nonlinearity;
import org.nautile.op.RnnCellOp;

/**
 * One step of an {@link Rnn} layer, {@code torch.nn.RNNCell}: x {@code [B, F]}, states {@code [B, H]}. Parameters
 * {@code weight_ih} [H, F], {@code weight_hh} [H, H], {@code bias_ih} and {@code bias_hh} [H], at first uniform in
 * +-1/sqrt(H), as in PyTorch.
 */
public final class RnnCell extends Module {
    private final List<Parameter> parameters;
    private final boolean bias;
    private final Nonlinearity nonlinearity;

    /**
     * A cell with biases and tanh.
     *
     * @param inputs features, {@code >= 1}
     * @param hidden units, {@code >= 1}
     * @param random draws the first weights
     */
    public RnnCell(int inputs, int hidden, Generator random) {
        this(inputs, hidden, true, Nonlinearity.TANH, random);
    }

    /**
     * A cell.
     *
     * @param inputs features, {@code >= 1}
     * @param hidden units, {@code >= 1}
     * @param bias whether there are biases
     * @param nonlinearity what a unit does with its sum
     * @param random draws the first weights
     */
    public RnnCell(int inputs, int hidden, boolean bias, Nonlinearity nonlinearity, Generator random) {
        this.bias = bias;
        this.nonlinearity = nonlinearity;
        parameters = Recurrent.cell(1, inputs, hidden, bias, "", this, random);
    }

    /**
     * A step from a state of zeros.
     *
     * @param x [B, F]
     * @return the next state [B, H]
     */
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, null);
    }

    /**
     * A step.
     *
     * @param x [B, F]
     * @param h the state before [B, H]; null for zeros
     * @return the next state [B, H]
     */
    public Tensor forward(Tensor x, @Nullable Tensor h) {
        return Recurrent.apply(new RnnCellOp(nonlinearity, bias, h != null), x, parameters, h);
    }
}
