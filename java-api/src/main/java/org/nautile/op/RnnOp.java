package org.nautile.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.RecurrentInputs;
import org.nautile.backend.RnnKernel;
import org.nautile.backend.RnnKernel.Nonlinearity;

/**
 * A plain recurrent layer over a whole sequence, as one direction of one layer of {@code torch.nn.RNN}: in each step {@code
 * y = h = f(x weight_ih^T + bias_ih + h weight_hh^T + bias_hh)}. Inputs: x [T, B, F], weight_ih [H, F], weight_hh [H, H],
 * then, where there are, bias_ih and bias_hh [H], the first state h0 [B, H], and int64 lengths [B], past which a sequence's
 * state stays and its y is 0.
 *
 * <p>The result is [T + 1, B, H]: y, then the last h.
 *
 * @param nonlinearity f
 * @param reverse whether each sequence is read from its last step to its first
 * @param bias whether there are biases
 * @param state whether there is a first state; zeros if not
 * @param lengths whether sequences have lengths of their own, from 0 to T
 */
public record RnnOp(Nonlinearity nonlinearity, boolean reverse, boolean bias, boolean state, boolean lengths)
        implements Op {
    /** Forward in time, with biases, from a state of zeros, all sequences of one length. */
    public RnnOp() {
        this(Nonlinearity.TANH, false, true, false, false);
    }

    private Recurrent form() {
        return new Recurrent(1, false, true, bias, state, lengths);
    }

    @Override
    public String name() {
        return "rnn";
    }

    @Override
    public List<String> inputs() {
        return form().names();
    }

    @Override
    public Tensor forward(Call call) {
        Recurrent form = form();
        RecurrentInputs in = form.inputs(call, reverse);
        Tensor result = call.result(in.x().dtype(), form.result(in));
        Tensor y = Recurrent.outputs(result, in);
        Tensor hn = Recurrent.row(result, in.steps());
        RnnKernel.TYPE.on(y).forward(in, nonlinearity, y, hn);
        return result;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Recurrent form = form();
        RecurrentInputs in = form.inputs(call, reverse);
        Tensor y = Recurrent.outputs(call.output(), in);
        Tensor dyn = Recurrent.outputs(dy, in);
        Tensor dhn = Recurrent.row(dy, in.steps());
        RnnKernel.TYPE.on(y).backward(in, nonlinearity, y, dyn, dhn, form.gradients(gradients, in));
    }
}
