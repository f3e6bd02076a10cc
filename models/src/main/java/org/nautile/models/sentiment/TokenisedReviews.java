package org.nautile.models.sentiment;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.data.Dataset;
import org.nautile.data.Reviews.Review;
import org.nautile.data.WordPiece;

/**
 * Reviews as numbers. An example is its label, 0 or 1; its target, as data sets call it, is the number of its tokens and
 * then the tokens, so that those of about one length come together.
 */
public final class TokenisedReviews implements Dataset {
    private static final long STREAMS = 1L << 61; // of random numbers that nothing else draws from

    private final List<Review> reviews;
    private final List<TextReader.Read> read;
    private final int longest;
    private final int frame; // tokens at either end that are no words
    private final double wordDropout;
    private final long unknown;
    private final long seed;

    /**
     * Reads reviews.
     *
     * @param reviews the reviews
     * @param reader makes tokens of them
     */
    public TokenisedReviews(List<Review> reviews, TextReader reader) {
        this(
                reviews,
                reviews.stream().map(review -> reader.read(review.text())).toList(),
                reader.framed() ? 1 : 0,
                0,
                reader.pieces().id(WordPiece.UNK),
                0);
    }

    private TokenisedReviews(
            List<Review> reviews, List<TextReader.Read> read, int frame, double wordDropout, long unknown, long seed) {
        this.reviews = reviews;
        this.read = read;
        this.longest = read.stream().mapToInt(one -> one.ids().length).max().orElse(0);
        this.frame = frame;
        this.wordDropout = wordDropout;
        this.unknown = unknown;
        this.seed = seed;
    }

    /**
     * The same for training, where some words are unknown, others in each epoch: so a network learns to do without any one
     * word.
     *
     * @param share of the words
     * @param randomSeed of which they are
     * @return changed reviews
     */
    public TokenisedReviews withWordDropout(double share, long randomSeed) {
        return new TokenisedReviews(reviews, read, frame, share, unknown, randomSeed);
    }

    /**
     * The numbers of the reviews by length, the shortest first.
     *
     * @return numbers of this
     */
    int[] byLength() {
        return IntStream.range(0, size())
                .boxed()
                .sorted(Comparator.comparingInt(this::targetLength))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * Some of them in another order.
     *
     * @param order numbers of this
     * @return those
     */
    TokenisedReviews ordered(int... order) {
        return new TokenisedReviews(
                IntStream.of(order).mapToObj(reviews::get).toList(),
                IntStream.of(order).mapToObj(read::get).toList(),
                frame,
                wordDropout,
                unknown,
                seed);
    }

    /**
     * The reviews that are too long to be read as a whole.
     *
     * @return how many of them
     */
    public int cut() {
        return (int) read.stream().filter(TextReader.Read::cut).count();
    }

    /**
     * A review as it was given.
     *
     * @param index from 0
     * @return the review
     */
    public Review review(int index) {
        return reviews.get(index);
    }

    @Override
    public int size() {
        return reviews.size();
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(1);
    }

    @Override
    public int classes() {
        return 2;
    }

    @Override
    public Shape targetShape() {
        return Shape.of(longest + 1L);
    }

    @Override
    public int targetLength(int index) {
        return read.get(index).ids().length + 1;
    }

    @Override
    public void sample(int index, float[] into, int offset) {
        into[offset] = reviews.get(index).label();
    }

    @Override
    public void target(int index, long[] into, int offset) {
        long[] ids = read.get(index).ids();
        into[offset] = ids.length;
        System.arraycopy(ids, 0, into, offset + 1, ids.length);
    }

    @Override
    public void example(int index, int epoch, float[] x, int xOffset, long[] y, int yOffset) {
        Dataset.super.example(index, epoch, x, xOffset, y, yOffset);
        Generator random = new Generator(seed, STREAMS | (long) epoch << 32 | index);
        for (int i = 1 + frame; i < targetLength(index) - frame && wordDropout > 0; i++) {
            y[yOffset + i] = random.nextDouble() < wordDropout ? unknown : y[yOffset + i];
        }
    }
}
