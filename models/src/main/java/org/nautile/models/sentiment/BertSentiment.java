package org.nautile.models.sentiment;

import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.CompareKernel;
import org.nautile.models.bert.BertModel;
import org.nautile.nn.Buffer;
import org.nautile.nn.Dropout;
import org.nautile.nn.Linear;
import org.nautile.nn.Module;
import org.nautile.op.CompareOp;
import org.nautile.op.EmbeddingOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

/**
 * A network on a trained BERT: recurrent layers that read its states in both directions, or only a linear layer on what
 * BERT makes of a text as a whole. Parameters have the names of BERT's after {@code bert.}, and of the rest after {@code
 * head.}: {@code rnn.*}, {@code out.weight} and {@code out.bias}.
 */
public final class BertSentiment extends SentimentNetwork {
    private final BertModel bert;
    private final boolean fineTuned;
    private final Head head;
    private final Buffer numbers; // 0 to the most places, float32 [P + 1, 1]

    /** What is trained in any case. */
    private static final class Head extends Module {
        private final @Nullable GruHead rnn; // null for a linear layer alone
        private final Dropout dropout;
        private final Linear out;

        Head(int inputs, @Nullable Sizes sizes, double dropped, Generator random) {
            rnn = sizes == null ? null : new GruHead(inputs, sizes, random);
            dropout = child("dropout", rnn == null ? new Dropout(dropped, random) : rnn.dropout());
            out = child("out", rnn == null ? new Linear(inputs, 1, random) : rnn.out());
            if (rnn != null) {
                child("rnn", rnn.rnn());
            }
        }

        /** The logits [B, 1] of vectors [B, H]. */
        @Override
        public Tensor forward(Tensor x) {
            return out.forward(dropout.forward(x));
        }
    }

    /**
     * A new network.
     *
     * @param bert a trained encoder, which becomes a part of this network
     * @param fineTuned whether BERT is trained, too; else it stays as it is
     * @param sizes of the recurrent layers; null for a linear layer alone
     * @param dropout the share of what a linear layer reads that is dropped in training
     * @param random draws the first weights of all but BERT
     */
    public BertSentiment(BertModel bert, boolean fineTuned, @Nullable Sizes sizes, double dropout, Generator random) {
        this.bert = child("bert", bert);
        this.fineTuned = fineTuned;
        head = child("head", new Head(bert.config().hidden(), sizes, dropout, random));
        float[] counted = new float[bert.config().positions() + 1];
        for (int i = 0; i < counted.length; i++) {
            counted[i] = i;
        }
        numbers = buffer(Tensor.of(Device.defaultDevice(), counted, Shape.of(counted.length, 1)));
    }

    @Override
    public Module trained() {
        return fineTuned ? this : head;
    }

    @Override
    public Tensor logits(Tensor tokens, @Nullable Tensor lengths) {
        Tensor read;
        if (fineTuned) {
            read = read(tokens, lengths);
        } else {
            bert.train(false); // as it is in use
            try (Autograd.Pause pause = Autograd.noGrad()) {
                read = read(tokens, lengths);
            }
        }
        if (head.rnn != null) {
            return head.rnn.logits(read, lengths);
        }
        return Autograd.apply(new ReshapeOp(tokens.shape().dim(0)), head.forward(read));
    }

    /** What the head takes of tokens: BERT's states [B, T, H], or what it makes of the whole [B, H]. */
    private Tensor read(Tensor tokens, @Nullable Tensor lengths) {
        Tensor mask = lengths == null ? null : mask(lengths, tokens.shape().dim(1));
        Tensor states = bert.states(tokens, null, mask);
        return head.rnn != null ? states : bert.pooled(states);
    }

    /** 1 for the first tokens of each text, as many as it has: uint8 [B, T]. */
    private Tensor mask(Tensor lengths, long width) {
        Tensor counts = Autograd.apply(new EmbeddingOp(), numbers.value(), lengths); // as float32 [B, 1]
        Tensor first = Autograd.apply(new SliceOp(0, 0, width), numbers.value());
        Tensor places = Autograd.apply(new ReshapeOp(width), first);
        return Autograd.apply(new CompareOp(CompareKernel.Function.LT), places, counts);
    }
}
