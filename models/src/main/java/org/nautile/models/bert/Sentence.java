package org.nautile.models.bert;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.nautile.data.WordPiece;

/**
 * A sentence in pieces.
 *
 * @param pieces their ids
 * @param spans pieces that are to be hidden together: the number of the first and of the first after them, for each
 *     span
 */
record Sentence(int[] pieces, int[] spans) {
    /** Splits a text word by word, which gives the tokens of the text as a whole. */
    static Sentence of(String text, WordPiece tokenizer, SpanRule rule) {
        List<String> words = words(text);
        List<Integer> ids = new ArrayList<>();
        int[] starts = new int[words.size() + 1];
        for (int i = 0; i < words.size(); i++) {
            for (String token : tokenizer.tokens(words.get(i))) {
                ids.add(tokenizer.id(token));
            }
            starts[i + 1] = ids.size();
        }
        int[] spans = rule.find(words).stream()
                .flatMapToInt(span -> IntStream.of(starts[span.first()], starts[span.end()]))
                .toArray();
        return new Sentence(ids.stream().mapToInt(Integer::intValue).toArray(), spans);
    }

    /** The words between spaces, without the punctuation marks around them, which are words by themselves. */
    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        for (String part : text.strip().split("\\s+", -1)) {
            int from = 0;
            while (from < part.length() && isMark(part.charAt(from))) {
                words.add(part.substring(from, ++from));
            }
            int to = part.length();
            while (to > from && isMark(part.charAt(to - 1))) {
                to--;
            }
            if (to > from) {
                words.add(part.substring(from, to));
            }
            for (int i = to; i < part.length(); i++) {
                words.add(part.substring(i, i + 1));
            }
        }
        return words;
    }

    /** Marks of ASCII and the quotation marks and dashes of printed text: all are tokens by themselves. */
    private static boolean isMark(char c) {
        return c < 0x80 ? c > ' ' && c != 0x7F && !Character.isLetterOrDigit(c) : "“”‘’–—…«»".indexOf(c) >= 0;
    }
}
