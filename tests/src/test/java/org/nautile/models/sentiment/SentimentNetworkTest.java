package org.nautile.models.sentiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.data.Reviews.Review;

/** Networks that read reviews in batches, which are filled up. */
@ExtendWith(RestoresDefaults.class)
class SentimentNetworkTest {
    private static final List<Review> REVIEWS = ReviewSets.generate(new Generator(3, 0), 60);
    private static final TextReader READER = TextReader.ofWords(REVIEWS, 100, 30);

    private static SentimentNetwork network() {
        return new GruSentiment(
                READER.pieces().size(), 6, new SentimentNetwork.Sizes(5, 2, 0.3), new Generator(1, 0));
    }

    /** Of two to some twenty words. */
    private static TokenisedReviews reviews() {
        List<Review> several = IntStream.range(0, 40)
                .mapToObj(i -> new Review(
                        (REVIEWS.get(i).text() + ' ').repeat(1 + i % 4), REVIEWS.get(i).label()))
                .toList();
        return new TokenisedReviews(several, READER);
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void paddingChangesNothing(Device device) {
        Device.setDefault(device);
        TokenisedReviews reviews = reviews();
        try (SentimentNetwork network = network()) {
            double[] alone = network.read(reviews, device, 1).logits();
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
    @Test
    void bucketsChangeNothing() {
        Device device = Devices.reference();
        Device.setDefault(device);
        TokenisedReviews reviews = reviews();
        try (SentimentNetwork network = network();
                Scope scope = new Scope();
                DataLoader loader = new DataLoader(reviews, 40, device, false, 0)) {
            network.train(false);
            Opinions said = network.read(reviews, device, 8);
            for (Batch batch : loader.epoch(1)) {
                assertEquals(said.loss(), network.loss(batch).item(), 1e-6);
            }
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
