package org.nautile.models.sentiment;

import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Dropout;
import org.nautile.nn.Gru;
import org.nautile.nn.Linear;
import org.nautile.nn.Recurrent;
import org.nautile.op.ConcatOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

/**
 * Recurrent layers that read vectors in both directions, and a linear layer on the last states of both.
 *
 * @param rnn the recurrent layers
 * @param dropout of their last states
 * @param out to one logit
 */
record GruHead(Gru rnn, Dropout dropout, Linear out) {
    /** New layers that read vectors of a size. */
    GruHead(int inputs, SentimentNetwork.Sizes sizes, Generator random) {
        this(
                new Gru(
                        inputs,
                        sizes.hidden(),
                        new Recurrent.Options()
                                .withBatchFirst()
                                .withBothDirections()
                                .withLayers(sizes.layers())
                                .withDropout(sizes.layers() > 1 ? sizes.dropout() : 0),
                        random),
                new Dropout(sizes.dropout(), random),
                new Linear(2 * sizes.hidden(), 1, random));
    }

    /** The logits [B] of vectors [B, T, F], of which so many are read; null for all. */
    Tensor logits(Tensor vectors, @Nullable Tensor lengths) {
        Tensor last = rnn.apply(vectors, null, lengths).hn(); // [2 layers, B, H]
        Tensor both = Autograd.apply(new ConcatOp(1), state(last, 2), state(last, 1));
        return Autograd.apply(new ReshapeOp(vectors.shape().dim(0)), out.forward(dropout.forward(both)));
    }

    /** One of the last states [B, H], counted from the end. */
    private static Tensor state(Tensor all, int fromEnd) {
        long which = all.shape().dim(0) - fromEnd;
        Tensor one = Autograd.apply(new SliceOp(0, which, which + 1), all);
        return Autograd.apply(new ReshapeOp(all.shape().dim(1), all.shape().dim(2)), one);
    }
}
