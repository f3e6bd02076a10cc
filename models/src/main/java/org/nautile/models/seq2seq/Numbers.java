package org.nautile.models.seq2seq;

import java.util.List;
import java.util.stream.Stream;
import org.nautile.Generator;

/** Numbers below a million in English words, with or without the British "and" and hyphens. */
final class Numbers {
    /** All numbers are below it. */
    static final int BOUND = 1_000_000;

    private static final int SMALL_NUMBERS_MORE_OFTEN = 4; // times, each by a factor of ten
    private static final List<String> ONES = List.of(
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen");
    private static final List<String> TENS =
            List.of("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety");

    /** Every word there is. */
    static final List<String> WORDS = Stream.of(ONES, TENS, List.of("hundred", "thousand", "and"))
            .flatMap(List::stream)
            .toList();

    static final Vocabulary READ = new Vocabulary(WORDS, " ");
    static final Vocabulary WRITTEN = Vocabulary.ofCharacters("0123456789");

    private Numbers() {}

    /** A number: half of the time any, a quarter below 100 000, and so on down to those below 100. */
    static int draw(Generator random) {
        int bound = BOUND;
        for (int i = 0; i < SMALL_NUMBERS_MORE_OFTEN && random.nextInt(2) == 0; i++) {
            bound /= 10;
        }
        return random.nextInt(bound);
    }

    /** A number in words. */
    static String spell(int number, boolean and, String hyphen) {
        if (number >= 1000) {
            int rest = number % 1000;
            String thousands = spell(number / 1000, and, hyphen) + " thousand";
            return rest == 0 ? thousands : thousands + (and && rest < 100 ? " and " : " ") + spell(rest, and, hyphen);
        }
        if (number >= 100) {
            int rest = number % 100;
            String hundreds = ONES.get(number / 100) + " hundred";
            return rest == 0 ? hundreds : hundreds + (and ? " and " : " ") + spell(rest, and, hyphen);
        }
        if (number < ONES.size()) {
            return ONES.get(number);
        }
        String tens = TENS.get(number / 10 - 2);
        return number % 10 == 0 ? tens : tens + hyphen + ONES.get(number % 10);
    }
}
