package org.nautile.models.seq2seq;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.TransformerDecoderLayer;
import org.nautile.op.LogSoftmaxOp;

/** Sequences that are written side by side, token by token: sources are read once, each token costs one step of the decoder. */
final class Decoding implements AutoCloseable {
    private final EncoderDecoder network;
    private final Device device;
    private final int width;
    private final List<TransformerDecoderLayer.Cache> caches;
    private long[][] sources; // filled up with PAD
    private Tensor mask; // of them

    /** Reads sources, at least one. */
    Decoding(EncoderDecoder network, Device device, List<int[]> read) {
        this.network = network;
        this.device = device;
        width = read.stream().mapToInt(source -> source.length).max().orElseThrow();
        sources = read.stream()
                .map(source -> Arrays.stream(Arrays.copyOf(source, width))
                        .asLongStream()
                        .toArray())
                .toArray(long[][]::new);
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor source = source();
            mask = Scope.disown(network.mask(source));
            caches = network.caches(network.encode(source, mask));
        }
    }

    private Tensor source() {
        long[] all = Arrays.stream(sources).flatMapToLong(Arrays::stream).toArray();
        return Tensor.of(device, all, Shape.of(sources.length, width));
    }

    /** The logarithms of the probabilities of every token after these, one a sequence. */
    float[][] step(long... tokens) {
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor token = Tensor.of(device, tokens, Shape.of(tokens.length, 1));
            Tensor scores = network.step(token, caches, mask);
            float[] all = new LogSoftmaxOp(-1).apply(scores).toFloatArray();
            int size = all.length / tokens.length;
            float[][] rows = new float[tokens.length][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = Arrays.copyOfRange(all, i * size, (i + 1) * size);
            }
            return rows;
        }
    }

    /** Goes on with other sequences, each with one of those so far. */
    void select(int... rows) {
        if (rows.length == sources.length
                && IntStream.range(0, rows.length).allMatch(i -> sources[rows[i]] == sources[i])) {
            caches.forEach(cache -> cache.own().select(rows)); // beams of one source change places
            return;
        }
        caches.forEach(cache -> cache.select(rows));
        sources = Arrays.stream(rows).mapToObj(row -> sources[row]).toArray(long[][]::new);
        try (Scope scope = new Scope()) {
            Tensor old = mask;
            mask = Scope.disown(network.mask(source()));
            old.close();
        }
    }

    @Override
    public void close() {
        caches.forEach(TransformerDecoderLayer.Cache::close);
        mask.close();
    }
}
