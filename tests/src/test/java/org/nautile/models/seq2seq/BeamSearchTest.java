package org.nautile.models.seq2seq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.models.seq2seq.BeamSearch.Found;
import org.nautile.op.LogSoftmaxOp;

/** What a search finds, against the network without a cache. */
@ExtendWith(RestoresDefaults.class)
class BeamSearchTest {
    private static final double TOLERANCE = 2e-4; // of a sum of logarithms

    private final Scope scope = new Scope();
    private final Autograd.Pause pause = Autograd.noGrad();

    @BeforeEach
    void setDevice() {
        Device.setDefault(Devices.reference());
    }

    @AfterEach
    void close() {
        pause.close();
        scope.close();
    }

    /** Both tasks and both norms on every device. */
    static Stream<Arguments> networks() {
        return Devices.usable()
                .flatMap(device ->
                        Stream.of(Arguments.of(device, Task.DATES, false), Arguments.of(device, Task.NUMBERS, true)));
    }

    /** A network that is sure of much, and not in training: its weights are as drawn, but larger. */
    private static EncoderDecoder network(Device device, Task task, boolean normFirst) {
        EncoderDecoder network =
                new EncoderDecoder(new EncoderDecoder.Sizes(task, 8, 2, 2, 12, 0.1, normFirst), new Generator(4, 0));
        Tensor out =
                Objects.requireNonNull(network.parameters().get("out.weight")).value();
        float[] values = out.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] *= 4;
        }
        out.set(values);
        network.to(device);
        network.train(false);
        return network;
    }

    private static List<int[]> sources(Task task) {
        List<String> texts = task == Task.DATES
                ? List.of("5.3.2019", "the 25th of september, 2019", "5 mar 2019", "may 1, 1950")
                : List.of("two", "three hundred and twelve thousand and five", "one thousand", "seventy-seven");
        return texts.stream().map(task::read).toList();
    }

    /** The logarithms of the probabilities of all tokens after these, by the whole network at once. */
    private static float[] next(EncoderDecoder network, Device device, int[] source, int... tokens) {
        long[] before = new long[tokens.length + 1];
        before[0] = Vocabulary.START;
        for (int i = 0; i < tokens.length; i++) {
            before[i + 1] = tokens[i];
        }
        try (Scope step = new Scope()) {
            Tensor read = Tensor.of(device, Arrays.stream(source).asLongStream().toArray(), Shape.of(1, source.length));
            Tensor mask = network.mask(read);
            Tensor scores = network.decode(
                    Tensor.of(device, before, Shape.of(1, before.length)), network.encode(read, mask), mask);
            float[] all = new LogSoftmaxOp(-1).apply(scores).toFloatArray();
            int size = all.length / before.length;
            return Arrays.copyOfRange(all, all.length - size, all.length);
        }
    }

    /** Always the likeliest token; END after the longest text. */
    private static Found greedy(EncoderDecoder network, Device device, int... source) {
        int[] tokens = {};
        double sum = 0;
        while (true) {
            float[] next = next(network, device, source, tokens);
            boolean full = tokens.length == network.sizes().task().longestTarget();
            int best = IntStream.range(Vocabulary.END, full ? Vocabulary.END + 1 : next.length)
                    .boxed()
                    .max(Comparator.comparingDouble(i -> next[i]))
                    .orElseThrow();
            sum += next[best];
            if (best == Vocabulary.END) {
                return new Found(tokens, sum);
            }
            tokens = Arrays.copyOf(tokens, tokens.length + 1);
            tokens[tokens.length - 1] = best;
        }
    }

    private static void assertSame(Found expected, Found actual) {
        assertArrayEquals(expected.tokens(), actual.tokens());
        assertEquals(expected.logProbability(), actual.logProbability(), TOLERANCE);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void aBeamOfOneIsGreedy(Device device, Task task, boolean normFirst) {
        try (EncoderDecoder network = network(device, task, normFirst)) {
            List<int[]> sources = sources(task);
            List<Found> found = new BeamSearch(network, 1).of(sources, device);
            for (int i = 0; i < sources.size(); i++) {
                assertSame(greedy(network, device, sources.get(i)), found.get(i));
            }
        }
    }

    /** Sources of several lengths, of which each ends in its own time, do not change one another. */
    @ParameterizedTest
    @MethodSource("networks")
    void oneByOneIsTheSame(Device device, Task task, boolean normFirst) {
        try (EncoderDecoder network = network(device, task, normFirst)) {
            List<int[]> sources = sources(task);
            assertTrue(sources.stream()
                            .mapToInt(source -> source.length)
                            .distinct()
                            .count()
                    > 2);
            for (int beam : new int[] {1, 3}) {
                BeamSearch search = new BeamSearch(network, beam);
                List<Found> together = search.of(sources, device);
                for (int i = 0; i < sources.size(); i++) {
                    assertSame(search.of(List.of(sources.get(i)), device).get(0), together.get(i));
                }
            }
        }
    }

    /** What is said to be the logarithm of a probability is that of the text, whatever way it was found. */
    @ParameterizedTest
    @MethodSource("networks")
    void probabilitiesAreThoseOfTheNetwork(Device device, Task task, boolean normFirst) {
        try (EncoderDecoder network = network(device, task, normFirst)) {
            List<int[]> sources = sources(task);
            List<Found> found = new BeamSearch(network, 5).of(sources, device);
            for (int i = 0; i < sources.size(); i++) {
                int[] tokens = found.get(i).tokens();
                double sum = 0;
                for (int t = 0; t <= tokens.length; t++) {
                    float[] next = next(network, device, sources.get(i), Arrays.copyOf(tokens, t));
                    sum += next[t == tokens.length ? Vocabulary.END : tokens[t]];
                }
                assertEquals(sum, found.get(i).logProbability(), TOLERANCE);
                assertEquals(sum / (tokens.length + 1), found.get(i).score(), TOLERANCE);
            }
        }
    }

    /** All texts and their scores. */
    private static List<Found> all(EncoderDecoder network, Device device, int[] source, int longest) {
        List<Found> ended = new ArrayList<>();
        List<Found> open = List.of(new Found(new int[0], 0));
        while (!open.isEmpty()) {
            List<Found> longer = new ArrayList<>();
            for (Found one : open) {
                float[] next = next(network, device, source, one.tokens());
                ended.add(new Found(one.tokens(), one.logProbability() + next[Vocabulary.END]));
                for (int token = Vocabulary.END + 1; token < next.length && one.tokens().length < longest; token++) {
                    int[] more = Arrays.copyOf(one.tokens(), one.tokens().length + 1);
                    more[one.tokens().length] = token;
                    longer.add(new Found(more, one.logProbability() + next[token]));
                }
            }
            open = longer;
        }
        return ended;
    }

    /**
     * A beam with room for every beginning finds the best text of all, which is at least as good as the greedy one. Texts of at most two
     * digits, of which there are 111.
     */
    @Test
    void aBeamWithRoomForAllFindsTheBest() {
        Device device = Devices.reference();
        int longest = 2;
        int better = 0;
        try (EncoderDecoder network = network(device, Task.NUMBERS, true)) {
            for (int[] source : sources(Task.NUMBERS)) {
                List<Found> all = all(network, device, source, longest);
                assertEquals(111, all.size());
                Found best = all.stream()
                        .max(Comparator.comparingDouble(Found::score))
                        .orElseThrow();
                Found found = new BeamSearch(network, 200, longest)
                        .of(List.of(source), device)
                        .get(0);
                assertSame(best, found);
                Found greedy = new BeamSearch(network, 1, longest)
                        .of(List.of(source), device)
                        .get(0);
                assertTrue(found.score() >= greedy.score());
                better += found.score() > greedy.score() + 0.01 ? 1 : 0;
            }
        }
        assertTrue(better > 0, "greedy texts are not always the best ones");
    }

    /** Filled up or not, a source is encoded and decoded alike, and PAD in a target has no loss. */
    @ParameterizedTest
    @MethodSource("networks")
    void paddingChangesNothing(Device device, Task task, boolean normFirst) {
        try (EncoderDecoder network = network(device, task, normFirst)) {
            int[] source = sources(task).get(0);
            int written = Pairs.written(task);
            long[] tight = new long[written + source.length];
            tight[0] = Vocabulary.START;
            tight[1] = 4;
            tight[2] = Vocabulary.END;
            for (int i = 0; i < source.length; i++) {
                tight[written + i] = source[i];
            }
            float[] expected = network.forward(Tensor.of(device, tight, Shape.of(1, tight.length)))
                    .toFloatArray();
            float[] found = network.forward(
                            Tensor.of(device, Arrays.copyOf(tight, tight.length + 3), Shape.of(1, tight.length + 3)))
                    .toFloatArray();
            assertArrayEquals(expected, found, 1e-4F);

            int size = task.target().size();
            Tensor rows = Tensor.of(device, Arrays.copyOf(expected, 2 * size), Shape.of(2, size));
            float[] logs = new LogSoftmaxOp(-1).apply(rows).toFloatArray();
            double loss = network.loss(new Batch(
                            Tensor.of(device, new float[1], Shape.of(1, 1)),
                            Tensor.of(device, tight, Shape.of(1, tight.length))))
                    .item();
            assertEquals(-(logs[4] + logs[size + Vocabulary.END]) / 2, loss, 1e-4); // of two tokens, not of all
        }
    }

    /** What is drawn are means of weights: each row has the sum 1. */
    @ParameterizedTest
    @MethodSource("networks")
    void attentionIsSharedOut(Device device, Task task, boolean normFirst) {
        try (EncoderDecoder network = network(device, task, normFirst)) {
            String source = task == Task.DATES ? "5 mar 2019" : "two hundred and five";
            double[][] weights = new Translator(network, device).attention(source, "205");
            assertEquals(4, weights.length); // three digits and END
            for (double[] row : weights) {
                assertEquals(task.read(source).length, row.length);
                assertEquals(1, Arrays.stream(row).sum(), 1e-5);
            }
            String last = "decoder.layers.1.multihead_attn.in_proj_weight";
            Objects.requireNonNull(network.parameters().get(last)).value().fill(0); // its scores are then all alike
            for (double[] row : new Translator(network, device).attention(source, "205")) {
                for (double weight : row) {
                    assertEquals(1.0 / row.length, weight, 1e-6);
                }
            }
        }
    }

    @Test
    void aBeamHasAtLeastOne() {
        try (EncoderDecoder network = network(Devices.reference(), Task.DATES, true)) {
            Errors.says(IllegalArgumentException.class, () -> new BeamSearch(network, 0), "a beam of 0");
        }
    }
}
