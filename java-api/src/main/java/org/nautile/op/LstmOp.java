package org.nautile.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.LstmKernel;
import org.nautile.backend.RecurrentInputs;

/**
 * A layer of long short-term memory over a whole sequence, as one direction of one layer of {@code torch.nn.LSTM}: in each
 * step {@code c = f c + i g} and {@code y = h = o tanh(c)}, with i, f, o the sigmoid and g the tanh of {@code x weight_ih^T
 * + bias_ih + h weight_hh^T + bias_hh}, whose rows are in the order i, f, g, o. Inputs: x [T, B, F], weight_ih [4H, F],
 * weight_hh [4H, H], then, where there are, bias_ih and bias_hh [4H], the first state h0 and c0 [B, H], and int64 lengths
 * [B], past which a sequence's state stays and its y is 0.
 *
 * <p>The result is [T + 2, B, H]: y, then the last h, then the last c.
 *
 * @param reverse whether each sequence is read from its last step to its first
 * @param bias whether there are biases
 * @param state whether there is a first state; zeros if not
 * @param lengths whether sequences have lengths of their own, from 0 to T
 */
public record LstmOp(boolean reverse, boolean bias, boolean state, boolean lengths) implements Op {
    /** Forward in time, with biases, from a state of zeros, all sequences of one length. */
    public LstmOp() {
        this(false, true, false, false);
    }

    private Recurrent form() {
        return new Recurrent(4, true, true, bias, state, lengths);
    }

    @Override
    public String name() {
        return "lstm";
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
        Tensor cn = Recurrent.row(result, in.steps() + 1);
        Tensor gates = call.recording() ? Recurrent.kept(in, 4) : null;
        Tensor cells = call.recording() ? Recurrent.kept(in, 1) : null;
        LstmKernel.TYPE.on(y).forward(in, y, hn, cn, gates, cells);
        if (gates != null && cells != null) {
            call.save(gates, cells);
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
        Tensor dcn = Recurrent.row(dy, in.steps() + 1);
        LstmKernel.TYPE
                .on(y)
                .backward(in, y, call.saved(0), call.saved(1), dyn, dhn, dcn, form.gradients(gradients, in));
    }
}
