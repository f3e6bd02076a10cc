package org.nautile.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.op.AttentionOp;
import org.nautile.op.MatmulOp;

/** Layers of attention. */
class AttentionTest {
    private static final int EMBEDDING = 12;
    private static final int HEADS = 3;

    private final Device device = Devices.reference();
    private final Generator random = new Generator(7, 0);
    private final Scope scope = new Scope();

    private MultiHeadAttention layer = new MultiHeadAttention(EMBEDDING, HEADS, random);

    @BeforeEach
    void makeLayer() {
        layer.to(device);
    }

    @AfterEach
    void close() {
        layer.close();
        scope.close();
    }

    private Tensor normal(long... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(device, values, shape);
    }

    private Tensor mask(Shape shape, int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return Tensor.of(device, bytes, shape);
    }

    private static void assertNear(float[] expected, float[] actual) {
        assertArrayEquals(expected, actual, 1e-5F);
    }

    /** Attention to oneself and attention to another sequence are one formula. */
    @Test
    void memoryMayBeTheQuery() {
        Tensor x = normal(2, 5, EMBEDDING);
        Tensor mask = mask(Shape.of(2, 5), 1, 1, 1, 0, 0, 1, 1, 1, 1, 1);
        float[] own = layer.forward(x, mask, true).toFloatArray();
        assertNear(own, layer.forward(x, x.copy(), x.copy(), mask, true).toFloatArray());
        float[] open = layer.forward(x).toFloatArray();
        assertNear(open, layer.forward(x, x.copy(), null).toFloatArray());
        assertNear(open, layer.forward(x, x, null).toFloatArray());
    }

    /** A place that no query sees may hold anything. */
    @Test
    void paddingDoesNotCount() {
        Tensor memory = normal(1, 4, EMBEDDING);
        Tensor query = normal(1, 3, EMBEDDING);
        float[] padded =
                layer.forward(query, memory, mask(Shape.of(1, 4), 1, 1, 1, 0)).toFloatArray();
        Tensor three =
                memory.view(Shape.of(1, 3, EMBEDDING), 0, memory.strides()).copy();
        assertNear(layer.forward(query, three, null).toFloatArray(), padded);
    }

