package org.nautile.models.language;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.models.memory.Cell;
import org.nautile.nn.Buffer;
import org.nautile.nn.Embedding;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.nn.Recurrent;
import org.nautile.op.BinaryOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

/**
 * A network that predicts the next character: a vector for each character, recurrent layers, scores for all characters. Parameters
 * have the names {@code embedding.weight}, {@code rnn.*} as {@link Recurrent} calls them, {@code out.weight} and {@code out.bias}.
 */
public final class CharNetwork extends Module {
    private static final BinaryOp MULTIPLY = new BinaryOp(BinaryKernel.Function.MUL);
    private static final Loss CROSS_ENTROPY = Loss.crossEntropy();

    /**
     * The sizes of a network.
     *
     * @param cell the kind of recurrent layers
     * @param symbols the size V of the alphabet
     * @param embedding the numbers of a character's vector
     * @param hidden the units H of a layer
     * @param layers recurrent layers L
     */
    public record Sizes(Cell cell, int symbols, int embedding, int hidden, int layers) {}

    /**
     * What the recurrent layers remember.
     *
     * @param h [L, B, H]
     * @param c the cells of an LSTM [L, B, H]; null for others
     */
    public record State(Tensor h, @Nullable Tensor c) {}

    /**
     * What the network says.
     *
     * @param logits of the character after each of those read [B, T, V]
     * @param state after the last one
     */
    public record Said(Tensor logits, State state) {}

    private final Sizes sizes;
    private final Embedding embedding;
    private final Recurrent layers;
    private final Linear out;
    private final Buffer h; // where the last chunk of training ended
    private final @Nullable Buffer c;

    /**
     * A new network.
     *
     * @param sizes its sizes
     * @param streams the streams S that are read side by side in training
     * @param random draws the first weights
     */
    public CharNetwork(Sizes sizes, int streams, Generator random) {
        this.sizes = sizes;
        Recurrent.Options options = new Recurrent.Options().withBatchFirst().withLayers(sizes.layers);
        embedding = child("embedding", new Embedding(sizes.symbols, sizes.embedding, random));
        layers = child("rnn", sizes.cell.layers(sizes.embedding, sizes.hidden, options, random));
        out = child("out", new Linear(sizes.hidden, sizes.symbols, random));
        h = buffer(Tensor.zeros(sizes.layers, streams, sizes.hidden));
        c = sizes.cell == Cell.LSTM ? buffer(Tensor.zeros(sizes.layers, streams, sizes.hidden)) : null;
    }

    /** The logits [B, T, V] after characters int64 [B, T], from a state of zeros. */
    @Override
    public Tensor forward(Tensor x) {
        return read(x, null).logits();
    }

    /**
     * Reads characters.
     *
     * @param x int64 [B, T]
     * @param state what is remembered of those before; null for nothing
     * @return what comes next, and what is remembered
     */
    public Said read(Tensor x, @Nullable State state) {
        Tensor vectors = embedding.forward(x);
        Recurrent.Result result =
                layers.run(vectors, state == null ? null : state.h, state == null ? null : state.c, null);
        return new Said(out.forward(result.y()), new State(result.hn(), result.cn()));
    }

    /**
     * The loss of a batch of {@link Streams}, in their order. The state goes on from where the last batch ended, but no gradient flows
     * back there; that is backpropagation through time, cut after each chunk.
     *
     * @param batch a chunk of each stream
     * @return the mean cross-entropy, nats per character
     */
    public Tensor loss(Batch batch) {
        Tensor goesOn = batch.x(); // [S, 1], in front of which comes the axis of layers
        State state = new State(
                Autograd.apply(MULTIPLY, h.value(), goesOn),
                c == null ? null : Autograd.apply(MULTIPLY, c.value(), goesOn));
        Said said = read(part(batch.y(), 0), state);
        h.value().copyFrom(said.state.h.detach());
        if (c != null) {
            c.value().copyFrom(Objects.requireNonNull(said.state.c).detach());
        }
        return loss(said.logits, part(batch.y(), 1));
    }

    /** Characters from start, one fewer than there are. */
    private static Tensor part(Tensor characters, int start) {
        long length = characters.shape().dim(1) - 1;
        return Autograd.apply(new SliceOp(1, start, start + length), characters).contiguous();
    }

    private Tensor loss(Tensor logits, Tensor targets) {
        Tensor rows = Autograd.apply(new ReshapeOp(-1, sizes.symbols), logits);
        return CROSS_ENTROPY.of(rows, Autograd.apply(new ReshapeOp(targets.size()), targets));
    }

    /**
     * The loss on streams that are read from their beginning to their end, as in training; the state of training is left alone.
     *
     * @param text the streams, as many as in a batch of training
     * @param device where the network is
     * @return the mean cross-entropy, nats per character
     */
    public double evaluate(Streams text, Device device) {
        int streams = (int) h.value().shape().dim(1);
        double sum = 0;
        int chunks = 0;
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope all = new Scope();
                DataLoader loader = new DataLoader(text, streams, device, false, 0)) {
            State state = zeros(device, streams);
            for (Batch batch : loader.epoch(1)) {
                try (batch;
                        Scope scope = new Scope()) {
                    sum += loss(goOn(state, part(batch.y(), 0)), part(batch.y(), 1))
                            .item();
                    chunks++;
                }
            }
        }
        return sum / chunks;
    }

    /** Nothing is remembered. */
    private State zeros(Device device, long streams) {
        Shape shape = Shape.of(sizes.layers, streams, sizes.hidden);
        Tensor cells = c == null ? null : Tensor.full(device, DType.FLOAT32, shape, 0);
        return new State(Tensor.full(device, DType.FLOAT32, shape, 0), cells);
    }

    /** The logits after characters; the state becomes what is remembered then. */
    private Tensor goOn(State state, Tensor x) {
        Said said = read(x, state);
        state.h.copyFrom(said.state.h.detach());
        if (state.c != null) {
            state.c.copyFrom(Objects.requireNonNull(said.state.c).detach());
        }
        return said.logits;
    }

    /**
     * Goes on with a text.
     *
     * @param prompt the numbers of its characters, at least one
     * @param length the characters to write
     * @param sampler chooses them; never {@link Alphabet#UNKNOWN}
     * @param alphabet characters beyond which none are written
     * @param device where the network is
     * @param random draws
     * @return the numbers of what was written, without the prompt
     */
    public int[] write(int[] prompt, int length, Sampler sampler, Alphabet alphabet, Device device, Generator random) {
        int[] written = new int[length];
        long[] read = Arrays.stream(prompt).asLongStream().toArray();
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            State state = zeros(device, 1);
            for (int i = 0; i < length; i++) {
                try (Scope step = new Scope()) {
                    float[] all = goOn(state, Tensor.of(device, read, Shape.of(1, read.length)))
                            .toFloatArray();
                    int last = all.length - sizes.symbols;
                    float[] logits = Arrays.copyOfRange(all, last, last + alphabet.size());
                    logits[Alphabet.UNKNOWN] = Float.NEGATIVE_INFINITY;
                    written[i] = sampler.draw(logits, random);
                    read = new long[] {written[i]};
                }
            }
        }
        return written;
    }
}
