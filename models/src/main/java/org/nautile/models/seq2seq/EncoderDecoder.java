package org.nautile.models.seq2seq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel.Function;
import org.nautile.backend.CompareKernel;
import org.nautile.backend.LossReduction;
import org.nautile.data.Batch;
import org.nautile.nn.Buffer;
import org.nautile.nn.Dropout;
import org.nautile.nn.Embedding;
import org.nautile.nn.LayerNorm;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.nn.PositionalEncoding;
import org.nautile.nn.TransformerDecoderLayer;
import org.nautile.nn.TransformerEncoderLayer;
import org.nautile.op.CompareOp;
import org.nautile.op.EmbeddingOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

/**
 * A Transformer that reads a sequence and writes another (Vaswani et al. 2017, arXiv:1706.03762): the encoder turns the source into a
 * memory, a vector a token; the decoder scores the next token by those written so far and by the memory. Places are told apart by
 * sinusoids. Vectors of tokens start from the standard normal distribution, which is what the paper's factor {@code sqrt(E)} makes of
 * smaller ones. Where inputs and not sums are normalised, encoder and decoder end in a norm, as what they add up is not normalised yet.
 */
public final class EncoderDecoder extends Module {
    private static final Loss CROSS_ENTROPY = Loss.crossEntropy(null, LossReduction.MEAN, 0, Vocabulary.PAD);
    private static final CompareOp DIFFERS = new CompareOp(CompareKernel.Function.NE);

    /**
     * The sizes of a network.
     *
     * @param task gives the vocabularies and the lengths of the longest sequences
     * @param embedding the numbers E of a token's vector, a multiple of heads
     * @param heads the heads of each attention
     * @param layers the layers of the encoder, and of the decoder
     * @param hidden the width of the feed-forward networks
     * @param dropout the probability that an element is dropped, in training
     * @param normFirst whether the inputs of a layer's parts are normalised, and not the sums
     */
    public record Sizes(
            Task task, int embedding, int heads, int layers, int hidden, double dropout, boolean normFirst) {}

    private final Sizes sizes;
    private final Embedding sourceEmbedding;
    private final Embedding targetEmbedding;
    private final PositionalEncoding places;
    private final Dropout dropout;
    private final List<TransformerEncoderLayer> encoder = new ArrayList<>();
    private final List<TransformerDecoderLayer> decoder = new ArrayList<>();
    private final @Nullable LayerNorm encoderNorm;
    private final @Nullable LayerNorm decoderNorm;
    private final Linear out;
    private final Buffer isToken; // [V, 1]: 0 for PAD, 1 for all others
    private final Buffer zero;

    /**
     * A new network.
     *
     * @param sizes its sizes
     * @param random draws the first weights
     */
    public EncoderDecoder(Sizes sizes, Generator random) {
        this.sizes = sizes;
        int width = sizes.embedding;
        Task task = sizes.task;
        int read = task.source().size();
        sourceEmbedding = child("source_embedding", new Embedding(read, width, Vocabulary.PAD, random));
        targetEmbedding = child("target_embedding", new Embedding(task.target().size(), width, Vocabulary.PAD, random));
        places = child(
                "places", new PositionalEncoding(width, Math.max(task.longestSource(), task.longestTarget() + 1)));
        dropout = child("dropout", new Dropout(sizes.dropout, random));
        for (int i = 0; i < sizes.layers; i++) {
            encoder.add(child(
                    "encoder.layers." + i,
                    new TransformerEncoderLayer(
                            width, sizes.heads, sizes.hidden, sizes.dropout, Function.RELU, sizes.normFirst, random)));
        }
        encoderNorm = sizes.normFirst ? child("encoder.norm", new LayerNorm(width)) : null;
        for (int i = 0; i < sizes.layers; i++) {
            decoder.add(child(
                    "decoder.layers." + i,
                    new TransformerDecoderLayer(
                            width, sizes.heads, sizes.hidden, sizes.dropout, Function.RELU, sizes.normFirst, random)));
        }
        decoderNorm = sizes.normFirst ? child("decoder.norm", new LayerNorm(width)) : null;
        out = child("out", new Linear(width, task.target().size(), random));
        float[] tokens = new float[read];
        Arrays.fill(tokens, 1);
        tokens[Vocabulary.PAD] = 0;
        isToken = buffer(Tensor.of(Device.defaultDevice(), tokens, Shape.of(read, 1)));
        zero = buffer(Tensor.zeros(1));
    }

