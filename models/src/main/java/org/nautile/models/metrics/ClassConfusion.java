package org.nautile.models.metrics;

import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The confusion matrix of several classes: how many examples of each class were said to be of each. */
public final class ClassConfusion {
    private final long[][] counts;

    /**
     * Counts answers.
     *
     * @param truth the class of each example, from 0
     * @param answers the class that was said, as many
     * @param classes their number
     */
    public ClassConfusion(int[] truth, int[] answers, int classes) {
        if (truth.length != answers.length) {
            throw new IllegalArgumentException(truth.length + " truths, " + answers.length + " answers");
        }
        counts = new long[classes][classes];
        for (int i = 0; i < truth.length; i++) {
            counts[truth[i]][answers[i]]++;
        }
    }

    /**
     * The examples of a class that were said to be of a class.
     *
     * @param truth the class that they are of
     * @param answer the class that was said
     * @return {@code >= 0}
     */
    public long count(int truth, int answer) {
        return counts[truth][answer];
    }

    /**
     * The share of right answers.
     *
     * @return from 0 to 1; NaN without answers
     */
    public double accuracy() {
        return micro().recall();
    }

    /**
     * One class against all others: its precision, recall, F1 and IoU are the class's.
     *
     * @param target the class
     * @return answers of whether an example is of it
     */
    public Confusion of(int target) {
        long said = 0;
        long is = 0;
        long all = 0;
        for (int c = 0; c < counts.length; c++) {
            said += counts[c][target];
            is += counts[target][c];
            for (long count : counts[c]) {
                all += count;
            }
        }
        long right = counts[target][target];
        return new Confusion(right, said - right, is - right, all - said - is + right);
    }

    /**
     * The answers to whether an example is of a class, for all classes together. Precision, recall and F1 of these, the
     * micro averages, are all the share of right answers.
     *
     * @return the sum of what {@link #of} gives
     */
    public Confusion micro() {
        return IntStream.range(0, counts.length).mapToObj(this::of).reduce(Confusion.NONE, Confusion::plus);
    }

    /**
     * The macro average of a figure: the mean over the classes, all alike however many examples they have.
     *
     * @param figure for example {@code Confusion::f1}
     * @param undefined the figure of a class whose own is a share of nothing, such as the precision of a class that was
     *     never said; 0 in most reports; NaN leaves such classes out
     * @return the mean; NaN if all classes are left out
     */
    public double macro(ToDoubleFunction<Confusion> figure, double undefined) {
        return IntStream.range(0, counts.length)
                .mapToDouble(c -> figure.applyAsDouble(of(c)))
                .map(value -> Double.isNaN(value) ? undefined : value)
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
    }
}
