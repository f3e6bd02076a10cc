package org.nautile.nn;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.op.GruCellOp;

/**
 * One step of a {@link Gru} layer, {@code torch.nn.GRUCell}: x {@code [B, F]}, states {@code [B, H]}. Parameters
 * {@code weight_ih} [3H, F], {@code weight_hh} [3H, H], {@code bias_ih} and {@code bias_hh} [3H], at first uniform in
 * +-1/sqrt(H), as in PyTorch.
 */
public final class GruCell extends Module {
    private final List<Parameter> parameters;
    private final boolean bias;

    /**
     * A cell with biases.
     *
     * @param inputs features, {@code >= 1}
     * @param hidden units, {@code >= 1}
     * @param random draws the first weights
     */
    public GruCell(int inputs, int hidden, Generator random) {
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
    public GruCell(int inputs, int hidden, boolean bias, Generator random) {
        this.bias = bias;
        parameters = Recurrent.cell(3, inputs, hidden, bias, "", this, random);
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
        return Recurrent.apply(new GruCellOp(bias, h != null), x, parameters, h);
    }
}
