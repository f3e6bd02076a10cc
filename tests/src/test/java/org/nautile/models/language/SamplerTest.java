package org.nautile.models.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.Generator;

class SamplerTest {
    private static final float[] LOGITS = {0, 1, 3, Float.NEGATIVE_INFINITY, 2};
    private static final int DRAWS = 20_000;

    private static int[] counts(Sampler sampler) {
        Generator random = new Generator(3, 0);
        int[] counts = new int[LOGITS.length];
        for (int i = 0; i < DRAWS; i++) {
            counts[sampler.draw(LOGITS, random)]++;
        }
        return counts;
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 3", "1, 1", "5, 1"})
    void mostProbable(double temperature, int topK) {
        assertEquals(DRAWS, counts(new Sampler(temperature, topK))[2]);
    }

    /** Each share is within five standard deviations of its probability. */
    @ParameterizedTest
    @CsvSource({"1, 0, 5", "1, 2, 2", "0.5, 0, 5", "2, 3, 3", "1, 9, 5"})
    void sharesAreProbabilities(double temperature, int topK, int among) {
        int[] byRank = {2, 4, 1, 0, 3};
        double[] probabilities = new double[LOGITS.length];
        double sum = 0;
        for (int rank = 0; rank < among; rank++) {
            probabilities[byRank[rank]] = Math.exp(LOGITS[byRank[rank]] / temperature);
            sum += probabilities[byRank[rank]];
        }
        int[] counts = counts(new Sampler(temperature, topK));
        for (int i = 0; i < LOGITS.length; i++) {
            double p = probabilities[i] / sum;
            assertEquals(p * DRAWS, counts[i], 5 * Math.sqrt(p * (1 - p) * DRAWS), "symbol " + i);
        }
    }

    @Test
    void veryLargeLogits() {
        assertEquals(1, new Sampler(0.01, 0).draw(new float[] {-1e30F, 1e30F}, new Generator(0, 0)));
    }

    @Test
    void rejects() {
        assertThrows(IllegalArgumentException.class, () -> new Sampler(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Sampler(Double.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> new Sampler(Double.POSITIVE_INFINITY, 0));
        assertThrows(IllegalArgumentException.class, () -> new Sampler(1, -1));
    }
}
