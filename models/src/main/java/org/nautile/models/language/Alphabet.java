package org.nautile.models.language;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Numbers for the characters (Unicode code points) of a text: the most frequent ones have numbers of their own, from 1, all others
 * share number 0.
 */
public final class Alphabet {
    /** The number of every character that has none of its own. */
    public static final int UNKNOWN = 0;

    private static final int REPLACEMENT = 0xFFFD; // what is written for UNKNOWN

    private final int[] characters; // by number
    private final Map<Integer, Integer> numbers = new HashMap<>();

    /**
     * The alphabet of a text.
     *
     * @param text the text
     * @param size the most numbers, UNKNOWN's among them, {@code >= 2}
     */
    public Alphabet(String text, int size) {
        if (size < 2) {
            throw new IllegalArgumentException("an alphabet of " + size + "; at least 2");
        }
        Map<Integer, Integer> counts = new HashMap<>();
        text.codePoints().forEach(character -> counts.merge(character, 1, Integer::sum));
        int[] frequent = counts.entrySet().stream()
                .sorted(Map.Entry.<Integer, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .mapToInt(Map.Entry::getKey)
                .limit(size - 1L)
                .toArray();
        characters = new int[frequent.length + 1];
        characters[UNKNOWN] = REPLACEMENT;
        System.arraycopy(frequent, 0, characters, 1, frequent.length);
        for (int number = 1; number < characters.length; number++) {
            numbers.put(characters[number], number);
        }
    }

    /**
     * The characters with a number, UNKNOWN's among them.
     *
     * @return numbers are 0 to one less
     */
    public int size() {
        return characters.length;
    }

    /**
     * The numbers of a text's characters.
     *
     * @param text any text
     * @return one number for each code point
     */
    public int[] numbers(String text) {
        return text.codePoints()
                .map(character -> numbers.getOrDefault(character, UNKNOWN))
                .toArray();
    }

    /**
     * The text that numbers stand for.
     *
     * @param values numbers from 0 to size - 1
     * @return U+FFFD for UNKNOWN
     */
    public String text(int... values) {
        int[] points = Arrays.stream(values).map(number -> characters[number]).toArray();
        return new String(points, 0, points.length);
    }
}
