package org.nautile.models.sentiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.data.Reviews.Review;
import org.nautile.data.WordPiece;
import org.nautile.models.bert.BertConfig;
import org.nautile.models.bert.BertModel;
import org.nautile.nn.Init;
import org.nautile.optim.Adam;
import org.nautile.optim.Optimizer;

/** Networks that read reviews in batches, which are filled up. */
@ExtendWith(RestoresDefaults.class)
class SentimentNetworkTest {
    private static final List<Review> REVIEWS = ReviewSets.generate(new Generator(3, 0), 60);
    private static final TextReader READER = TextReader.ofWords(REVIEWS, 100, 30);

    private static final BertConfig BERT = new BertConfig(READER.pieces().size(), 8, 2, 2, 12, 40, 2, 1e-12, 0.1);

    /** Of each kind; BERT's weights are large, so that what its states say differs from text to text. */
    private static SentimentNetwork network(String kind) {
        Generator random = new Generator(1, 0);
        SentimentNetwork.Sizes sizes = new SentimentNetwork.Sizes(5, 2, 0.3);
        if (kind.equals("gru")) {
            return new GruSentiment(READER.pieces().size(), 6, sizes, random);
        }
        BertModel bert = new BertModel(BERT, random);
        bert.parameters().forEach((name, parameter) -> {
            if (parameter.value().shape().rank() == 2) {
                Init.normal(parameter.value(), 0, 0.5, random);
            }
        });
        return new BertSentiment(bert, kind.startsWith("fine"), kind.endsWith("linear") ? null : sizes, 0.3, random);
    }

    static Stream<Arguments> networks() {
        return Devices.usable()
                .flatMap(device -> Stream.of("gru", "bert-gru", "bert-linear", "fine-gru", "fine-linear")
                        .map(kind -> Arguments.of(device, kind)));
    }

    /** Of two to some twenty words. */
    private static TokenisedReviews reviews() {
        List<Review> several = IntStream.range(0, 40)
                .mapToObj(i -> new Review(
                        (REVIEWS.get(i).text() + ' ').repeat(1 + i % 4),
                        REVIEWS.get(i).label()))
                .toList();
        return new TokenisedReviews(several, READER);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void paddingChangesNothing(Device device, String kind) {
        Device.setDefault(device);
        TokenisedReviews reviews = reviews();
        try (SentimentNetwork network = network(kind)) {
            double[] alone = network.read(reviews, device, 1).logits();
            network.to(Devices.reference());
            assertArrayEquals(
                    network.read(reviews, Devices.reference(), 1).logits(), alone, 1e-5, "as the reference says");
            network.to(device);
            assertTrue(Arrays.stream(alone).distinct().count() > 20, () -> Arrays.toString(alone));
            for (int batch : new int[] {7, 40}) {
                assertArrayEquals(alone, network.read(reviews, device, batch).logits(), 1e-6, device + ", " + batch);
            }
            for (int i = 0; i < alone.length; i++) { // without any filling up
                double probability = network.probability(
                        READER.read(reviews.review(i).text()).ids(), device);
                assertEquals(Opinions.probability(alone[i]), probability, 1e-6);
            }
        }
    }

    /** Shortest beside longest: in the order of the file, a batch is as wide as its longest review. */
    @ParameterizedTest
    @ValueSource(strings = {"gru", "bert-gru", "bert-linear"})
    void bucketsChangeNothing(String kind) {
        Device device = Devices.reference();
        Device.setDefault(device);
        TokenisedReviews reviews = reviews();
        try (SentimentNetwork network = network(kind);
                Scope scope = new Scope();
                DataLoader loader = new DataLoader(reviews, 40, device, false, 0)) {
            network.train(false);
            Opinions said = network.read(reviews, device, 8);
            for (Batch batch : loader.epoch(1)) {
                assertEquals(said.loss(), network.loss(batch).item(), 1e-6);
            }
        }
    }

    /** One step of training; then whether BERT's weights and the others are what they were. */
    @ParameterizedTest
    @CsvSource({"bert-gru, false", "bert-linear, false", "fine-gru, true", "fine-linear, true"})
    void onlyWhatShallLearnDoes(String kind, boolean bertLearns) {
        Device device = Devices.reference();
        Device.setDefault(device);
        try (SentimentNetwork network = network(kind);
                Scope scope = new Scope();
                DataLoader loader = new DataLoader(reviews(), 40, device, false, 0)) {
            Map<String, Tensor> before = network.state();
            Optimizer optimizer = new Adam(network.trained(), 0.01, 0.9, 0.999, 1e-8, 0.1);
            for (Batch batch : loader.epoch(1)) {
                optimizer.clearGradients();
                Autograd.backward(network.loss(batch));
                optimizer.step();
            }
            Map<String, Tensor> after = network.state();
            Set<String> same = before.entrySet().stream()
                    .filter(entry -> Arrays.equals(
                            entry.getValue().toFloatArray(),
                            Objects.requireNonNull(after.get(entry.getKey())).toFloatArray()))
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toSet());
            Set<String> unused =
                    kind.endsWith("gru") ? Set.of("bert.pooler.dense.weight", "bert.pooler.dense.bias") : Set.of();
            for (String name : before.keySet()) {
                boolean expected = name.startsWith("bert.") && (!bertLearns || unused.contains(name));
                assertEquals(expected, same.contains(name), name);
            }
        }
    }

