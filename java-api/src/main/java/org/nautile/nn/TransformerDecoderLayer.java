package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel.Function;

/**
 * A layer of a Transformer's decoder: causal self-attention, attention to the encoder's result (the memory), and a feed-forward network,
 * each added to its input; see {@link TransformerEncoderLayer}. x and y {@code [B, L, E]}, memory {@code [B, M, E]}. As {@code
 * torch.nn.TransformerDecoderLayer} with {@code batch_first}, whose parts have the same names: {@code self_attn}, {@code multihead_attn},
 * {@code linear1}, {@code linear2}, {@code norm1}, {@code norm2}, {@code norm3}. Unlike there, dropout leaves the weights of the
 * attention alone.
 */
public final class TransformerDecoderLayer extends Module {
    private final boolean normFirst;
    private final MultiHeadAttention selfAttention;
    private final MultiHeadAttention crossAttention;
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final LayerNorm norm3;
    private final Dropout dropout;
    private final FeedForward feedForward;

    /**
     * A layer with PyTorch's defaults: ReLU, dropout 0.1, sums normalised.
     *
     * @param embedding the number of columns E, a multiple of heads
     * @param heads the number of heads
     * @param hidden the width F of the feed-forward network
     * @param random draws the first weights
     */
    public TransformerDecoderLayer(int embedding, int heads, int hidden, Generator random) {
        this(embedding, heads, hidden, 0.1, Function.RELU, false, random);
    }

    /**
     * A layer.
     *
     * @param embedding the number of columns E, a multiple of heads
     * @param heads the number of heads
     * @param hidden the width F of the feed-forward network
     * @param dropout the probability that an element is dropped, in training: of what each part adds, and within the
     *     feed-forward network
     * @param activation the feed-forward network's function, for example {@code RELU} or {@code GELU}
     * @param normFirst whether the inputs of the parts are normalised, and not the sums
     * @param random draws the first weights
     */
    public TransformerDecoderLayer(
            int embedding,
            int heads,
            int hidden,
            double dropout,
            Function activation,
            boolean normFirst,
            Generator random) {
        this.normFirst = normFirst;
        selfAttention = child("self_attn", new MultiHeadAttention(embedding, heads, random));
        crossAttention = child("multihead_attn", new MultiHeadAttention(embedding, heads, random));
        feedForward = new FeedForward(
                child("linear1", new Linear(embedding, hidden, random)),
                child("linear2", new Linear(hidden, embedding, random)),
                new Activation(activation),
                child("dropout", new Dropout(dropout, random)));
        norm1 = child("norm1", new LayerNorm(embedding));
        norm2 = child("norm2", new LayerNorm(embedding));
        norm3 = child("norm3", new LayerNorm(embedding));
        this.dropout = child("dropout1", new Dropout(dropout, random));
    }

    /**
     * The sequence is its own memory; to be called with {@link #forward(Tensor, Tensor)} otherwise.
     *
     * @param x {@code [B, L, E]}
     * @return {@code [B, L, E]}
     */
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, x);
    }

    /**
     * The layer.
     *
     * @param x {@code [B, L, E]}
     * @param memory {@code [B, M, E]}
     * @return {@code [B, L, E]}
     */
    public Tensor forward(Tensor x, Tensor memory) {
        return forward(x, memory, null, null);
    }

    /**
     * The layer for sequences of several lengths.
     *
     * @param x {@code [B, L, E]}
     * @param memory {@code [B, M, E]}
     * @param mask uint8 [B, L], 1 for places of x that may be attended to; null for all
     * @param memoryMask uint8 [B, M], 1 for places of the memory that may be attended to; null for all
     * @return {@code [B, L, E]}
     */
    public Tensor forward(Tensor x, Tensor memory, @Nullable Tensor mask, @Nullable Tensor memoryMask) {
        Tensor y = Residual.add(x, norm1, dropout, normFirst, in -> selfAttention.forward(in, mask, true));
        y = Residual.add(y, norm2, dropout, normFirst, in -> crossAttention.forward(in, memory, memoryMask));
        return Residual.add(y, norm3, dropout, normFirst, feedForward::forward);
    }

    /**
     * What the layer has read of each sequence, and the memory's keys and values.
     *
     * @param own grows with each step
     * @param memory stays
     */
    public record Cache(KeyValueCache own, KeyValueCache memory) implements AutoCloseable {
        /**
         * Goes on with other sequences: see {@link KeyValueCache#select}.
         *
         * @param rows for each new sequence, which of the old ones it goes on with, from 0
         */
        public void select(int... rows) {
            own.select(rows);
            memory.select(rows);
        }

        /** Frees the memory of both. */
        @Override
        public void close() {
            own.close();
            memory.close();
        }
    }

    /**
     * Prepares steps: nothing is read yet, and the memory's keys and values are computed.
     *
     * @param memory {@code [B, M, E]}
     * @param longest the most places of a sequence, {@code >= 1}
     * @return a cache, which the caller closes
     */
    public Cache cache(Tensor memory, int longest) {
        int batch = (int) memory.shape().dim(0);
        int embedding = (int) memory.shape().dim(2);
        return new Cache(new KeyValueCache(memory.device(), batch, longest, embedding), crossAttention.cache(memory));
    }

    /**
     * The layer for the next place of each sequence: what {@link #forward(Tensor, Tensor, Tensor, Tensor)} gives for that place.
     * Without gradients.
     *
     * @param x {@code [B, 1, E]}
     * @param cache what was read before; x is added to it
     * @param memoryMask uint8 [B, M], 1 for places of the memory that may be attended to; null for all
     * @return {@code [B, 1, E]}
     */
    public Tensor step(Tensor x, Cache cache, @Nullable Tensor memoryMask) {
        try (Autograd.Pause pause = Autograd.noGrad()) {
            Tensor y = Residual.add(x, norm1, dropout, normFirst, in -> selfAttention.step(in, cache.own));
            y = Residual.add(y, norm2, dropout, normFirst, in -> crossAttention.forward(in, cache.memory, memoryMask));
            return Residual.add(y, norm3, dropout, normFirst, feedForward::forward);
        }
    }

    /**
     * What each place attends to in the memory, for pictures. Without gradients.
     *
     * @param x {@code [B, L, E]}
     * @param memory {@code [B, M, E]}
     * @param memoryMask uint8 [B, M], 1 for places of the memory that may be attended to; null for all
     * @return {@code [B, H, L, M]}; rows have the sum 1
     */
    public Tensor memoryWeights(Tensor x, Tensor memory, @Nullable Tensor memoryMask) {
        try (Autograd.Pause pause = Autograd.noGrad()) {
            Tensor y = Residual.add(x, norm1, dropout, normFirst, in -> selfAttention.forward(in, null, true));
            return crossAttention.weights(normFirst ? norm2.forward(y) : y, memory, memoryMask, false);
        }
    }
}
