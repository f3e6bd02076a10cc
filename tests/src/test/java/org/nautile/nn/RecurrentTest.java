package org.nautile.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Devices;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.RnnKernel.Nonlinearity;
import org.nautile.op.ConcatOp;
import org.nautile.op.PermuteOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

class RecurrentTest extends OnReference {
    private static final int STEPS = 4;
    private static final int BATCH = 3;
    private static final int INPUTS = 5;
    private static final int HIDDEN = 6;

    private static Generator random() {
        return new Generator(7, 0);
    }

    private static Tensor x(long... dims) {
        Generator random = new Generator(8, 0);
        float[] values = new float[(int) Shape.of(dims).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat(-1, 1);
        }
        return Tensor.of(values, dims);
    }

    private static void assertNear(Tensor expected, Tensor found) {
        assertEquals(expected.shape(), found.shape());
        assertArrayEquals(expected.toFloatArray(), found.toFloatArray(), 1e-6F);
    }

    @Test
    void namesArePyTorchs() {
        Recurrent.Options options = new Recurrent.Options().withLayers(2).withBothDirections();
        try (Lstm layers = new Lstm(INPUTS, HIDDEN, options, random())) {
            List<String> names = new ArrayList<>();
            for (String suffix : List.of("l0", "l0_reverse", "l1", "l1_reverse")) {
                for (String name : List.of("weight_ih_", "weight_hh_", "bias_ih_", "bias_hh_")) {
                    names.add(name + suffix);
                }
            }
            assertEquals(names, List.copyOf(layers.parameters().keySet()));
            assertEquals(
                    Shape.of(4 * HIDDEN, 2 * HIDDEN),
                    value(layers, "weight_ih_l1_reverse").shape());
            assertEquals(Shape.of(4 * HIDDEN), value(layers, "bias_hh_l0").shape());
            for (float weight : value(layers, "weight_hh_l1").toFloatArray()) {
                assertTrue(Math.abs(weight) <= 1 / Math.sqrt(HIDDEN));
            }
            assertEquals("Lstm(5 -> 6, 2 layers, both directions)", layers.toString());
        }
        try (GruCell cell = new GruCell(INPUTS, HIDDEN, random());
                Rnn plain =
                        new Rnn(INPUTS, HIDDEN, Nonlinearity.RELU, new Recurrent.Options().withoutBias(), random())) {
            assertEquals(
                    List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh"),
                    List.copyOf(cell.parameters().keySet()));
            assertEquals(
                    List.of("weight_ih_l0", "weight_hh_l0"),
                    List.copyOf(plain.parameters().keySet()));
        }
    }

    private static Tensor value(Module module, String name) {
        return Objects.requireNonNull(module.parameters().get(name)).value();
    }

    @Test
    void shapesAreTheDocumented() {
        Recurrent.Options options = new Recurrent.Options().withLayers(3).withBothDirections();
        try (Gru layers = new Gru(INPUTS, HIDDEN, options, random())) {
            Recurrent.Result result = layers.apply(x(STEPS, BATCH, INPUTS), null, null);
            assertEquals(Shape.of(STEPS, BATCH, 2 * HIDDEN), result.y().shape());
            assertEquals(Shape.of(6, BATCH, HIDDEN), result.hn().shape());
            assertEquals(null, result.cn());
        }
    }

    @Test
    void theBatchMayComeFirst() {
        try (Lstm timeFirst = new Lstm(INPUTS, HIDDEN, random());
                Lstm batchFirst = new Lstm(INPUTS, HIDDEN, new Recurrent.Options().withBatchFirst(), random())) {
            Tensor x = x(STEPS, BATCH, INPUTS);
            PermuteOp swap = new PermuteOp(1, 0, 2);
            Recurrent.Result found = batchFirst.apply(swap.apply(x), null, null, null);
            Recurrent.Result expected = timeFirst.apply(x, null, null, null);
            assertNear(expected.y(), swap.apply(found.y()).contiguous());
            assertNear(expected.hn(), found.hn());
            assertNear(Objects.requireNonNull(expected.cn()), Objects.requireNonNull(found.cn()));
        }
    }

