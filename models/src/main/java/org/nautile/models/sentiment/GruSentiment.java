package org.nautile.models.sentiment;

import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.nn.Dropout;
import org.nautile.nn.Embedding;

/**
 * A network of its own words: a vector for each, recurrent layers that read them in both directions, and a linear layer on
 * the last states of both. Parameters have the names {@code embedding.weight}, {@code rnn.*} as {@link
 * org.nautile.nn.Recurrent} calls them, {@code out.weight} and {@code out.bias}.
 */
public final class GruSentiment extends SentimentNetwork {
    private final Embedding embedding;
    private final Dropout dropout;
    private final GruHead head;

    /**
     * A new network.
     *
     * @param words the size of the vocabulary
     * @param size the numbers of a word's vector, {@code >= 1}
     * @param sizes of the layers that read the vectors
     * @param random draws the first weights
     */
    public GruSentiment(int words, int size, Sizes sizes, Generator random) {
        embedding = child("embedding", new Embedding(words, size, random));
        dropout = child("embedding_dropout", new Dropout(sizes.dropout(), random));
        head = new GruHead(size, sizes, random);
        child("rnn", head.rnn());
        child("dropout", head.dropout());
        child("out", head.out());
    }

    @Override
    public Tensor logits(Tensor tokens, @Nullable Tensor lengths) {
        return head.logits(dropout.forward(embedding.forward(tokens)), lengths);
    }
}
