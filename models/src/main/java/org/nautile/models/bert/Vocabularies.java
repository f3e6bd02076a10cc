package org.nautile.models.bert;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nautile.data.WordPiece;

/**
 * Makes a vocabulary from a text, by counting: the special tokens; the most frequent characters, each also as a piece
 * inside words; the most frequent words; and of the other words the most frequent parts of two to four letters, at
 * their start and inside.
 */
public final class Vocabularies {
    /** The least size. */
    public static final int LEAST = 100;

    private static final int CHARACTERS = 8; // one of so many tokens is a character at most, and one such a piece
    private static final int PARTS = 4; // one of so many tokens is a part of words
    private static final int LONGEST_PART = 4;

    private Vocabularies() {}

    /**
     * Makes a vocabulary.
     *
     * @param documents the sentences of each document
     * @param size the most tokens, {@code >= } {@link #LEAST}
     * @return a tokenizer that writes all in small letters
     */
    public static WordPiece of(List<List<String>> documents, int size) {
        Map<String, Long> words = new HashMap<>();
        for (List<String> document : documents) {
            for (String sentence : document) {
                WordPiece.words(sentence, true).forEach(word -> words.merge(word, 1L, Long::sum));
            }
        }
        Map<String, Long> characters = new HashMap<>();
        words.forEach((word, count) ->
                word.codePoints().forEach(c -> characters.merge(Character.toString(c), count, Long::sum)));

        Set<String> vocabulary = new LinkedHashSet<>(WordPiece.SPECIAL);
        List<String> single = mostFrequent(characters, size / CHARACTERS);
        vocabulary.addAll(single);
        single.forEach(c -> vocabulary.add("##" + c));
        fill(vocabulary, words, size - size / PARTS);
        Map<String, Long> parts = new HashMap<>();
        words.forEach((word, count) -> {
            if (!vocabulary.contains(word)) {
                count(word, count, parts);
            }
        });
        fill(vocabulary, parts, size);
        return WordPiece.of(new ArrayList<>(vocabulary), true);
    }

    /** Adds the most frequent ones, up to a size. */
    private static void fill(Set<String> vocabulary, Map<String, Long> counts, int size) {
        for (String next : mostFrequent(counts, counts.size())) {
            if (vocabulary.size() >= size) {
                return;
            }
            vocabulary.add(next);
        }
    }

    private static void count(String word, long times, Map<String, Long> parts) {
        int[] letters = word.codePoints().toArray();
        for (int from = 0; from < letters.length; from++) {
            for (int to = from + 2; to <= Math.min(from + LONGEST_PART, letters.length); to++) {
                parts.merge((from == 0 ? "" : "##") + new String(letters, from, to - from), times, Long::sum);
            }
        }
    }

    /**
     * The most frequent ones; of those that are as frequent, the first in the order of the alphabet.
     *
     * @param counts how often each is there
     * @param most the most to return
     * @return the most frequent first
     */
    public static List<String> mostFrequent(Map<String, Long> counts, int most) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(most)
                .map(Map.Entry::getKey)
                .toList();
    }
}
