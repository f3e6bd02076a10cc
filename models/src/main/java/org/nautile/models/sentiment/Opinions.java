package org.nautile.models.sentiment;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.nautile.data.Reviews.Review;

/**
 * What a network says of reviews.
 *
 * @param reviews the reviews
 * @param logits of each: positive for a positive review
 */
public record Opinions(TokenisedReviews reviews, double[] logits) {
    /**
     * A review that a network judges wrongly.
     *
     * @param review the review
     * @param probability of positive, as the network says
     */
    public record Mistake(Review review, double probability) {}

    /** 1 / (1 + exp(-logit)). */
    static double probability(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }

    /**
     * The labels of the reviews.
     *
     * @return 1 for positive, 0 for negative
     */
    public int[] labels() {
        return IntStream.range(0, logits.length)
                .map(i -> reviews.review(i).label())
                .toArray();
    }

    /**
     * What the network decides for, at a probability of one half.
     *
     * @return 1 for positive, 0 for negative
     */
    public int[] decisions() {
        return IntStream.range(0, logits.length).map(i -> logits[i] > 0 ? 1 : 0).toArray();
    }

    /**
     * Whether some of the reviews are positive and some are negative.
     *
     * @return true if so
     */
    public boolean ofBothKinds() {
        return IntStream.of(labels()).distinct().count() == 2;
    }

    /**
     * The share of the reviews that are judged rightly.
     *
     * @return from 0 to 1
     */
    public double accuracy() {
        return IntStream.range(0, logits.length).filter(this::right).count() / (double) logits.length;
    }

    private boolean right(int index) {
        return logits[index] > 0 == (reviews.review(index).label() == 1);
    }

    /**
     * The loss.
     *
     * @return the mean binary cross-entropy
     */
    public double loss() {
        return IntStream.range(0, logits.length)
                .mapToDouble(this::loss)
                .average()
                .orElse(Double.NaN);
    }

    /** log(1 + exp(-margin)), without overflow. */
    private double loss(int index) {
        double margin = reviews.review(index).label() == 1 ? logits[index] : -logits[index];
        return Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)));
    }

    /**
     * The mistakes of which the network is surest.
     *
     * @param most how many
     * @return the worst first
     */
    public List<Mistake> worst(int most) {
        return IntStream.range(0, logits.length)
                .filter(i -> !right(i))
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -loss(i)))
                .limit(most)
                .map(i -> new Mistake(reviews.review(i), probability(logits[i])))
                .toList();
    }
}