    /** What one layer gives to the next is dropped in training; with all of it gone, the input has no gradient. */
    @Test
    void dropoutIsBetweenLayersInTraining() {
        Recurrent.Options options = new Recurrent.Options().withLayers(2);
        try (Gru plain = new Gru(INPUTS, HIDDEN, options, random());
                Gru dropping = new Gru(INPUTS, HIDDEN, options.withDropout(1), random())) {
            dropping.loadState(plain.state());
            Tensor x = Autograd.requireGradient(x(STEPS, BATCH, INPUTS));
            Tensor y = dropping.forward(x);
            Autograd.backward(y, Tensor.full(y.device(), y.dtype(), y.shape(), 1));
            for (float gradient : Objects.requireNonNull(Autograd.gradient(x)).toFloatArray()) {
                assertEquals(0, gradient);
            }
            dropping.train(false);
            assertNear(plain.forward(x), dropping.forward(x));
        }
    }

    /** In both directions, a short sequence beside a long one has the result that it has alone. */
    @Test
    void sequencesEndAtTheirLengths() {
        Recurrent.Options options = new Recurrent.Options().withLayers(2).withBothDirections();
        try (Gru layers = new Gru(INPUTS, HIDDEN, options, random())) {
            Tensor x = x(STEPS, 2, INPUTS);
            Recurrent.Result both =
                    layers.apply(x, null, Tensor.of(Devices.reference(), new long[] {2, STEPS}, Shape.of(2)));
            Tensor cut = new SliceOp(1, 0, 1).apply(new SliceOp(0, 0, 2).apply(x));
            Recurrent.Result alone = layers.apply(cut, null, null);
            Tensor first = new SliceOp(1, 0, 1).apply(both.y());
            assertNear(alone.y(), new SliceOp(0, 0, 2).apply(first).contiguous());
            assertNear(alone.hn(), new SliceOp(1, 0, 1).apply(both.hn()).contiguous());
            for (float past : new SliceOp(0, 2, STEPS).apply(first).contiguous().toFloatArray()) {
                assertEquals(0, past);
            }
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        try (Lstm lstm = new Lstm(INPUTS, HIDDEN, random());
                Rnn rnn = new Rnn(INPUTS, HIDDEN, random())) {
            Tensor x = x(STEPS, BATCH, INPUTS);
            Tensor state = x(1, BATCH, HIDDEN);
            named(() -> lstm.apply(x, state, null, null), "h0", "c0");
            named(() -> rnn.run(x, state, state, null), "Rnn", "c0", "no cells");
            named(() -> lstm.forward(x(STEPS, INPUTS)), "x", "[T,B,F]");
            named(() -> lstm.forward(x(STEPS, BATCH, 4)), "lstm", "weight_ih must be [24,4]", "[4,3,4]");
            named(() -> rnn.apply(x, x(2, BATCH, HIDDEN), null), "h0", "[1,B,6]", "[2,3,6]");
            Tensor lengths = Tensor.of(Devices.reference(), new long[] {1, 5, 2}, Shape.of(3));
            named(() -> rnn.apply(x, null, lengths), "lengths[1] is 5", "4 steps");
        }
        assertThrows(IllegalArgumentException.class, () -> new Recurrent.Options().withLayers(0));
        assertThrows(IllegalArgumentException.class, () -> new GruCell(0, 3, random()));
    }

    private static void named(Runnable wrong, String... parts) {
        RuntimeException e = assertThrows(RuntimeException.class, wrong::run);
        assertTrue(e instanceof ShapeException || e instanceof IllegalArgumentException, e::toString);
        for (String part : parts) {
            assertTrue(String.valueOf(e.getMessage()).contains(part), e::toString);
        }
    }

    // ------------------------------------------------------------------ a cell, step by step, is the layer

    /** A layer and a cell with the same weights, and how either computes [steps, batch, hidden] and then the last state. */
    record Pair(String name, Module layer, Module cell, Run whole, Run steps) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    interface Run {
        Tensor of(Tensor x, Tensor h0, Tensor c0);
    }

    static Stream<Pair> pairs() {
        Lstm lstm = new Lstm(INPUTS, HIDDEN, random());
        LstmCell lstmCell = new LstmCell(INPUTS, HIDDEN, random());
        Gru gru = new Gru(INPUTS, HIDDEN, random());
        GruCell gruCell = new GruCell(INPUTS, HIDDEN, random());
        Rnn rnn = new Rnn(INPUTS, HIDDEN, random());
        RnnCell rnnCell = new RnnCell(INPUTS, HIDDEN, random());
        return Stream.of(
                new Pair(
                        "lstm",
                        lstm,
                        lstmCell,
                        (x, h0, c0) -> join(lstm.apply(x, rows(h0), rows(c0), null)),
                        (x, h0, c0) -> {
                            LstmCell.State state = new LstmCell.State(h0, c0);
                            List<Tensor> rows = new ArrayList<>();
                            for (int t = 0; t < STEPS; t++) {
                                state = lstmCell.forward(step(x, t), state);
                                rows.add(rows(state.h()));
                            }
                            rows.add(rows(state.h()));
                            rows.add(rows(state.c()));
                            return concat(rows);
                        }),
                new Pair(
                        "gru",
                        gru,
                        gruCell,
                        (x, h0, c0) -> join(gru.apply(x, rows(h0), null)),
                        (x, h0, c0) -> plain(gruCell::forward, x, h0)),
                new Pair(
                        "rnn",
                        rnn,
                        rnnCell,
                        (x, h0, c0) -> join(rnn.apply(x, rows(h0), null)),
                        (x, h0, c0) -> plain(rnnCell::forward, x, h0)));
    }

    @FunctionalInterface
    private interface Step {
        Tensor of(Tensor x, @Nullable Tensor h);
    }

    private static Tensor plain(Step cell, Tensor x, Tensor h0) {
        Tensor h = h0;
        List<Tensor> rows = new ArrayList<>();
        for (int t = 0; t < STEPS; t++) {
            h = cell.of(step(x, t), h);
            rows.add(rows(h));
        }
        rows.add(rows(h));
        return concat(rows);
    }

    private static Tensor step(Tensor x, int t) {
        return Autograd.apply(new ReshapeOp(BATCH, INPUTS), Autograd.apply(new SliceOp(0, t, t + 1L), x));
    }

    private static Tensor rows(Tensor state) {
        return Autograd.apply(new ReshapeOp(1, BATCH, HIDDEN), state);
    }

    private static Tensor join(Recurrent.Result result) {
        List<Tensor> parts = new ArrayList<>(List.of(result.y(), result.hn()));
        if (result.cn() != null) {
            parts.add(result.cn());
        }
        return concat(parts);
    }

    private static Tensor concat(List<Tensor> parts) {
        return Autograd.apply(new ConcatOp(0), parts.toArray(Tensor[]::new));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void cellsStepByStepAreTheLayer(Pair pair) {
        try (Module layer = pair.layer;
                Module cell = pair.cell) {
            layer.to(Devices.reference()); // pairs are made before each test's device is set
            cell.to(Devices.reference());
            Map<String, Tensor> state = new LinkedHashMap<>();
            layer.state().forEach((name, value) -> state.put(name.replace("_l0", ""), value));
            cell.loadState(state);
            List<Tensor> expected = gradients(layer, pair.whole);
            List<Tensor> found = gradients(cell, pair.steps);
            assertEquals(expected.size(), found.size());
            for (int i = 0; i < expected.size(); i++) {
                assertNear(expected.get(i), found.get(i));
            }
        }
    }

    /** The output, and the gradients by all that it depends on. */
    private static List<Tensor> gradients(Module module, Run run) {
        Tensor x = Autograd.requireGradient(x(STEPS, BATCH, INPUTS));
        Tensor h0 = Autograd.requireGradient(x(BATCH, HIDDEN));
        Tensor c0 = Autograd.requireGradient(x(BATCH, HIDDEN).copy());
        Tensor y = run.of(x, h0, c0);
        Autograd.backward(y, x(y.shape().dims()));
        List<Tensor> all = new ArrayList<>(List.of(y));
        for (Tensor leaf : List.of(x, h0, c0)) {
            Tensor gradient = Autograd.gradient(leaf);
            if (gradient != null) {
                all.add(gradient);
            }
        }
        module.parameters().values().forEach(parameter -> all.add(Objects.requireNonNull(parameter.gradient())));
        return all;
    }
}