    /** The weights for pictures are those that forward uses. */
    @Test
    void weightsGiveTheResult() {
        Tensor q = normal(2, 4, 6);
        Tensor memory = normal(2, 5, EMBEDDING);
        Tensor query = normal(2, 4, EMBEDDING);
        Tensor mask = mask(Shape.of(2, 5), 1, 0, 1, 1, 1, 0, 0, 0, 0, 0);
        float[] weights = layer.weights(query, memory, mask, true).toFloatArray();
        assertEquals(2 * HEADS * 4 * 5, weights.length);
        for (int row = 0; row < weights.length / 5; row++) {
            double sum = 0;
            for (int j = 0; j < 5; j++) {
                float w = weights[row * 5 + j];
                sum += w;
                assertEquals(w, j > row % 4 || j == 1 || row >= HEADS * 4 ? 0 : w);
            }
            assertEquals(row >= HEADS * 4 ? 0 : 1, sum, 1e-6);
        }

        // by the op: values that are unit vectors give back the weights
        float[] unit = new float[2 * 5 * 5];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = i % 25 % 6 == 0 ? 1 : 0;
        }
        Tensor values = Tensor.of(device, unit, Shape.of(2, 1, 5, 5));
        Tensor keys = normal(2, 1, 5, 6);
        Tensor queries = q.reshape(Shape.of(2, 1, 4, 6));
        float[] found = new AttentionOp(0, false).apply(queries, keys, values).toFloatArray();
        Tensor scores = new MatmulOp(false, true).apply(queries, keys);
        float[] right = new org.nautile.op.SoftmaxOp(-1)
                .apply(new org.nautile.op.ScaleOp(1 / Math.sqrt(6), 0).apply(scores))
                .toFloatArray();
        assertNear(right, found);
    }

    /** The weights of an encoder's layer are those of its attention to its input, or to that normalised. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void encoderTellsItsWeights(boolean normFirst) {
        Tensor x = normal(2, 4, EMBEDDING);
        Tensor mask = mask(Shape.of(2, 4), 1, 0, 1, 1, 1, 1, 1, 1);
        try (TransformerEncoderLayer encoder = new TransformerEncoderLayer(
                        EMBEDDING, HEADS, 8, 0, ActivationKernel.Function.GELU, normFirst, random);
                LayerNorm norm = new LayerNorm(EMBEDDING)) {
            encoder.to(device);
            norm.to(device);
            norm.parameters().values().forEach(parameter -> parameter.value().copyFrom(normal(EMBEDDING)));
            Map<String, Tensor> state = encoder.state();
            norm.state().forEach((name, value) -> state.put("norm1." + name, value));
            encoder.loadState(state);
            state.keySet().removeIf(name -> !name.startsWith("self_attn."));
            Map<String, Tensor> own = new HashMap<>();
            state.forEach((name, value) -> own.put(name.substring("self_attn.".length()), value));
            layer.loadState(own);

            Tensor attended = normFirst ? norm.forward(x) : x;
            Tensor expected = layer.weights(attended, attended, mask, true);
            Tensor found = encoder.weights(x, mask, true);
            assertEquals(Shape.of(2, HEADS, 4, 4), found.shape());
            assertArrayEquals(expected.toFloatArray(), found.toFloatArray());
        }
    }

    /** The gradient of a tensor that is query, key and value at once is the sum of three. */
    @Test
    void oneTensorMayBeAllInputs() {
        AttentionOp op = new AttentionOp(2, true);
        Tensor dy = normal(1, 4, 6);
        Tensor x = Autograd.requireGradient(normal(1, 4, 6));
        Tensor[] copies = {x.copy(), x.copy(), x.copy()};
        float[] sum = new float[24];
        for (Tensor copy : copies) {
            Autograd.requireGradient(copy);
        }
        Autograd.backward(Autograd.apply(op, copies), dy);
        for (Tensor copy : copies) {
            float[] part = Objects.requireNonNull(Autograd.gradient(copy)).toFloatArray();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += part[i];
            }
        }
        Autograd.backward(Autograd.apply(op, x, x, x), dy);
        assertNear(sum, Objects.requireNonNull(Autograd.gradient(x)).toFloatArray());
    }

    @Test
    void everyParameterHasAGradient() {
        Tensor y = layer.forward(normal(2, 3, EMBEDDING), normal(2, 4, EMBEDDING), null);
        Autograd.backward(y, normal(2, 3, EMBEDDING));
        layer.parameters().forEach((name, parameter) -> assertNotNull(parameter.gradient(), name));
    }

    /** Places are told apart by sines and cosines of frequencies that fall from 1. */
    @Test
    void placesAreEncoded() {
        try (PositionalEncoding encoding = new PositionalEncoding(4, 10)) {
            encoding.to(device);
            Tensor x = Tensor.full(device, org.nautile.DType.FLOAT32, Shape.of(2, 3, 4), 1);
            float[] y = encoding.forward(x).toFloatArray();
            for (int i = 0; i < y.length; i++) {
                double angle = i / 4 % 3 * (i % 4 < 2 ? 1 : 0.01);
                assertEquals(1 + (i % 2 == 0 ? Math.sin(angle) : Math.cos(angle)), y[i], 1e-6);
            }
            Errors.says(ShapeException.class, () -> encoding.forward(normal(1, 11, 4)), "[1,11,4]", "[10,4]");
        }
    }

    /** In training, a layer drops; in use, it does not. */
    @Test
    void transformerLayersDropInTrainingOnly() {
        Tensor x = normal(2, 5, EMBEDDING);
        try (TransformerDecoderLayer decoder = new TransformerDecoderLayer(EMBEDDING, HEADS, 20, random)) {
            decoder.to(device);
            float[] dropped = decoder.forward(x, x).toFloatArray();
            decoder.train(false);
            float[] y = decoder.forward(x, x).toFloatArray();
            assertArrayEquals(y, decoder.forward(x).toFloatArray());
            assertFalse(Arrays.equals(dropped, y));
            // causal: what comes later does not change what comes before
            float[] values = x.toFloatArray();
            Arrays.fill(values, 4 * EMBEDDING, 5 * EMBEDDING, 9);
            float[] other =
                    decoder.forward(Tensor.of(device, values, x.shape()), x).toFloatArray();
            assertNear(Arrays.copyOf(y, 4 * EMBEDDING), Arrays.copyOf(other, 4 * EMBEDDING));
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        Errors.says(
                IllegalArgumentException.class, () -> new MultiHeadAttention(10, 3, random), "10 columns", "3 heads");
        Tensor q = normal(2, 3, 8);
        AttentionOp op = new AttentionOp(2, false);
        Errors.says(
                ShapeException.class,
                () -> op.apply(q, normal(2, 4, 6), normal(2, 4, 8)),
                "attention",
                "[2,4,6]",
                "k must");
        Errors.says(ShapeException.class, () -> op.apply(q, normal(2, 4, 8), normal(2, 5, 8)), "v as k");
        Errors.says(ShapeException.class, () -> op.apply(q, q, normal(2, 3, 7)), "2 heads");
        Errors.says(ShapeException.class, () -> new AttentionOp(0, false).apply(q, q, q), "[B,H,L,D]");
        Errors.says(ShapeException.class, () -> op.apply(q, q, q, q), "mask uint8");
        Errors.says(
                ShapeException.class,
                () -> op.apply(q, q, q, mask(Shape.of(3, 2), 1, 1, 1, 1, 1, 1)),
                "mask must be [2,3]");
    }
}
