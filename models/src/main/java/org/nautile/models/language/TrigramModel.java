package org.nautile.models.language;

import java.util.Arrays;

/**
 * A baseline: the probability of a character after the two before it, a mixture of how often it was seen after
 * both, after the last one, at all, and of 1 / V (Jelinek and Mercer 1980). The weights of the mixture are those of the greatest likelihood
 * on a part of the text that was not counted, found by expectation and maximization; then that part is counted, too.
 *
 * <p>Where the two characters before were not seen together, the last one alone speaks for both.
 */
public final class TrigramModel {
    private static final int HELD_OUT_SHARE = 20; // one of so many characters finds the weights
    private static final int ROUNDS = 50;
    private static final double LN_2 = Math.log(2);

    private final int symbols;
    private final int[] triples;
    private final int[] pairs;
    private final int[] singles;
    private final int[] pairContexts; // how often two characters were followed by a third
    private final int[] contexts;
    private int total;
    private double[] weights = {0.25, 0.25, 0.25, 0.25}; // of orders 0 (uniform) to 3

    /**
     * Counts a text and finds the weights.
     *
     * @param text the numbers of its characters, at least 3
     * @param symbols the size V of the alphabet, 1 to 1000
     */
    public TrigramModel(int[] text, int symbols) {
        this(symbols);
        if (text.length < 3) {
            throw new IllegalArgumentException("a text of " + text.length + " characters; at least 3");
        }
        int counted = Math.min(text.length - 1, text.length - text.length / HELD_OUT_SHARE);
        count(text, 0, counted);
        fit(text, counted);
        count(text, counted, text.length);
    }

    /** Nothing is counted yet. */
    TrigramModel(int symbols) {
        if (symbols < 1 || symbols > 1000) {
            throw new IllegalArgumentException(symbols + " symbols; 1 to 1000");
        }
        this.symbols = symbols;
        triples = new int[symbols * symbols * symbols];
        pairs = new int[symbols * symbols];
        pairContexts = new int[symbols * symbols];
        singles = new int[symbols];
        contexts = new int[symbols];
    }

    /** Counts the characters from start to before end, each after those before it in the text. */
    void count(int[] text, int start, int end) {
        for (int i = start; i < end; i++) {
            singles[text[i]]++;
            total++;
            if (i > 0) {
                contexts[text[i - 1]]++;
                pairs[text[i - 1] * symbols + text[i]]++;
            }
            if (i > 1) {
                int before = text[i - 2] * symbols + text[i - 1];
                pairContexts[before]++;
                triples[before * symbols + text[i]]++;
            }
        }
    }

    /** Sets the weights of orders 0 to 3, which add up to 1. */
    void setWeights(double... values) {
        weights = values.clone();
    }

    private void fit(int[] text, int start) {
        double[] orders = new double[4];
        for (int round = 0; round < ROUNDS; round++) {
            double[] shares = new double[4];
            for (int i = start; i < text.length; i++) {
                orders(text, i, orders);
                double sum = mixed(orders);
                for (int order = 0; order < 4; order++) {
                    shares[order] += weights[order] * orders[order] / sum;
                }
            }
            double all = Arrays.stream(shares).sum();
            weights = Arrays.stream(shares).map(share -> share / all).toArray();
        }
        // a character that was never seen must not be impossible, whatever the text that found the weights
        weights = Arrays.stream(weights).map(weight -> 0.9999 * weight).toArray();
        weights[0] += 0.0001;
    }

    private double mixed(double[] orders) {
        double sum = 0;
        for (int order = 0; order < 4; order++) {
            sum += weights[order] * orders[order];
        }
        return sum;
    }

    /** The probabilities of text[i] by each order. */
    private void orders(int[] text, int i, double[] into) {
        int c = text[i];
        into[0] = 1.0 / symbols;
        into[1] = total == 0 ? into[0] : (double) singles[c] / total;
        into[2] = into[1];
        if (i > 0 && contexts[text[i - 1]] > 0) {
            into[2] = (double) pairs[text[i - 1] * symbols + c] / contexts[text[i - 1]];
        }
        into[3] = into[2];
        if (i > 1) {
            int before = text[i - 2] * symbols + text[i - 1];
            if (pairContexts[before] > 0) {
                into[3] = (double) triples[before * symbols + c] / pairContexts[before];
            }
        }
    }

    /**
     * The probability of a character of a text.
     *
     * @param text the numbers of its characters
     * @param i which one, from 0
     * @return after the characters before it
     */
    public double probability(int[] text, int i) {
        double[] orders = new double[4];
        orders(text, i, orders);
        return mixed(orders);
    }

    /**
     * The cross-entropy of a part of a text.
     *
     * @param text the numbers of its characters
     * @param start the first one
     * @param end the bound, {@code > start}
     * @return the mean of -log2 of their probabilities, bits per character
     */
    public double bits(int[] text, int start, int end) {
        double sum = 0;
        for (int i = start; i < end; i++) {
            sum -= Math.log(probability(text, i));
        }
        return sum / LN_2 / (end - start);
    }

    /**
     * The weights of the mixture.
     *
     * @return of 1 / V, of single characters, of pairs and of triples; they add up to 1
     */
    public double[] weights() {
        return weights.clone();
    }
}
