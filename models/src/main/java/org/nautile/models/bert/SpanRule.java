package org.nautile.models.bert;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.nautile.io.DataException;
import org.nautile.io.TextFile;

/** Finds words that belong together in a sentence, and are to be hidden together. */
@FunctionalInterface
public interface SpanRule {
    /**
     * Words that belong together.
     *
     * @param first the number of the first word
     * @param end that of the first word after them
     */
    record Span(int first, int end) {}

    /**
     * Finds spans.
     *
     * @param words of a sentence; each punctuation mark around a word is a word by itself
     * @return spans that do not overlap, in their order
     */
    List<Span> find(List<String> words);

    /**
     * No spans: pieces of words are hidden one by one.
     *
     * @return the rule
     */
    static SpanRule none() {
        return words -> List.of();
    }

    /**
     * Names: words with a capital letter that follow one another, also with {@code of} and {@code the} between them.
     * The first word of a sentence has a capital letter anyway, and so have I and its forms; they belong to none.
     *
     * @return the rule
     */
    static SpanRule entities() {
        return words -> {
            List<Span> spans = new ArrayList<>();
            int start = 0;
            while (start < words.size() && !isWord(words.get(start))) {
                start++;
            }
            for (int first = start + 1; first < words.size(); first++) {
                if (!isName(words.get(first))) {
                    continue;
                }
                int end = first + 1;
                int next = afterJoin(words, end);
                while (next < words.size() && isName(words.get(next))) {
                    end = next + 1;
                    next = afterJoin(words, end);
                }
                spans.add(new Span(first, end));
                first = end - 1;
            }
            return spans;
        };
    }

    private static int afterJoin(List<String> words, int from) {
        int next = from;
        while (next < words.size() && Set.of("of", "the").contains(words.get(next))) {
            next++;
        }
        return next;
    }

    private static boolean isWord(String word) {
        return Character.isLetterOrDigit(word.codePointAt(0));
    }

    private static boolean isName(String word) {
        return Character.isUpperCase(word.codePointAt(0)) && !word.equals("I") && !word.startsWith("I'");
    }

    /**
     * Phrases of two to four words: a sentence is cut at punctuation marks, before each function word, such as an article, a
     * pronoun or a preposition, that follows another kind of word, and after four words; single words are left.
     *
     * @return the rule
     */
    static SpanRule phrases() {
        return words -> {
            List<Span> spans = new ArrayList<>();
            int first = 0;
            for (int i = 0; i <= words.size(); i++) {
                boolean mark = i == words.size() || !isWord(words.get(i));
                boolean again = !mark && i > first && isFunction(words.get(i)) && !isFunction(words.get(i - 1));
                if (mark || again || i - first == FunctionWords.LONGEST) {
                    if (i - first > 1) {
                        spans.add(new Span(first, i));
                    }
                    first = mark ? i + 1 : i;
                }
            }
            return spans;
        };
    }

    private static boolean isFunction(String word) {
        return FunctionWords.ENGLISH.contains(word.toLowerCase(Locale.ROOT));
    }

    /**
     * Wherever words of a list are.
     *
     * @param file in UTF-8, a span a line, written as in the text; capital letters or small ones
     * @return the rule, which takes the longest span that begins at a word
     * @throws DataException if the file holds no span, or is not UTF-8
     * @throws IOException if it cannot be read
     */
    static SpanRule listed(Path file) throws IOException {
        List<List<String>> listed = TextFile.lines(file).stream()
                .map(line -> Sentence.words(line.toLowerCase(Locale.ROOT)))
                .filter(words -> !words.isEmpty())
                .sorted(Comparator.<List<String>>comparingInt(List::size).reversed())
                .toList();
        if (listed.isEmpty()) {
            throw new DataException(file, "no words found, spans expected, one a line");
        }
        Map<String, List<List<String>>> byFirst = listed.stream().collect(Collectors.groupingBy(span -> span.get(0)));
        return words -> {
            List<String> small =
                    words.stream().map(word -> word.toLowerCase(Locale.ROOT)).toList();
            List<Span> spans = new ArrayList<>();
            int at = 0;
            while (at < small.size()) {
                int from = at;
                List<String> rest = small.subList(from, small.size());
                int length = byFirst.getOrDefault(small.get(at), List.of()).stream()
                        .filter(span -> span.size() <= rest.size()
                                && rest.subList(0, span.size()).equals(span))
                        .mapToInt(List::size)
                        .findFirst()
                        .orElse(0);
                if (length > 0) {
                    spans.add(new Span(from, from + length));
                }
                at += Math.max(1, length);
            }
            return spans;
        };
    }
}
