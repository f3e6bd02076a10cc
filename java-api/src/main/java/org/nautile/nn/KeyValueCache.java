package org.nautile.nn;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.op.EmbeddingOp;

/**
 * The keys and values of the places that a {@link MultiHeadAttention} has read, so that the next place of a sequence costs one step
 * and not all of those before it again. For use after training: no gradient passes through it. It belongs to no scope; {@link
 * #close} frees its memory.
 */
public final class KeyValueCache implements AutoCloseable {
    private final int longest;
    private final int embedding;
    private Tensor keys; // [B, longest, E]
    private Tensor values;
    private int length;

    /**
     * A cache that holds nothing yet.
     *
     * @param device where the layer is
     * @param batch the sequences B that are read side by side, {@code >= 1}
     * @param longest the most places of a sequence, {@code >= 1}
     * @param embedding the layer's columns E
     */
    public KeyValueCache(Device device, int batch, int longest, int embedding) {
        if (batch < 1 || longest < 1 || embedding < 1) {
            throw new IllegalArgumentException("KeyValueCache: " + batch + " sequences of at most " + longest
                    + " places, " + embedding + " columns; at least 1 each");
        }
        this.longest = longest;
        this.embedding = embedding;
        Shape shape = Shape.of(batch, longest, embedding);
        keys = Scope.disown(Tensor.empty(device, DType.FLOAT32, shape));
        values = Scope.disown(Tensor.empty(device, DType.FLOAT32, shape));
    }

    /**
     * The places that were read.
     *
     * @return the same number for each sequence
     */
    public int length() {
        return length;
    }

    /**
     * The sequences that are read side by side.
     *
     * @return B
     */
    public int batch() {
        return (int) keys.shape().dim(0);
    }

    /** Adds the keys and values [B, n, E] of the next n places. */
    void append(Tensor key, Tensor value) {
        Shape shape = key.shape();
        int added = (int) shape.dim(1);
        if (shape.dim(0) != batch() || length + added > longest) {
            throw new ShapeException("KeyValueCache: " + key + " after " + length + " places; there is room for "
                    + batch() + " sequences of " + longest);
        }
        part(keys, length, added).copyFrom(key);
        part(values, length, added).copyFrom(value);
        length += added;
    }

    /** The keys so far, a view [B, length, E]. */
    Tensor keys() {
        return part(keys, 0, length);
    }

    /** The values so far, a view [B, length, E]. */
    Tensor values() {
        return part(values, 0, length);
    }

    private Tensor part(Tensor all, int start, int count) {
        Shape shape = Shape.of(batch(), count, embedding);
        return all.view(shape, all.offset() + (long) start * embedding, all.strides());
    }

    /**
     * Goes on with other sequences, each with what was read of one of those so far: a beam search drops some and follows others more
     * than once.
     *
     * @param rows for each new sequence, which of the old ones it goes on with, from 0
     */
    public void select(int... rows) {
        if (rows.length == 0 || Arrays.stream(rows).anyMatch(row -> row < 0 || row >= batch())) {
            throw new IllegalArgumentException("KeyValueCache: sequences " + Arrays.toString(rows) + " of " + batch());
        }
        if (rows.length == batch() && IntStream.range(0, rows.length).allMatch(i -> rows[i] == i)) {
            return;
        }
        try (Scope scope = new Scope()) {
            long[] wanted = Arrays.stream(rows).asLongStream().toArray();
            Tensor index = Tensor.of(keys.device(), wanted, Shape.of(rows.length));
            keys = selected(keys, index);
            values = selected(values, index);
        }
    }

    private Tensor selected(Tensor old, Tensor index) {
        Tensor matrix = old.reshape(Shape.of(old.shape().dim(0), (long) longest * embedding));
        Tensor chosen = new EmbeddingOp().apply(matrix, index);
        Tensor result = Scope.disown(chosen.reshape(Shape.of(index.size(), longest, embedding)));
        old.close();
        return result;
    }

    /** Frees the memory. */
    @Override
    public void close() {
        keys.close();
        values.close();
    }
}
