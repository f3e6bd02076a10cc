package org.nautile.op;

import java.util.List;
import org.nautile.Tensor;
import org.nautile.backend.GruKernel;
import org.nautile.backend.RecurrentInputs;

/**
 * One step of {@link GruOp}, as {@code torch.nn.GRUCell}. Inputs: x [B, F], weight_ih [3H, F], weight_hh [3H, H], then,
 * where there are, bias_ih and bias_hh [3H], and the state before, h0 [B, H]. The result is the next h [B, H].
 *
 * @param bias whether there are biases
 * @param state whether there is a state before; zeros if not
 */
public record GruCellOp(boolean bias, boolean state) implements Op {
    /** With biases and a state before. */
    public GruCellOp() {
        this(true, true);
    }

    private Recurrent form() {
        return new Recurrent(3, false, false, bias, state, false);
    }

    @Override
    public String name() {
        return "gru_cell";
    }

    @Override
    public List<String> inputs() {
        return form().names();
    }

    @Override
    public Tensor forward(Call call) {
        RecurrentInputs in = form().inputs(call, false);
        Tensor h = call.result(in.x().dtype(), in.weightHh().shape().with(0, in.batch()));
        Tensor gates = call.recording() ? Recurrent.kept(in, 4) : null;
        GruKernel.TYPE.on(h).forward(in, null, h, gates);
        if (gates != null) {
            call.save(gates);
        }
        return h;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Recurrent form = form();
        RecurrentInputs in = form.inputs(call, false);
        Tensor h = Recurrent.asOutputs(call.output());
        GruKernel.TYPE.on(h).backward(in, h, call.saved(0), null, dy, form.gradients(gradients, in));
    }
}
