package org.nautile.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.GruKernel;
import org.nautile.backend.RecurrentInputs;

/**
 * A layer of gated recurrent units over a whole sequence, as one direction of one layer of {@code torch.nn.GRU}: in each
 * step {@code y = h = (1 - z) n + z h}, with r and z the sigmoid of {@code x weight_ih^T + bias_ih + h weight_hh^T +
 * bias_hh} and {@code n = tanh(x weight_ih^T + bias_ih + r (h weight_hh^T + bias_hh))}, whose rows are in the order r, z, n.
 * Inputs: x [T, B, F], weight_ih [3H, F], weight_hh [3H, H], then, where there are, bias_ih and bias_hh [3H], the first
 * state h0 [B, H], and int64 lengths [B], past which a sequence's state stays and its y is 0.
 *
 * <p>The result is [T + 1, B, H]: y, then the last h.
 *
 * @param reverse whether each sequence is read from its last step to its first
 * @param bias whether there are biases
 * @param state whether there is a first state; zeros if not
 * @param lengths whether sequences have lengths of their own, from 0 to T
 */
public record GruOp(boolean reverse, boolean bias, boolean state, boolean lengths) implements Op {
    /** Forward in time, with biases, from a state of zeros, all sequences of one length. */
    public GruOp() {
        this(false, true, false, false);
    }

    private Recurrent form() {
        return new Recurrent(3, false, true, bias, state, lengths);
    }

    @Override
    public String name() {
        return "gru";
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
        Tensor gates = call.recording() ? Recurrent.kept(in, 4) : null;
        GruKernel.TYPE.on(y).forward(in, y, hn, gates);
        if (gates != null) {
            call.save(gates);
        }
        return result;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Recurrent form = form();
        RecurrentInputs in = form.inputs(call, reverse);
        Tensor y = Recurrent.outputs(call.output(), in);
        Tensor dyn = Recurrent.outputs(dy, in);
        Tensor dhn = Recurrent.row(dy, in.steps());
        GruKernel.TYPE.on(y).backward(in, y, call.saved(0), dyn, dhn, form.gradients(gradients, in));
    }
}
