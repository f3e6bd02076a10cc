package org.nautile.nn;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.Op;

/** A tensor that training changes, with its gradient. A {@link Module} may move it to other memory or another device. */
public final class Parameter {
    private Tensor value;

    Parameter(Tensor value) {
        this.value = Autograd.requireGradient(value);
    }

    /**
     * The value, for use in ops. Not to be kept: moving the module replaces it.
     *
     * @return the tensor
     */
    public Tensor value() {
        return value;
    }

    /**
     * The gradient of the loss by this parameter.
     *
     * @return null if no backward pass has reached it since it was cleared
     */
    public @Nullable Tensor gradient() {
        return Autograd.gradient(value);
    }

    /** Forgets the gradient: the next backward pass overwrites it. */
    public void clearGradient() {
        Autograd.clearGradient(value);
    }

    /** Applies an op to x and to those of the parameters that there are. */
    static Tensor apply(Op op, Tensor x, @Nullable Parameter... parameters) {
        return apply(op, List.of(x), parameters);
    }

    /** Applies an op to inputs, then those of the parameters that there are. */
    static Tensor apply(Op op, List<Tensor> inputs, @Nullable Parameter... parameters) {
        List<Tensor> all = new ArrayList<>(inputs);
        for (Parameter parameter : parameters) {
            if (parameter != null) {
                all.add(parameter.value);
            }
        }
        return Autograd.apply(op, all.toArray(Tensor[]::new));
    }

    /** Replaces the value; what is in it stays the caller's business. */
    void moveTo(Tensor tensor) {
        Tensor old = value;
        value = Autograd.requireGradient(tensor);
        old.close();
    }

    /** Replaces the value and says where its gradient goes. */
    void moveTo(Tensor tensor, Tensor gradient) {
        Tensor old = value;
        value = Autograd.requireGradient(tensor, gradient);
        old.close();
    }

    /** Frees the value and the gradient. */
    void close() {
        Tensor gradient = gradient();
        if (gradient != null) {
            gradient.close();
        }
        value.close();
    }
}
