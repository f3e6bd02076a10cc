package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.DropoutKernel;

/**
 * Sets each element to zero with probability p and multiplies the others by {@code 1 / (1 - p)}, as PyTorch's dropout does in
 * training. The output may be the input x.
 *
 * <p>Which elements, says a stream of {@link org.nautile.Philox}, from the second input on: position, int64 [1]. It has no
 * gradient, and the op advances it by the number of elements, so that the next use draws other numbers, also in a step that a
 * {@link org.nautile.Plan} runs again. The backward pass draws the same numbers again; no mask is kept.
 *
 * @param p the probability, from 0 to 1
 * @param seed the seed
 * @param stream the stream, one for each use of randomness
 */
public record DropoutOp(double p, long seed, long stream) implements Op {
    private static final List<String> INPUTS = List.of("x", "position");

    /**
     * Checks the parameters.
     *
     * @param p the probability
     * @param seed the seed
     * @param stream the stream
     */
    public DropoutOp {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("dropout: probability " + p + " is not in [0, 1]");
        }
    }

    @Override
    public String name() {
        return "dropout";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public boolean overwrites(int input) {
        return input == 0;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor x = call.input(0).contiguous();
        Tensor position = call.input(1);
        if (!x.dtype().isFloating() || position.dtype() != DType.INT64 || position.size() != 1) {
            throw call.error("x must be floating, and position int64 with one element");
        }
        Tensor y = call.result(x.dtype(), x.shape());
        Tensor used = Tensor.empty(x.device(), DType.INT64, Shape.of(1));
        DropoutKernel.TYPE.on(x).forward(x, y, position, used, seed, stream, p);
        call.save(used);
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        if (gradients.wants(0)) {
            boolean accumulate = gradients.accumulates(0);
            Tensor dx = gradients.buffer(0);
            DropoutKernel.TYPE.on(dy).backward(dy, call.saved(0), dx, seed, stream, p, accumulate);
        }
    }
}
