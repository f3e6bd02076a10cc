package org.nautile.op;

import java.util.List;
import org.nautile.Shape;
import org.nautile.Tensor;

/**
 * Several tensors of one shape and type beside each other along a new axis. The gradient of each is its part of the output's.
 *
 * @param axis the place of the new axis in the result, from 0, or from the end when negative
 */
public record StackOp(int axis) implements Op {
    private static final List<String> INPUTS = List.of("x");

    @Override
    public String name() {
        return "stack";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public boolean variadic() {
        return true;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor first = call.input(0);
        for (int i = 1; i < call.count(); i++) {
            if (!call.input(i).shape().equals(first.shape()) || call.input(i).dtype() != first.dtype()) {
                throw call.error("all must have one shape and one type");
            }
        }
        long[] dims = new long[first.shape().rank() + 1];
        int place = axis < 0 ? axis + dims.length : axis;
        if (place < 0 || place >= dims.length) {
            throw call.error("there is no place " + axis + " for another axis");
        }
        for (int i = 0; i < dims.length; i++) {
            dims[i] = i == place ? call.count() : first.shape().dim(i < place ? i : i - 1);
        }
        Tensor y = call.result(first.dtype(), Shape.of(dims));
        for (int i = 0; i < call.count(); i++) {
            Axes.line(y, place, i).copyFrom(call.input(i));
        }
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        for (int i = 0; i < call.count(); i++) {
            if (gradients.wants(i)) {
                gradients.add(i, Axes.line(dy, dy.shape().axis(axis), i));
            }
        }
    }
}
