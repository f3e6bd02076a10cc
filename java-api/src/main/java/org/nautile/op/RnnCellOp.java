package org.nautile.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.RecurrentInputs;
import org.nautile.backend.RnnKernel;
import org.nautile.backend.RnnKernel.Nonlinearity;

/**
 * One step of {@link RnnOp}, as {@code torch.nn.RNNCell}. Inputs: x [B, F], weight_ih [H, F], weight_hh [H, H], then, where
 * there are, bias_ih and bias_hh [H], and the state before, h0 [B, H]. The result is the next h [B, H].
 *
 * @param nonlinearity f
 * @param bias whether there are biases
 * @param state whether there is a state before; zeros if not
 */
public record RnnCellOp(Nonlinearity nonlinearity, boolean bias, boolean state) implements Op {
    /** With biases and a state before. */
    public RnnCellOp() {
        this(Nonlinearity.TANH, true, true);
    }

    private Recurrent form() {
        return new Recurrent(1, false, false, bias, state, false);
    }

    @Override
    public String name() {
        return "rnn_cell";
    }

    @Override
    public List<String> inputs() {
        return form().names();
    }

    @Override
    public Tensor forward(Call call) {
        RecurrentInputs in = form().inputs(call, false);
        Tensor h = call.result(in.x().dtype(), in.weightHh().shape().with(0, in.batch()));
        RnnKernel.TYPE.on(h).forward(in, nonlinearity, null, h);
        return h;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Recurrent form = form();
        RecurrentInputs in = form.inputs(call, false);
        Tensor h = Recurrent.asOutputs(call.output());
        RnnKernel.TYPE.on(h).backward(in, nonlinearity, h, null, dy, form.gradients(gradients, in));
    }
}
