package org.nautile.models.sentiment;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nautile.data.Reviews.Review;
import org.nautile.data.WordPiece;
import org.nautile.models.bert.Vocabularies;

/**
 * Makes tokens of texts, as a network reads them. Of a text that is too long, beginning and end are read: that is where a
 * review says most often what it comes to.
 *
 * @param pieces knows the tokens
 * @param longest the most tokens that are read
 * @param framed whether [CLS] and [SEP] stand around a text, as BERT wants it
 */
public record TextReader(WordPiece pieces, int longest, boolean framed) {
    private static final int LEAST_COUNT = 2; // of a word; one that is there once cannot be learnt

    /**
     * A reader of the words that are frequent in reviews.
     *
     * @param reviews the reviews
     * @param most the most words, special tokens included
     * @param longest the most tokens of a text that are read
     * @return the most frequent words, and of those equally frequent the first in order of the alphabet
     */
    public static TextReader ofWords(List<Review> reviews, int most, int longest) {
        Map<String, Long> counts = new HashMap<>();
        for (Review review : reviews) {
            WordPiece.words(review.text(), true).forEach(word -> counts.merge(word, 1L, Long::sum));
        }
        counts.values().removeIf(count -> count < LEAST_COUNT);
        List<String> vocabulary = new ArrayList<>(WordPiece.SPECIAL);
        vocabulary.addAll(Vocabularies.mostFrequent(counts, Math.max(0, most - vocabulary.size())));
        return new TextReader(WordPiece.of(vocabulary, true), longest, false);
    }

    /**
     * What is read of a text.
     *
     * @param ids of its tokens, at least one
     * @param tokens how many the text has
     * @param unknown how many of those are [UNK]
     * @param cut whether it has more than are read
     */
    public record Read(long[] ids, int tokens, int unknown, boolean cut) {}

    /**
     * Reads a text.
     *
     * @param text any text; one without a word is read as an unknown word
     * @return what a network is given of it
     */
    public Read read(String text) {
        List<String> all = pieces.tokens(text);
        List<String> kept = new ArrayList<>(all);
        if (kept.isEmpty()) {
            kept.add(WordPiece.UNK);
        }
        if (kept.size() > room()) {
            kept.subList((room() + 1) / 2, kept.size() - room() / 2).clear();
        }
        if (framed) {
            kept.add(0, WordPiece.CLS);
            kept.add(WordPiece.SEP);
        }
        return new Read(
                kept.stream().mapToLong(pieces::id).toArray(),
                all.size(),
                (int) all.stream().filter(WordPiece.UNK::equals).count(),
                all.size() > room());
    }

    /**
     * The most tokens of a text that are read.
     *
     * @return the longest without what stands around the text
     */
    public int room() {
        return longest - (framed ? 2 : 0);
    }

    /**
     * The vocabulary, for {@link WordPiece#cased} or {@link WordPiece#uncased}, as it was made.
     *
     * @return a token a line, by id
     */
    public String vocabulary() {
        return String.join("\n", pieces.vocabulary()) + '\n';
    }
}
