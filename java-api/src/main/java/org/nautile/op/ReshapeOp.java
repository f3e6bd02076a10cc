package org.nautile.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nautile.Shape;
import org.nautile.Tensor;

/**
 * The same elements in another shape: a view where strides allow it, a copy otherwise.
 *
 * @param dims the new extents; one of them may be -1 and is computed from the others
 */
public record ReshapeOp(List<Long> dims) implements Op {
    private static final List<String> INPUTS = List.of("x");

    /**
     * Checks the parameters.
     *
     * @param dims the new extents
     */
    public ReshapeOp {
        dims = List.copyOf(dims);
        if (dims.stream().filter(dim -> dim == -1).count() > 1 || dims.stream().anyMatch(dim -> dim < -1)) {
            throw new IllegalArgumentException("reshape: " + dims + "; extents are >= 0, at most one is -1");
        }
    }

    /**
     * A reshape.
     *
     * @param dims the new extents; one of them may be -1
     */
    public ReshapeOp(long... dims) {
        this(Arrays.stream(dims).boxed().toList());
    }

    @Override
    public String name() {
        return "reshape";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor x = call.input(0);
        List<Long> extents = new ArrayList<>(dims);
        int open = extents.indexOf(-1L);
        if (open >= 0) {
            long others = 1;
            for (int i = 0; i < extents.size(); i++) {
                others *= i == open ? 1 : extents.get(i);
            }
            if (others == 0 || x.size() % others != 0) {
                throw call.error("it cannot be reshaped to " + dims);
            }
            extents.set(open, x.size() / others);
        }
        Shape shape = Shape.of(extents.stream().mapToLong(Long::longValue).toArray());
        if (shape.size() != x.size()) {
            throw call.error("it cannot be reshaped to " + shape);
        }
        return x.reshape(shape);
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        gradients.add(0, dy.reshape(call.input(0).shape()));
    }
}
