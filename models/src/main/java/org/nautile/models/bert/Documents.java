package org.nautile.models.bert;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nautile.data.Reviews.Review;
import org.nautile.io.DataException;
import org.nautile.io.TextFile;
import org.nautile.models.language.FilmReviews;
import org.nautile.models.language.Texts;

/**
 * Documents to learn from and others to measure with, each a list of its sentences.
 *
 * @param train to learn from
 * @param test to measure with
 * @param source which they are
 */
public record Documents(List<List<String>> train, List<List<String>> test, String source) {
    private static final int TEST_SHARE = 10; // of a text without a test: the last one of so many documents
    private static final int LEAST = 4; // documents: two to learn from, two to measure with
    private static final int GENERATED = 400_000; // characters

    /** After a full stop, a question or an exclamation mark, and what closes after it. */
    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?…][\"'”’)\\]]{0,3})\\s+");

    private static final Pattern LINE_BREAK = Pattern.compile("<br\\s*/?>"); // of HTML, as film reviews have them

    /**
     * The user's text, or film reviews, or a generated text.
     *
     * @param file the user's text in UTF-8, plain or compressed with gzip: blank lines separate documents, or, if there
     *     are none, each line is one; null for none
     * @param data the folder the user named for data; null for none
     * @param seed of a generated text
     * @return of one file, the last tenth of the documents to measure with
     * @throws DataException if a file is not what it should be
     * @throws IOException if a file cannot be read
     */
    public static Documents find(@Nullable Path file, @Nullable Path data, long seed) throws IOException {
        if (file != null) {
            List<List<String>> all = of(TextFile.lines(file));
            if (all.size() < LEAST) {
                throw new DataException(
                        file,
                        all.size() + " documents found, at least " + LEAST
                                + " expected: blank lines separate them, or each line is one");
            }
            return divided(all, file.toString());
        }
        Optional<FilmReviews.Split> reviews = FilmReviews.IMDB.find(data);
        return reviews.isPresent()
                ? new Documents(
                        of(reviews.get().train().stream()),
                        of(reviews.get().test().stream()),
                        reviews.get().source())
                : divided(
                        of(Texts.generate(seed, GENERATED).lines().toList()),
                        "generated words, not a real text (--text FILE reads one)");
    }

    private static Documents divided(List<List<String>> all, String source) {
        int cut = Math.min(all.size() - 2, all.size() * (TEST_SHARE - 1) / TEST_SHARE);
        return new Documents(all.subList(0, cut), all.subList(cut, all.size()), source);
    }

    private static List<List<String>> of(Stream<Review> reviews) {
        return reviews.map(review -> sentences(LINE_BREAK.matcher(review.text()).replaceAll(" ")))
                .filter(sentences -> !sentences.isEmpty())
                .toList();
    }

    /** Blank lines separate documents; without any, each line is one. */
    static List<List<String>> of(List<String> lines) {
        int last = lines.size();
        while (last > 0 && lines.get(last - 1).isBlank()) {
            last--; // a blank line at the end separates nothing
        }
        List<String> text = lines.subList(0, last);
        boolean blanks = text.stream().anyMatch(String::isBlank);
        List<List<String>> documents = new ArrayList<>();
        List<String> open = new ArrayList<>();
        for (String line : text) {
            open.addAll(sentences(line));
            if ((line.isBlank() || !blanks) && !open.isEmpty()) {
                documents.add(List.copyOf(open));
                open.clear();
            }
        }
        if (!open.isEmpty()) {
            documents.add(List.copyOf(open));
        }
        return documents;
    }

    private static List<String> sentences(String text) {
        return Arrays.stream(SENTENCE_END.split(text.strip()))
                .filter(sentence -> !sentence.isBlank())
                .toList();
    }

    /**
     * The first documents of each kind.
     *
     * @param mostTrain the most to learn from, {@code >= 2}
     * @param mostTest the most to measure with, {@code >= 2}
     * @return fewer, or these
     */
    public Documents first(int mostTrain, int mostTest) {
        return new Documents(
                train.subList(0, Math.min(train.size(), mostTrain)),
                test.subList(0, Math.min(test.size(), mostTest)),
                source);
    }
}
