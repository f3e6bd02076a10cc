package org.nautile.models.language;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.data.Reviews.Review;
import org.nautile.io.DataException;
import org.nautile.io.TextFile;

/**
 * A text to learn from and another one to measure with.
 *
 * @param train to learn from
 * @param test to measure with
 * @param source which they are
 */
public record Texts(String train, String test, String source) {
    private static final int TEST_SHARE = 10; // of a text without a test: the last one of so many characters
    private static final int WORDS = 300;
    private static final int GENERATED = 400_000;

    /**
     * The user's text, or film reviews, or a generated text.
     *
     * @param file the user's text in UTF-8, plain or compressed with gzip; null for none
     * @param data the folder the user named for data; null for none
     * @param seed of a generated text
     * @return of one file, the last tenth to measure with
     * @throws DataException if a file is not what it should be
     * @throws IOException if a file cannot be read
     */
    public static Texts find(@Nullable Path file, @Nullable Path data, long seed) throws IOException {
        if (file != null) {
            return divided(read(file), file.toString());
        }
        Optional<FilmReviews.Split> reviews = FilmReviews.IMDB.find(data);
        return reviews.isPresent()
                ? new Texts(
                        lines(reviews.get().train()),
                        lines(reviews.get().test()),
                        reviews.get().source())
                : divided(generate(seed, GENERATED), "generated words, not a real text (--text FILE reads one)");
    }

    private static Texts divided(String text, String source) {
        long all = text.codePointCount(0, text.length());
        int cut = text.offsetByCodePoints(0, (int) (all * (TEST_SHARE - 1) / TEST_SHARE));
        return new Texts(text.substring(0, cut), text.substring(cut), source);
    }

    /** The texts of all reviews, one a line. */
    private static String lines(List<Review> reviews) {
        return reviews.stream().map(review -> review.text() + "\n").collect(Collectors.joining());
    }

    private static String read(Path file) throws IOException {
        String text = TextFile.read(file);
        if (text.isEmpty()) {
            throw new DataException(file, "an empty file, a text in UTF-8 expected");
        }
        return text;
    }

    /**
     * A text of invented words, the first of which are the most frequent ones, in sentences.
     *
     * @param seed the same seed gives the same text
     * @param length characters
     * @return only small letters, spaces, full stops and ends of lines
     */
    public static String generate(long seed, int length) {
        Generator random = new Generator(seed, 0);
        List<String> words = new ArrayList<>();
        for (int i = 0; i < WORDS; i++) {
            StringBuilder word = new StringBuilder();
            for (int syllable = random.nextInt(3); syllable >= 0; syllable--) {
                word.append("bdfghklmnprstvw".charAt(random.nextInt(15))).append("aeiou".charAt(random.nextInt(5)));
            }
            words.add(word.toString());
        }
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            int count = 4 + random.nextInt(8);
            for (int i = 0; i < count; i++) {
                double share = random.nextDouble();
                text.append(words.get((int) (WORDS * share * share * share)));
                text.append(i < count - 1 ? " " : random.nextInt(4) == 0 ? ".\n" : ". ");
            }
        }
        return text.substring(0, length);
    }
}
