package org.nautile.nn;

import org.nautile.Device;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.op.BinaryOp;

/**
 * Adds to each place of a sequence what tells it from the others (Vaswani et al. 2017, arXiv:1706.03762): {@code sin(p / 10000^(2i/E))} to
 * column 2i and {@code cos} of the same to column 2i + 1 of place p. x and y {@code [B, L, E]}. No parameters.
 */
public final class PositionalEncoding extends Module {
    private static final BinaryOp ADD = new BinaryOp(BinaryKernel.Function.ADD);

    private final Buffer table;

    /**
     * A layer.
     *
     * @param embedding the number of columns E, {@code >= 1}
     * @param longest the length of the longest sequence, {@code >= 1}
     */
    public PositionalEncoding(int embedding, int longest) {
        if (embedding < 1 || longest < 1) {
            throw new IllegalArgumentException(
                    "PositionalEncoding: " + embedding + " columns, length " + longest + "; at least 1 each");
        }
        float[] values = new float[Math.multiplyExact(longest, embedding)];
        for (int i = 0; i < values.length; i++) {
            int place = i / embedding;
            int column = i % embedding;
            double angle = place / Math.pow(10000, (column - column % 2) / (double) embedding);
            values[i] = (float) (column % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
        }
        table = buffer(Tensor.of(Device.defaultDevice(), values, Shape.of(longest, embedding)));
    }

    @Override
    public Tensor forward(Tensor x) {
        return forward(x, 0);
    }

    /**
     * The layer for a part of a sequence.
     *
     * @param x {@code [B, L, E]}
     * @param first the place of the first of these L, from 0
     * @return {@code [B, L, E]}
     */
    public Tensor forward(Tensor x, int first) {
        Tensor all = table.value();
        Shape shape = x.shape();
        if (first < 0
                || shape.rank() != 3
                || first + shape.dim(1) > all.shape().dim(0)
                || shape.dim(2) != all.shape().dim(1)) {
            throw new ShapeException("PositionalEncoding: x is " + x + " from place " + first
                    + ", it must be [B,L,E] with [L,E] within " + all.shape());
        }
        long offset = all.offset() + first * all.stride(0);
        Tensor places = all.view(Shape.of(shape.dim(1), shape.dim(2)), offset, all.strides());
        return Autograd.apply(ADD, x, places);
    }
}
