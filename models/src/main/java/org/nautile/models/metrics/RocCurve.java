package org.nautile.models.metrics;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well a score tells positive examples from negative ones, for every threshold: an example is called positive where its score
 * is at least the threshold. The curves begin where nothing is called positive; examples of one score are one point.
 */
public final class RocCurve {
    private final double[] recall;
    private final double[] falsePositiveRate;
    private final double[] precision;

    /**
     * The curve of some scores.
     *
     * @param scores of each example, higher for positive; no NaN
     * @param positive what each example is, as many; at least one of each kind
     */
    public RocCurve(double[] scores, boolean[] positive) {
        int positives = (int)
                IntStream.range(0, positive.length).filter(i -> positive[i]).count();
        int negatives = positive.length - positives;
        if (scores.length != positive.length || positives == 0 || negatives == 0) {
            throw new IllegalArgumentException(
                    scores.length + " scores of " + positives + " positive and " + negatives + " negative examples");
        }
        if (IntStream.range(0, scores.length).anyMatch(i -> Double.isNaN(scores[i]))) {
            throw new IllegalArgumentException("a score is NaN");
        }
        int[] order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -scores[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] last = IntStream.range(0, order.length) // of the examples of one score
                .filter(i -> i + 1 == order.length || scores[order[i]] != scores[order[i + 1]])
                .toArray();
        recall = new double[last.length + 1];
        falsePositiveRate = new double[last.length + 1];
        precision = new double[last.length + 1];
        precision[0] = 1; // a convention: nothing was called positive by mistake
        int found = 0;
        int next = 0;
        for (int point = 1; point <= last.length; point++) {
            for (; next <= last[point - 1]; next++) {
                found += positive[order[next]] ? 1 : 0;
            }
            recall[point] = (double) found / positives;
            falsePositiveRate[point] = (double) (next - found) / negatives;
            precision[point] = (double) found / next;
        }
    }

    /**
     * The share of the positive examples that are called so, from 0 to 1.
     *
     * @return a value for each threshold, falling thresholds
     */
    public double[] recall() {
        return recall.clone();
    }

    /**
     * The share of the negative examples that are called positive, from 0 to 1.
     *
     * @return a value for each threshold, falling thresholds
     */
    public double[] falsePositiveRate() {
        return falsePositiveRate.clone();
    }

    /**
     * The share of the examples called positive that are so; 1 where none is.
     *
     * @return a value for each threshold, falling thresholds
     */
    public double[] precision() {
        return precision.clone();
    }

    /**
     * The area under recall against false positive rate: how probable it is that a positive example has a higher score than a
     * negative one, equal scores counting half.
     *
     * @return 0.5 for scores that say nothing, 1 for perfect ones
     */
    public double auroc() {
        double area = 0;
        for (int i = 1; i < recall.length; i++) {
            area += (falsePositiveRate[i] - falsePositiveRate[i - 1]) * (recall[i] + recall[i - 1]) / 2;
        }
        return area;
    }

    /**
     * The area under precision against recall, as a sum of rectangles: each rise of recall by the precision there.
     *
     * @return the share of positive examples for scores that say nothing, 1 for perfect ones
     */
    public double averagePrecision() {
        double area = 0;
        for (int i = 1; i < recall.length; i++) {
            area += (recall[i] - recall[i - 1]) * precision[i];
        }
        return area;
    }
}
