package org.nautile.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.backend.ActivationKernel.Function;

/** A decoder that goes on place by place says what it says of the whole sequence. */
class KeyValueCacheTest {
    private static final int EMBEDDING = 12;
    private static final int HEADS = 3;
    private static final int LENGTH = 7;
    private static final float TOLERANCE = 2e-5F;

    private final Generator random = new Generator(11, 0);
    private final Scope scope = new Scope();

    @AfterEach
    void close() {
        scope.close();
    }

    private Tensor normal(Device device, long... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(device, values, shape);
    }

    /** Of two memories of five places, one without its last two. */
    private static Tensor mask(Device device) {
        return Tensor.of(device, new byte[] {1, 1, 1, 0, 0, 1, 1, 1, 1, 1}, Shape.of(2, 5));
    }

    private static Tensor place(Tensor x, int place) {
        Shape shape = x.shape();
        return x.view(Shape.of(shape.dim(0), 1, shape.dim(2)), x.offset() + place * x.stride(1), x.strides());
    }

    private TransformerDecoderLayer layer(Device device, boolean normFirst) {
        TransformerDecoderLayer layer =
                new TransformerDecoderLayer(EMBEDDING, HEADS, 20, 0.1, Function.RELU, normFirst, random);
        layer.to(device);
        layer.train(false);
        return layer;
    }