    /**
     * Its sizes.
     *
     * @return as given
     */
    public Sizes sizes() {
        return sizes;
    }

    /**
     * The scores of each token of the targets when all before it are known: teacher forcing.
     *
     * @param x the targets of {@link Pairs}, int64 [B, W]
     * @return the scores of what follows each target token but the last, [B, T - 1, V]
     */
    @Override
    public Tensor forward(Tensor x) {
        int written = Pairs.written(sizes.task);
        Tensor source = part(x, written, x.shape().dim(1));
        Tensor mask = mask(source);
        return decode(part(x, 0, written - 1L), encode(source, mask), mask);
    }

    /**
     * The loss of a batch.
     *
     * @param batch of {@link Pairs}
     * @return the mean cross-entropy over the tokens of the targets, END among them but not PAD; nats
     */
    public Tensor loss(Batch batch) {
        Tensor scores = Autograd.apply(new ReshapeOp(-1, sizes.task.target().size()), forward(batch.y()));
        Tensor next = part(batch.y(), 1, Pairs.written(sizes.task));
        return CROSS_ENTROPY.of(scores, Autograd.apply(new ReshapeOp(next.size()), next));
    }

    private static Tensor part(Tensor numbers, long start, long end) {
        return Autograd.apply(new SliceOp(1, start, end), numbers).contiguous();
    }

    /**
     * Which places of sources hold a token.
     *
     * @param source int64 [B, M]
     * @return uint8 [B, M], 0 for PAD and 1 for others
     */
    Tensor mask(Tensor source) {
        Tensor found = Autograd.apply(new EmbeddingOp(), isToken.value(), source);
        Tensor flat = Autograd.apply(new ReshapeOp(source.shape().dims()), found);
        return DIFFERS.apply(flat, zero.value());
    }

    /**
     * Reads.
     *
     * @param source int64 [B, M]
     * @param mask as {@link #mask} gives it
     * @return the memory [B, M, E]
     */
    Tensor encode(Tensor source, Tensor mask) {
        Tensor x = dropout.forward(places.forward(sourceEmbedding.forward(source)));
        for (TransformerEncoderLayer layer : encoder) {
            x = layer.forward(x, mask, false);
        }
        return encoderNorm == null ? x : encoderNorm.forward(x);
    }

    /** The scores [B, L, V] of what follows each of these tokens, int64 [B, L]. */
    Tensor decode(Tensor target, Tensor memory, Tensor mask) {
        Tensor x = dropout.forward(places.forward(targetEmbedding.forward(target)));
        for (TransformerDecoderLayer layer : decoder) {
            x = layer.forward(x, memory, null, mask);
        }
        return scores(x);
    }

    private Tensor scores(Tensor x) {
        return out.forward(decoderNorm == null ? x : decoderNorm.forward(x));
    }

    /**
     * What the last layer of the decoder attends to in the memory.
     *
     * @param target int64 [B, L]
     * @param memory [B, M, E]
     * @param mask as {@link #mask} gives it
     * @return [B, H, L, M]
     */
    Tensor attention(Tensor target, Tensor memory, Tensor mask) {
        Tensor x = dropout.forward(places.forward(targetEmbedding.forward(target)));
        for (TransformerDecoderLayer layer : decoder.subList(0, decoder.size() - 1)) {
            x = layer.forward(x, memory, null, mask);
        }
        return decoder.get(decoder.size() - 1).memoryWeights(x, memory, mask);
    }

    /** Caches for {@link #step}, one a layer, which the caller closes. */
    List<TransformerDecoderLayer.Cache> caches(Tensor memory) {
        int longest = sizes.task.longestTarget() + 1;
        return decoder.stream().map(layer -> layer.cache(memory, longest)).toList();
    }

    /** The scores [B, 1, V] of what follows these tokens, int64 [B, 1], after those that the caches have seen. */
    Tensor step(Tensor token, List<TransformerDecoderLayer.Cache> caches, Tensor mask) {
        int place = caches.get(0).own().length();
        Tensor x = dropout.forward(places.forward(targetEmbedding.forward(token), place));
        for (int i = 0; i < decoder.size(); i++) {
            x = decoder.get(i).step(x, caches.get(i), mask);
        }
        return scores(x);
    }
}
