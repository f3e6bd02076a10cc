package org.nautile.op;

import java.util.List;
import org.nautile.ShapeException;
import org.nautile.Tensor;

/**
 * An operation with its parameters: what it computes, and how gradients pass through it. Immutable; knows no tape.
 */
public interface Op {
    /**
     * The name, for errors.
     *
     * @return for example {@code "cross_entropy"}
     */
    String name();

    /**
     * The names of the inputs, for errors; optional ones last.
     *
     * @return for example {@code [x, weight, bias]}
     */
    List<String> inputs();

    /**
     * Whether there may be more inputs than {@link #inputs} names; the last name then stands for all of the rest.
     *
     * @return false for most ops
     */
    default boolean variadic() {
        return false;
    }

    /**
     * Whether the output may be written over an input, the whole of it. Any other overlap is an error.
     *
     * @param input its place in {@link #inputs}
     * @return true for ops by element
     */
    default boolean overwrites(int input) {
        return false;
    }

    /**
     * Checks the inputs and computes the output.
     *
     * @param call the inputs; keeps what {@link #backward} needs beyond them and the output
     * @return the output, made by {@link Call#result} or a view of an input
     * @throws ShapeException if shapes, types or devices do not fit; the message holds all sides
     */
    Tensor forward(Call call);

    /**
     * Computes the gradients of the inputs that want one.
     *
     * @param call the forward pass, with inputs, output and what was saved
     * @param dy the gradient by the output, of the output's shape; the tape gives it the output's layout if that is dense, and
     *     makes it contiguous if not
     * @param gradients takes the results
     */
    void backward(Call call, Tensor dy, Gradients gradients);

    /**
     * Computes the op, without anything to be remembered.
     *
     * @param inputs the inputs, as {@link #inputs} names them
     * @return the output, owned by the innermost open scope
     * @throws ShapeException if shapes, types or devices do not fit
     */
    default Tensor apply(Tensor... inputs) {
        return new Call(this, null, false, inputs).forward();
    }

    /**
     * Computes the op into a tensor that exists.
     *
     * @param output contiguous (for ops by element and on pictures: dense), of the result's shape, type and device; may be an
     *     input only where the op says so
     * @param inputs the inputs, as {@link #inputs} names them
     * @return the output
     * @throws ShapeException if shapes, types or devices do not fit, or the op's result is a view
     */
    default Tensor applyInto(Tensor output, Tensor... inputs) {
        if (new Call(this, output, false, inputs).forward() != output) {
            throw new ShapeException(name() + ": the result is a view and cannot be written into a given tensor");
        }
        return output;
    }
}