    static Stream<Arguments> layers() {
        return Devices.usable()
                .flatMap(device -> Stream.of(false, true)
                        .flatMap(normFirst ->
                                Stream.of(false, true).map(masked -> Arguments.of(device, normFirst, masked))));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void stepsGiveTheWhole(Device device, boolean normFirst, boolean masked) {
        Tensor x = normal(device, 2, LENGTH, EMBEDDING);
        Tensor memory = normal(device, 2, 5, EMBEDDING);
        Tensor mask = masked ? mask(device) : null;
        try (TransformerDecoderLayer layer = layer(device, normFirst);
                TransformerDecoderLayer.Cache cache = layer.cache(memory, LENGTH)) {
            Tensor whole = layer.forward(x, memory, null, mask);
            for (int i = 0; i < LENGTH; i++) {
                Tensor y = layer.step(place(x, i), cache, mask);
                assertArrayEquals(place(whole, i).copy().toFloatArray(), y.toFloatArray(), TOLERANCE, "place " + i);
                assertEquals(i + 1, cache.own().length());
                assertNull(y.tapeNode()); // no gradient
            }
            assertEquals(5, cache.memory().length());
        }
    }

    /** What a masked place of the memory holds is not seen; that mask is no more than a shorter memory. */
    @ParameterizedTest
    @MethodSource("layers")
    void sequencesAreSelected(Device device, boolean normFirst, boolean masked) {
        int[] rows = {1, 0, 1};
        Tensor x = normal(device, 2, LENGTH, EMBEDDING);
        Tensor memory = normal(device, 2, 5, EMBEDDING);
        Tensor rest = normal(device, 3, LENGTH, EMBEDDING);
        Tensor mask = masked ? mask(device) : null;
        Tensor selectedMask = masked
                ? Tensor.of(device, new byte[] {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1}, Shape.of(3, 5))
                : null;
        int turn = 3; // places before the sequences are selected
        try (TransformerDecoderLayer layer = layer(device, normFirst);
                TransformerDecoderLayer.Cache cache = layer.cache(memory, LENGTH)) {
            for (int i = 0; i < turn; i++) {
                layer.step(place(x, i), cache, mask);
            }
            cache.select(0, 1); // nothing changes
            cache.select(rows);
            assertEquals(3, cache.own().batch());

            // the three sequences that were read, whole
            float[] read = rest.toFloatArray();
            float[] memories = new float[3 * 5 * EMBEDDING];
            for (int row = 0; row < rows.length; row++) {
                System.arraycopy(
                        x.toFloatArray(),
                        rows[row] * LENGTH * EMBEDDING,
                        read,
                        row * LENGTH * EMBEDDING,
                        turn * EMBEDDING);
                System.arraycopy(
                        memory.toFloatArray(), rows[row] * 5 * EMBEDDING, memories, row * 5 * EMBEDDING, 5 * EMBEDDING);
            }
            Tensor all = Tensor.of(device, read, Shape.of(3, LENGTH, EMBEDDING));
            Tensor whole =
                    layer.forward(all, Tensor.of(device, memories, Shape.of(3, 5, EMBEDDING)), null, selectedMask);
            for (int i = turn; i < LENGTH; i++) {
                float[] y = layer.step(place(all, i), cache, selectedMask).toFloatArray();
                assertArrayEquals(place(whole, i).copy().toFloatArray(), y, TOLERANCE, "place " + i);
            }
        }
    }

    /** The weights that are drawn are those by which the memory is mixed. */
    @ParameterizedTest
    @MethodSource("layers")
    void memoryWeightsAreThoseOfTheLayer(Device device, boolean normFirst, boolean masked) {
        Tensor memory = normal(device, 2, 5, EMBEDDING);
        Tensor x = normal(device, 2, LENGTH, EMBEDDING);
        Tensor mask = masked ? mask(device) : null;
        try (TransformerDecoderLayer layer = layer(device, normFirst)) {
            float[] weights = layer.memoryWeights(x, memory, mask).toFloatArray();
            assertEquals(2 * HEADS * LENGTH * 5, weights.length);
            float[] before = layer.forward(x, memory, null, mask).toFloatArray();
            for (int row = 0; row < weights.length / 5; row++) {
                double sum = 0;
                for (int m = 0; m < 5; m++) {
                    sum += weights[row * 5 + m];
                    if (masked && row < HEADS * LENGTH && m >= 3) {
                        assertEquals(0, weights[row * 5 + m]);
                    }
                }
                assertEquals(1, sum, 1e-5);
            }
            // a memory of one and the same place, seen whole, gives what any weights of sum 1 give
            float[] other = memory.toFloatArray();
            Arrays.fill(other, 3 * EMBEDDING, 5 * EMBEDDING, 7); // of the first memory, where the mask hides it
            Tensor changed = Tensor.of(device, other, memory.shape());
            float[] after = layer.forward(x, changed, null, mask).toFloatArray();
            int first = LENGTH * EMBEDDING;
            assertEquals(masked, Arrays.equals(Arrays.copyOf(before, first), Arrays.copyOf(after, first)));
            assertEquals(
                    masked,
                    Arrays.equals(
                            Arrays.copyOf(weights, weights.length / 2),
                            Arrays.copyOf(layer.memoryWeights(x, changed, mask).toFloatArray(), weights.length / 2)));
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        Device device = Devices.reference();
        try (MultiHeadAttention layer = new MultiHeadAttention(EMBEDDING, HEADS, random);
                KeyValueCache cache = new KeyValueCache(device, 2, 1, EMBEDDING)) {
            layer.to(device);
            Errors.says(
                    ShapeException.class, () -> layer.step(normal(device, 2, 2, EMBEDDING), cache), "[2,2,12]", "one");
            Errors.says(ShapeException.class, () -> layer.step(normal(device, 3, 1, EMBEDDING), cache), "2 sequences");
            layer.step(normal(device, 2, 1, EMBEDDING), cache);
            Errors.says(
                    ShapeException.class,
                    () -> layer.step(normal(device, 2, 1, EMBEDDING), cache),
                    "after 1 places",
                    "2 sequences of 1");
            Errors.says(IllegalArgumentException.class, () -> cache.select(0, 2), "[0, 2] of 2");
            Errors.says(IllegalArgumentException.class, cache::select, "[] of 2");
            assertFalse(cache.keys().isClosed());
        }
        Errors.says(IllegalArgumentException.class, () -> new KeyValueCache(device, 0, 1, 1), "0 sequences");
        Errors.says(IllegalArgumentException.class, () -> new KeyValueCache(device, 1, 0, 1), "0 places");
    }

    /** Part of a sequence is encoded as its places in the whole. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void placesGoOn(Device device) {
        try (PositionalEncoding encoding = new PositionalEncoding(EMBEDDING, LENGTH)) {
            encoding.to(device);
            Tensor x = normal(device, 2, LENGTH, EMBEDDING);
            Tensor whole = encoding.forward(x);
            for (int i = 0; i < LENGTH; i++) {
                assertArrayEquals(
                        place(whole, i).copy().toFloatArray(),
                        encoding.forward(place(x, i), i).toFloatArray());
            }
            Errors.says(ShapeException.class, () -> encoding.forward(place(x, 0), LENGTH), "from place 7");
            Errors.says(ShapeException.class, () -> encoding.forward(place(x, 0), -1), "from place -1");
        }
    }
}