    /** Dropout of a BERT that stays as it is would change its answers. */
    @Test
    void aFrozenBertIsAsInUse() {
        Device device = Devices.reference();
        Device.setDefault(device);
        TokenisedReviews reviews = reviews();
        try (SentimentNetwork frozen = network("bert-gru");
                SentimentNetwork tuned = network("fine-gru");
                Scope scope = new Scope()) {
            long[] words = READER.read(reviews.review(0).text()).ids();
            Tensor ids = Tensor.of(device, words, Shape.of(1, words.length));
            frozen.train(true);
            frozen.trained().train(false);
            tuned.train(false);
            double use = tuned.forward(ids).item();
            assertEquals(use, frozen.forward(ids).item(), 1e-7);
            tuned.train(true);
            tuned.trained().train(true);
            assertNotEquals(use, tuned.forward(ids).item());
        }
    }

    @Test
    void figures() {
        TokenisedReviews four = new TokenisedReviews(
                List.of(new Review("a", 1), new Review("b", 1), new Review("c", 0), new Review("d", 0)), READER);
        Opinions said = new Opinions(four, new double[] {2, -1, -3, 4});
        assertEquals(0.5, said.accuracy());
        assertArrayEquals(new int[] {1, 0, 0, 1}, said.decisions());
        assertArrayEquals(new int[] {1, 1, 0, 0}, said.labels());
        double expected = -(Math.log(1 / (1 + Math.exp(-2)))
                        + Math.log(1 / (1 + Math.exp(1)))
                        + Math.log(1 - 1 / (1 + Math.exp(3)))
                        + Math.log(1 - 1 / (1 + Math.exp(-4))))
                / 4;
        assertEquals(expected, said.loss(), 1e-12);
        assertEquals(
                List.of("d", "b"),
                said.worst(9).stream().map(mistake -> mistake.review().text()).toList());
        assertEquals(1, said.worst(1).size());
        assertEquals(1000, new Opinions(four, new double[] {-2000, 0, 0, -2000}).loss() * 2, 1);
    }

    @Test
    void whatStandsAroundATextIsNeverDropped() {
        TextReader words = TextReader.ofWords(REVIEWS, 300, 40);
        TextReader framed = new TextReader(words.pieces(), 40, true);
        TokenisedReviews all = new TokenisedReviews(REVIEWS, framed).withWordDropout(0.9, 5);
        long[] ends = {words.pieces().id(WordPiece.CLS), words.pieces().id(WordPiece.SEP)};
        for (int i = 0; i < all.size(); i++) {
            int length = all.targetLength(i);
            long[] found = new long[length];
            all.example(i, 1, new float[1], 0, found, 0);
            assertArrayEquals(ends, new long[] {found[1], found[length - 1]});
        }
    }

    @Test
    void someWordsAreDroppedInTraining() {
        TokenisedReviews all = reviews();
        TokenisedReviews some = all.withWordDropout(0.3, 5);
        int dropped = 0;
        int words = 0;
        for (int i = 0; i < all.size(); i++) {
            int length = all.targetLength(i);
            long[] whole = new long[length];
            long[] first = new long[length];
            long[] second = new long[length];
            all.target(i, whole, 0);
            some.example(i, 1, new float[1], 0, first, 0);
            some.example(i, 1, new float[1], 0, second, 0);
            assertArrayEquals(first, second, "the same epoch");
            assertEquals(length - 1, first[0]);
            for (int k = 1; k < length; k++, words++) {
                dropped += first[k] == whole[k] ? 0 : 1;
                assertTrue(first[k] == whole[k] || first[k] == 1);
            }
            some.target(i, second, 0);
            assertArrayEquals(whole, second, "only in training");
        }
        assertEquals(0.3, (double) dropped / words, 0.06);
        long[] first = new long[all.targetLength(3)];
        long[] second = new long[all.targetLength(3)];
        some.example(3, 1, new float[1], 0, first, 0);
        some.example(3, 2, new float[1], 0, second, 0);
        assertNotEquals(Arrays.toString(first), Arrays.toString(second), "another epoch");
    }
}
