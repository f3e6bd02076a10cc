package org.nautile.models.seq2seq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Numbers for the tokens of a sequence, after three that stand for no text: {@link #PAD}, {@link #START} and {@link #END}. */
public final class Vocabulary {
    /** Fills a sequence up to the length of others. */
    public static final int PAD = 0;

    /** Stands before the first token of what is written. */
    public static final int START = 1;

    /** Stands after the last token. */
    public static final int END = 2;

    private static final List<String> OTHERS = List.of("<pad>", "<start>", "<end>");

    private final List<String> tokens;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final String separator;

    /**
     * A vocabulary.
     *
     * @param tokens its tokens, all different
     * @param separator stands between two tokens of a text; empty for characters
     */
    public Vocabulary(List<String> tokens, String separator) {
        List<String> all = new ArrayList<>(OTHERS);
        all.addAll(tokens);
        this.tokens = Collections.unmodifiableList(all);
        this.separator = separator;
        for (int i = 0; i < all.size(); i++) {
            if (numbers.put(all.get(i), i) != null) {
                throw new IllegalArgumentException("the token '" + all.get(i) + "' is there twice");
            }
        }
    }

    /** The characters of a text. */
    static List<String> characters(String text) {
        return text.codePoints().mapToObj(Character::toString).toList();
    }

    /** A vocabulary of single characters. */
    static Vocabulary ofCharacters(String characters) {
        return new Vocabulary(characters(characters), "");
    }

    /**
     * The number of tokens, with the three that stand for no text.
     *
     * @return numbers are 0 to one less
     */
    public int size() {
        return tokens.size();
    }

    /**
     * A token's text, for labels.
     *
     * @param number from 0 to size - 1
     * @return the token
     */
    public String token(int number) {
        return tokens.get(number);
    }

    /**
     * The numbers of tokens.
     *
     * @param parts the tokens
     * @return as many numbers, without START and END
     * @throws IllegalArgumentException if there is one that is not in the vocabulary
     */
    public int[] numbers(List<String> parts) {
        return parts.stream().mapToInt(this::number).toArray();
    }

    private int number(String token) {
        Integer number = numbers.get(token);
        if (number == null || number < OTHERS.size()) {
            throw new IllegalArgumentException("'" + token + "' is none of " + listed());
        }
        return number;
    }

    private String listed() {
        return tokens.subList(OTHERS.size(), tokens.size()).stream()
                .map(token -> token.equals(" ") ? "blank" : token)
                .collect(Collectors.joining(" "));
    }

    /**
     * The text that numbers stand for.
     *
     * @param values numbers; PAD, START and END are left out
     * @return the tokens with the separator between them
     */
    public String text(int... values) {
        return Arrays.stream(values)
                .filter(number -> number >= OTHERS.size())
                .mapToObj(tokens::get)
                .collect(Collectors.joining(separator));
    }
}
