package org.nautile.op;

import org.nautile.Tensor;

/** Where a backward pass puts the gradients of an op's inputs. */
public interface Gradients {
    /**
     * Whether an input wants a gradient. What is not wanted must not be computed.
     *
     * @param input the input's place
     * @return true if so
     */
    boolean wants(int input);

    /**
     * Whether {@link #buffer} already holds a gradient, from another use of the same tensor, that must be added to. To be asked
     * before {@link #buffer}, once for each input and in the order in which the buffers are written.
     *
     * @param input the input's place; it wants a gradient
     * @return true to add, false to overwrite
     */
    boolean accumulates(int input);

    /**
     * The gradient of an input, to be written.
     *
     * @param input the input's place; it wants a gradient
     * @return contiguous, of the input's shape and type
     */
    Tensor buffer(int input);

    /**
     * As {@link #buffer}, for ops that write any dense layout: the input's own if they can choose.
     *
     * @param input the input's place; it wants a gradient
     * @return dense, of the input's shape and type
     */
    default Tensor denseBuffer(int input) {
        return buffer(input);
    }

    /**
     * Adds a gradient that exists already: a new tensor, the gradient by the output, or a view of one. It must not be written
     * afterwards.
     *
     * @param input the input's place; one that wants no gradient is ignored
     * @param gradient of the input's shape and type
     */
    void add(int input, Tensor gradient);
}
