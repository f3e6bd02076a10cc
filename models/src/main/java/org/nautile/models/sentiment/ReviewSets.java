package org.nautile.models.sentiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.data.Reviews;
import org.nautile.data.Reviews.Review;
import org.nautile.models.language.FilmReviews;

/**
 * Reviews to learn from, others to measure after each epoch, and others to measure with at the end.
 *
 * @param train to learn from
 * @param heldOut of the same file, to choose with
 * @param test to measure with
 * @param source which they are
 */
public record ReviewSets(List<Review> train, List<Review> heldOut, List<Review> test, String source) {
    private static final int HELD_OUT = 10; // one of so many
    private static final int GENERATED_TRAIN = 2000;
    private static final int GENERATED_TEST = 500;

    /** A stream of random numbers that nothing else draws from. */
    private static final long STREAM = 3;

    /**
     * What the user wants to learn from.
     *
     * @param known reviews of the data folder
     * @param train the user's own table or folder in its place; null for none
     * @param test the same, to measure with; null for none: a tenth of the user's own, drawn at random
     */
    public record Choice(
            FilmReviews known,
            @Nullable Path train,
            @Nullable Path test) {}

    /**
     * The user's reviews, or known ones of the data folder, or generated ones.
     *
     * @param choice which
     * @param data the folder the user named for data; null for none
     * @param most the most reviews to learn from, those held out not counted; drawn at random
     * @param mostTest the most to measure with
     * @param seed of what is drawn
     * @return of all to learn from, a tenth is held out
     * @throws IOException if a file cannot be read, or is not what it should be
     */
    public static ReviewSets find(Choice choice, @Nullable Path data, int most, int mostTest, long seed)
            throws IOException {
        Generator random = new Generator(seed, STREAM);
        List<Review> train;
        List<Review> test;
        String source;
        if (choice.train != null) {
            train = drawn(read(choice.train), Integer.MAX_VALUE, random);
            test = choice.test == null ? first(train, HELD_OUT) : read(choice.test);
            train = choice.test == null ? rest(train, HELD_OUT) : train;
            source = "reviews from " + choice.train;
        } else {
            Optional<FilmReviews.Split> reviews = choice.known.find(data);
            train = reviews.isPresent() ? reviews.get().train() : generate(random, GENERATED_TRAIN);
            test = reviews.isPresent() ? reviews.get().test() : generate(random, GENERATED_TEST);
            source = reviews.isPresent()
                    ? reviews.get().source()
                    : "generated sentences, not real reviews (--train FILE reads some)";
        }
        int heldOut = (most - 1) / (HELD_OUT - 1) + 1; // to be drawn beside those to learn from
        train = drawn(train, (int) Math.min(Integer.MAX_VALUE, (long) most + heldOut), random);
        return new ReviewSets(rest(train, HELD_OUT), first(train, HELD_OUT), drawn(test, mostTest, random), source);
    }

    private static List<Review> read(Path path) throws IOException {
        return Files.isDirectory(path) ? Reviews.folder(path) : Reviews.table(path);
    }

    /** Some of them, drawn at random; all of them in another order. */
    private static List<Review> drawn(List<Review> all, int most, Generator random) {
        int[] order = random.permutation(all.size());
        return IntStream.of(order).limit(most).mapToObj(all::get).toList();
    }

    private static List<Review> first(List<Review> all, int share) {
        return all.subList(0, (all.size() + share - 1) / share);
    }

    private static List<Review> rest(List<Review> all, int share) {
        return all.subList(all.size() == 1 ? 0 : (all.size() + share - 1) / share, all.size());
    }

    /** Sentences that are kind or not; a "not" turns them round, so that single words do not decide. */
    static List<Review> generate(Generator random, int count) {
        List<String> subjects = List.of("the film", "this movie", "the story", "the cast", "the whole plot", "it");
        List<String> verbs = List.of("is", "was", "seems", "remains", "turns out to be");
        List<String> degrees = List.of("", "very ", "rather ", "truly ", "really quite ");
        List<List<String>> opinions = List.of(
                List.of("dull", "terrible", "boring", "weak", "awful", "clumsy"),
                List.of("great", "moving", "funny", "brilliant", "charming", "clever"));
        List<String> ends = List.of("", ".", " from start to end", ", I think", " in the second half, too");
        List<Review> reviews = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int kind = random.nextInt(2);
            boolean not = random.nextInt(4) == 0;
            String text = any(subjects, random)
                    + ' '
                    + any(verbs, random)
                    + (not ? " not " : " ")
                    + any(degrees, random)
                    + any(opinions.get(kind), random)
                    + any(ends, random);
            reviews.add(new Review(text, not ? 1 - kind : kind));
        }
        return reviews;
    }

    private static String any(List<String> words, Generator random) {
        return words.get(random.nextInt(words.size()));
    }
}
