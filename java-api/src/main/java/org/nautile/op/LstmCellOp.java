package org.nautile.op;

import java.util.List;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.LstmKernel;
import org.nautile.backend.RecurrentInputs;

/**
 * One step of {@link LstmOp}, as {@code torch.nn.LSTMCell}. Inputs: x [B, F], weight_ih [4H, F], weight_hh [4H, H], then,
 * where there are, bias_ih and bias_hh [4H], and the state before, h0 and c0 [B, H]. The result is [2, B, H]: the next h,
 * then the next c.
 *
 * @param bias whether there are biases
 * @param state whether there is a state before; zeros if not
 */
public record LstmCellOp(boolean bias, boolean state) implements Op {
    /** With biases and a state before. */
    public LstmCellOp() {
        this(true, true);
    }

    private Recurrent form() {
        return new Recurrent(4, true, false, bias, state, false);
    }

    @Override
    public String name() {
        return "lstm_cell";
    }

    @Override
    public List<String> inputs() {
        return form().names();
    }

    @Override
    public Tensor forward(Call call) {
        RecurrentInputs in = form().inputs(call, false);
        Tensor result = call.result(in.x().dtype(), Shape.of(2, in.batch(), in.hidden()));
        Tensor h = Recurrent.row(result, 0);
        Tensor c = Recurrent.row(result, 1);
        if (call.recording()) {
            Tensor gates = Recurrent.kept(in, 4);
            LstmKernel.TYPE.on(h).forward(in, null, h, c, gates, Recurrent.asOutputs(c));
            call.save(gates);
        } else {
            LstmKernel.TYPE.on(h).forward(in, null, h, c, null, null);
        }
        return result;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Recurrent form = form();
        RecurrentInputs in = form.inputs(call, false);
        Tensor h = Recurrent.asOutputs(Recurrent.row(call.output(), 0));
        Tensor c = Recurrent.asOutputs(Recurrent.row(call.output(), 1));
        Tensor dh = Recurrent.row(dy, 0);
        Tensor dc = Recurrent.row(dy, 1);
        LstmKernel.TYPE.on(h).backward(in, h, call.saved(0), c, null, dh, dc, form.gradients(gradients, in));
    }
}
