package org.nautile.models.language;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.nautile.Generator;

/**
 * Draws one of several symbols by their logits: the softmax of logits / temperature, among the most probable ones.
 *
 * @param temperature 1 for the distribution as it is, less for what is probable, 0 for the most probable symbol alone
 * @param topK the symbols to draw from, the most probable ones; 0 for all
 */
public record Sampler(double temperature, int topK) {
    /**
     * Checks the numbers.
     *
     * @param temperature a finite number {@code >= 0}
     * @param topK {@code >= 0}
     */
    public Sampler {
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("--temperature " + temperature + " is not a number >= 0");
        }
        if (topK < 0) {
            throw new IllegalArgumentException("--top-k " + topK + " is less than 0");
        }
    }

    /**
     * Draws a symbol.
     *
     * @param logits of each symbol, at least one; negative infinity for what shall not be drawn
     * @param random draws
     * @return its index; of equally probable ones the first where only the most probable one may be drawn
     */
    public int draw(float[] logits, Generator random) {
        int[] order = IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -logits[i]))
                .limit(topK == 0 ? logits.length : topK)
                .mapToInt(Integer::intValue)
                .toArray();
        if (temperature == 0) {
            return order[0];
        }
        double[] weights = Arrays.stream(order)
                .mapToDouble(i -> Math.exp(((double) logits[i] - logits[order[0]]) / temperature))
                .toArray();
        double left = random.nextDouble() * Arrays.stream(weights).sum();
        for (int i = 0; i < order.length; i++) {
            left -= weights[i];
            if (left < 0) {
                return order[i];
            }
        }
        return order[0]; // rounding left a rest
    }
}
