package org.nautile.nn;

import java.util.Arrays;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.EmbeddingOp;

/**
 * A vector for each word of a vocabulary: x int64 of any shape, y {@code [x's shape, D]}. Parameter {@code weight} [V, D], at
 * first from the standard normal distribution, as in PyTorch.
 */
public final class Embedding extends Module {
    private final Parameter weight;
    private final EmbeddingOp op;

    /**
     * A layer.
     *
     * @param words the size V of the vocabulary, {@code >= 1}
     * @param size the size D of a vector, {@code >= 1}
     * @param random draws the first weights
     */
    public Embedding(int words, int size, Generator random) {
        this(words, size, EmbeddingOp.NONE, random);
    }

    /**
     * A layer with a word that stands for nothing: its vector is zero at first and is not trained.
     *
     * @param words the size V of the vocabulary, {@code >= 1}
     * @param size the size D of a vector, {@code >= 1}
     * @param paddingIndex the word; {@link EmbeddingOp#NONE} for none
     * @param random draws the first weights
     */
    public Embedding(int words, int size, long paddingIndex, Generator random) {
        if (words < 1 || size < 1 || paddingIndex < EmbeddingOp.NONE || paddingIndex >= words) {
            throw new IllegalArgumentException("Embedding: " + words + " words of size " + size + ", padding "
                    + paddingIndex + "; at least 1 each, and the padding one of the words");
        }
        float[] values = new float[Math.multiplyExact(words, size)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        if (paddingIndex != EmbeddingOp.NONE) {
            int row = (int) paddingIndex * size;
            Arrays.fill(values, row, row + size, 0);
        }
        weight = parameter("weight", Tensor.of(Device.defaultDevice(), values, Shape.of(words, size)));
        op = new EmbeddingOp(paddingIndex);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Autograd.apply(op, weight.value(), x);
    }

    @Override
    protected String describe() {
        Shape shape = weight.value().shape();
        String padding = op.paddingIndex() == EmbeddingOp.NONE ? "" : ", padding " + op.paddingIndex();
        return "Embedding(" + shape.dim(0) + ", " + shape.dim(1) + padding + ")";
    }
}
