package org.nautile.op;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.RecurrentGradients;
import org.nautile.backend.RecurrentInputs;

/**
 * What the recurrent ops share: which inputs there are, their shapes, and the parts of their results.
 *
 * @param gates blocks of rows of the weights
 * @param cells whether the state has cells, as an LSTM's
 * @param steps whether x is a sequence [T, B, F] and not one step [B, F]
 * @param bias whether there are biases
 * @param state whether there is a first state
 * @param lengths whether there are lengths
 */
record Recurrent(int gates, boolean cells, boolean steps, boolean bias, boolean state, boolean lengths) {
    /** The inputs' names, in their order. */
    List<String> names() {
        List<String> names = new ArrayList<>(List.of("x", "weight_ih", "weight_hh"));
        if (bias) {
            names.addAll(List.of("bias_ih", "bias_hh"));
        }
        if (state) {
            names.add("h0");
            if (cells) {
                names.add("c0");
            }
        }
        if (lengths) {
            names.add("lengths");
        }
        return List.copyOf(names);
    }

    /** The inputs, checked; one step as a sequence of one. */
    RecurrentInputs inputs(Call call, boolean reverse) {
        List<String> names = names();
        if (call.count() != names.size()) {
            throw call.error("the inputs must be " + String.join(", ", names));
        }
        Tensor x = call.input(0);
        Tensor weightHh = call.input(2);
        for (int i = 0; i < names.size() - (lengths ? 1 : 0); i++) {
            if (call.input(i).dtype() != x.dtype() || !x.dtype().isFloating()) {
                throw call.error(
                        "float32 or float64 is needed, the same for all inputs" + (lengths ? " but lengths" : ""));
            }
        }
        if (x.shape().rank() != (steps ? 3 : 2) || (steps && x.shape().dim(0) == 0)) {
            throw call.error(steps ? "x must be [T,B,F] with T >= 1" : "x must be [B,F]");
        }
        if (weightHh.shape().rank() != 2 || weightHh.shape().dim(1) == 0) {
            throw call.error("weight_hh must be [" + rows("H") + ",H] with H >= 1");
        }
        long hidden = weightHh.shape().dim(1);
        long batch = x.shape().dim(-2);
        require(call, 1, Shape.of(gates * hidden, x.shape().dim(-1)));
        require(call, 2, Shape.of(gates * hidden, hidden));
        if (bias) {
            require(call, 3, Shape.of(gates * hidden));
            require(call, 4, Shape.of(gates * hidden));
        }
        int first = bias ? 5 : 3;
        if (state) {
            require(call, first, Shape.of(batch, hidden));
            if (cells) {
                require(call, first + 1, Shape.of(batch, hidden));
            }
        }
        Tensor counts = lengths ? call.input(names.size() - 1) : null;
        if (counts != null && (counts.dtype() != DType.INT64 || !counts.shape().equals(Shape.of(batch)))) {
            throw call.error("lengths must be [" + batch + "] int64");
        }
        Shape sequence = steps ? x.shape() : Shape.of(1, batch, x.shape().dim(1));
        return new RecurrentInputs(
                x.reshape(sequence),
                call.input(1).contiguous(),
                weightHh.contiguous(),
                bias ? call.input(3).contiguous() : null,
                bias ? call.input(4).contiguous() : null,
                state ? call.input(first).contiguous() : null,
                state && cells ? call.input(first + 1).contiguous() : null,
                counts == null ? null : counts.contiguous(),
                reverse);
    }

    private String rows(String hidden) {
        return gates == 1 ? hidden : gates + hidden;
    }

    private void require(Call call, int input, Shape shape) {
        if (!call.input(input).shape().equals(shape)) {
            throw call.error(names().get(input) + " must be " + shape
                    + ": F is the last extent of x, H that of weight_hh, " + rows("H") + " rows of weights");
        }
    }

    /** Where the gradients go. */
    RecurrentGradients gradients(Gradients gradients, RecurrentInputs in) {
        @Nullable Tensor[] targets = new Tensor[7]; // in the order of RecurrentGradients
        int accumulate = 0;
        int count = names().size() - (lengths ? 1 : 0);
        for (int i = 0; i < count; i++) {
            if (gradients.wants(i)) {
                int target = bias || i < 3 ? i : i + 2;
                accumulate |= gradients.accumulates(i) ? 1 << target : 0;
                targets[target] = gradients.buffer(i);
            }
        }
        Tensor dx = targets[0];
        return new RecurrentGradients(
                dx == null ? null : dx.reshape(in.x().shape()),
                targets[1],
                targets[2],
                targets[3],
                targets[4],
                targets[5],
                targets[6],
                accumulate);
    }

    /** Makes what a sequence's forward pass keeps: so many numbers for each unit and step. */
    static Tensor kept(RecurrentInputs in, int columns) {
        return Tensor.empty(in.x().device(), in.x().dtype(), Shape.of(in.steps(), in.batch(), columns * in.hidden()));
    }

    /** The shape of a sequence's result: the state after each step, and the last state. */
    Shape result(RecurrentInputs in) {
        return Shape.of(in.steps() + (cells ? 2 : 1), in.batch(), in.hidden());
    }

    /** The part of a sequence's result, or of the gradient by it, that is the state after each step. */
    static Tensor outputs(Tensor result, RecurrentInputs in) {
        return Axes.part(result, 0, 0, in.steps());
    }

    /** A row of a result, or of the gradient by it: a state or cells [batch, hidden]. */
    static Tensor row(Tensor result, long index) {
        return Axes.line(result, 0, index);
    }

    /** A state [batch, hidden] as the outputs of a sequence of one step. */
    static Tensor asOutputs(Tensor state) {
        return state.reshape(Shape.of(1, state.shape().dim(0), state.shape().dim(1)));
    }
}
