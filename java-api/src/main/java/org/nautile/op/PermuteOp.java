package org.nautile.op;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nautile.Tensor;

/**
 * The axes in another order: a view. Axis i of the result is axis {@code order[i]} of x.
 *
 * @param order each axis of x once, from 0
 */
public record PermuteOp(List<Integer> order) implements Op {
    private static final List<String> INPUTS = List.of("x");

    /**
     * Checks the parameters.
     *
     * @param order each axis once
     */
    public PermuteOp {
        order = List.copyOf(order);
        if (!order.stream()
                .sorted()
                .toList()
                .equals(IntStream.range(0, order.size()).boxed().toList())) {
            throw new IllegalArgumentException("permute: " + order + " does not name each axis once");
        }
    }

    /**
     * A permutation.
     *
     * @param order each axis of x once, from 0
     */
    public PermuteOp(int... order) {
        this(Arrays.stream(order).boxed().toList());
    }

    /**
     * The exchange of two axes.
     *
     * @param rank the rank of x
     * @param a an axis, from 0
     * @param b another
     * @return the op
     */
    public static PermuteOp transpose(int rank, int a, int b) {
        return new PermuteOp(IntStream.range(0, rank)
                .map(axis -> axis == a ? b : axis == b ? a : axis)
                .toArray());
    }

    @Override
    public String name() {
        return "permute";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor x = call.input(0);
        if (x.shape().rank() != order.size()) {
            throw call.error("the order " + order + " is for rank " + order.size());
        }
        return Axes.permute(x, axes());
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        gradients.add(0, Axes.permute(dy, Axes.inverse(axes())));
    }

    private int[] axes() {
        return order.stream().mapToInt(Integer::intValue).toArray();
    }
}
