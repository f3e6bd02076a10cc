package org.nautile.models.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nautile.Generator;

class TrigramModelTest {
    private static final double LN_2 = Math.log(2);

    /** Of the text 0 1 0 1 1, by hand. */
    @Test
    void countedByHand() {
        int[] text = {0, 1, 0, 1, 1};
        TrigramModel model = new TrigramModel(3);
        model.count(text, 0, 5);
        model.setWeights(0.1, 0.2, 0.3, 0.4);
        // after 0 1 came 0 and 1; after 1 came 0 and 1; 0 was two of five
        assertEquals(0.1 / 3 + 0.2 * 2 / 5 + 0.3 / 2 + 0.4 / 2, model.probability(new int[] {0, 1, 0}, 2), 1e-15);
        // after 1 0 came 1; after 0 always 1; 1 was three of five
        assertEquals(0.1 / 3 + 0.2 * 3 / 5 + 0.3 + 0.4, model.probability(new int[] {1, 0, 1}, 2), 1e-15);
        // 1 1 was followed by nothing: 1 alone speaks for both
        assertEquals(0.1 / 3 + 0.2 * 2 / 5 + 0.7 / 2, model.probability(new int[] {1, 1, 0}, 2), 1e-15);
        // 2 was not seen
        assertEquals(0.1 / 3, model.probability(new int[] {1, 0, 2}, 2), 1e-15);
        assertEquals(0.1 / 3 + 0.9 * 2 / 5, model.probability(new int[] {2, 2, 0}, 2), 1e-15);
        // the first and the second character of a text
        assertEquals(0.1 / 3 + 0.9 * 2 / 5, model.probability(text, 0), 1e-15);
        assertEquals(0.1 / 3 + 0.2 * 3 / 5 + 0.7, model.probability(text, 1), 1e-15);
        double bits = -Math.log(model.probability(text, 1) * model.probability(text, 2)) / LN_2 / 2;
        assertEquals(bits, model.bits(text, 1, 3), 1e-12);
    }

    @Test
    void probabilitiesAddUpToOne() {
        Generator random = new Generator(1, 0);
        int[] text = IntStream.range(0, 500)
                .map(i -> random.nextInt(1 + random.nextInt(9)))
                .toArray();
        TrigramModel model = new TrigramModel(text, 12);
        assertEquals(1, Arrays.stream(model.weights()).sum(), 1e-12);
        for (int a = 0; a < 12; a++) {
            for (int b = 0; b < 12; b++) {
                int first = a;
                int second = b;
                double sum = IntStream.range(0, 12)
                        .mapToDouble(c -> model.probability(new int[] {first, second, c}, 2))
                        .peek(p -> assertTrue(p > 0, "possible"))
                        .sum();
                assertEquals(1, sum, 1e-12, "after " + a + " " + b);
            }
        }
    }

    /** Each character follows from the two before it: the weights say so. */
    @Test
    void weightsFindTheOrder() {
        Generator random = new Generator(2, 0);
        int[] text = new int[5000];
        int[] noise = new int[5000];
        for (int i = 0; i < text.length; i++) {
            noise[i] = random.nextInt(4);
            text[i] = i < 2 ? i : random.nextInt(50) == 0 ? noise[i] : (text[i - 1] + text[i - 2]) % 4;
        }
        TrigramModel model = new TrigramModel(text, 4);
        assertTrue(model.weights()[3] > 0.9, Arrays.toString(model.weights()));
        assertTrue(model.bits(text, 0, text.length) < 0.4, "nearly known");
        assertEquals(2, new TrigramModel(noise, 4).bits(noise, 0, noise.length), 0.03, "two bits of noise");
    }

    @Test
    void rejects() {
        assertThrows(IllegalArgumentException.class, () -> new TrigramModel(new int[2], 4));
        assertThrows(IllegalArgumentException.class, () -> new TrigramModel(new int[5], 1001));
    }
}
