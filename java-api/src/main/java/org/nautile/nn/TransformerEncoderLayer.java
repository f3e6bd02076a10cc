package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel.Function;

/**
 * A layer of a Transformer's encoder (Vaswani et al. 2017, arXiv:1706.03762): self-attention and a feed-forward network, each added
 * to its input. x and y {@code [B, L, E]}. The sums are normalised, or with {@code normFirst} the inputs of both parts instead (Xiong et al.
 * 2020, arXiv:2002.04745). As {@code torch.nn.TransformerEncoderLayer} with {@code batch_first}, whose parts have the same names: {@code
 * self_attn}, {@code linear1} [F, E], {@code linear2} [E, F], {@code norm1}, {@code norm2}. Unlike there, dropout leaves the weights of
 * the attention alone.
 */
public final class TransformerEncoderLayer extends Module {
    private final boolean normFirst;
    private final MultiHeadAttention selfAttention;
    private final LayerNorm norm1;
    private final LayerNorm norm2;
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
    public TransformerEncoderLayer(int embedding, int heads, int hidden, Generator random) {
        this(embedding, heads, hidden, 0.1, Function.RELU, false, random);
    }

    /**
     * A layer.
     *
     * @param embedding the number of columns E, a multiple of heads
     * @param heads the number of heads
     * @param hidden the width F of the feed-forward network
     * @param dropout the probability that an element is dropped, in training: of what either part adds, and within the
     *     feed-forward network
     * @param activation the feed-forward network's function, for example {@code RELU} or {@code GELU}
     * @param normFirst whether the inputs of both parts are normalised, and not the sums
     * @param random draws the first weights
     */
    public TransformerEncoderLayer(
            int embedding,
            int heads,
            int hidden,
            double dropout,
            Function activation,
            boolean normFirst,
            Generator random) {
        this.normFirst = normFirst;
        selfAttention = child("self_attn", new MultiHeadAttention(embedding, heads, random));
        feedForward = new FeedForward(
                child("linear1", new Linear(embedding, hidden, random)),
                child("linear2", new Linear(hidden, embedding, random)),
                new Activation(activation),
                child("dropout", new Dropout(dropout, random)));
        norm1 = child("norm1", new LayerNorm(embedding));
        norm2 = child("norm2", new LayerNorm(embedding));
        this.dropout = child("dropout1", new Dropout(dropout, random));
    }

    /**
     * Every place sees all others.
     *
     * @param x {@code [B, L, E]}
     * @return {@code [B, L, E]}
     */
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, null, false);
    }

    /**
     * The layer for sequences of several lengths, or for a language model.
     *
     * @param x {@code [B, L, E]}
     * @param mask uint8 [B, L], 1 for places that may be attended to; null for all
     * @param causal whether each place attends only to itself and those before it
     * @return {@code [B, L, E]}
     */
    public Tensor forward(Tensor x, @Nullable Tensor mask, boolean causal) {
        Tensor y = Residual.add(x, norm1, dropout, normFirst, in -> selfAttention.forward(in, mask, causal));
        return Residual.add(y, norm2, dropout, normFirst, feedForward::forward);
    }

    /**
     * What each place attends to within this layer, for pictures. Without gradients.
     *
     * @param x what {@link #forward(Tensor, Tensor, boolean)} is given: {@code [B, L, E]}
     * @param mask uint8 [B, L], 1 for places that may be attended to; null for all
     * @param causal whether each place attends only to itself and those before it
     * @return the weights {@code [B, H, L, L]} of each head: {@link MultiHeadAttention#weights}
     */
    public Tensor weights(Tensor x, @Nullable Tensor mask, boolean causal) {
        try (Autograd.Pause pause = Autograd.noGrad()) {
            Tensor seen = normFirst ? norm1.forward(x) : x;
            return selfAttention.weights(seen, seen, mask, causal);
        }
    }
}
