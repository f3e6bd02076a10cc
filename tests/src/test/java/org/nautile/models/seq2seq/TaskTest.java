package org.nautile.models.seq2seq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nautile.Errors;
import org.nautile.Generator;
import org.nautile.Shape;

/** The generated examples are right, and those to test are unseen. */
class TaskTest {
    private static final int MANY = 3000;

    /** Strict, so that a wrong weekday is an error; what spellings have beside these is taken off first. */
    private static final List<DateTimeFormatter> PARSERS = Stream.of(
                    "d MMMM uuuu",
                    "d MMM uuuu",
                    "EEEE d MMMM uuuu",
                    "EEE d MMM uuuu",
                    "MMMM d uuuu",
                    "MMM d uuuu",
                    "EEEE MMMM d uuuu",
                    "EEE MMM d uuuu",
                    "uuuu MMMM d",
                    "d.M.uuuu",
                    "uuuu/M/d",
                    "uuuu-M-d")
            .map(pattern -> new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .appendPattern(pattern)
                    .toFormatter(Locale.ENGLISH)
                    .withResolverStyle(ResolverStyle.STRICT))
            .toList();

    /** Every date that a spelling can be. */
    private static Set<LocalDate> meanings(String spelling) {
        String plain = spelling.replaceAll("(?<=\\d)(st|nd|rd|th)\\b", "")
                .replaceAll("(?<=[a-z])[.,]|(?<=\\d),", "")
                .replaceAll("\\b(the|of) ", "")
                .replaceAll("(?<=[a-z])-|-(?=[a-z])", " ");
        return PARSERS.stream().flatMap(parser -> parse(plain, parser)).collect(Collectors.toSet());
    }

    private static Stream<LocalDate> parse(String text, DateTimeFormatter parser) {
        try {
            return Stream.of(LocalDate.parse(text, parser));
        } catch (DateTimeParseException e) {
            return Stream.empty(); // of another pattern
        }
    }

    @Test
    void spellingsMeanTheirDateAndNoOther() {
        Set<String> shapes = new HashSet<>();
        for (Pair pair : Task.DATES.train(MANY, 5)) {
            LocalDate day = LocalDate.parse(pair.target());
            assertEquals(Set.of(day), meanings(pair.source()), pair.source());
            assertEquals(Dates.day(pair.subject()), day);
            assertTrue(day.getYear() >= 1900 && day.getYear() < 2100, pair.target());
            shapes.add(pair.source()
                    .replaceAll("\\d+", "0")
                    .replaceAll("0(st|nd|rd|th)", "0th")
                    .replaceAll("may|[a-z]{3}(?=[ ,.-])", "abc") // "may" is a name and its abbreviation
                    .replaceAll("[a-z]{4,}", "name"));
        }
        assertTrue(shapes.size() >= 15, shapes::toString);
    }

    @ParameterizedTest
    @CsvSource({"1, st", "2, nd", "3, rd", "4, th", "11, th", "12, th", "13, th", "21, st", "22, nd", "23, rd", "30, th"
    })
    void daysHaveTheirEnding(int day, String ending) {
        assertEquals(ending, Dates.ending(day));
    }

    @ParameterizedTest
    @CsvSource({
        "0, false, -, zero",
        "13, true, -, thirteen",
        "20, true, -, twenty",
        "85, true, -, eighty-five",
        "100, true, -, one hundred",
        "312005, true, -, three hundred and twelve thousand and five",
        "312005, false, -, three hundred twelve thousand five",
        "999999, true, ' ', nine hundred and ninety nine thousand nine hundred and ninety nine",
        "120100, true, -, one hundred and twenty thousand one hundred",
        "1000, true, -, one thousand"
    })
    void numbersInWords(int number, boolean and, String hyphen, String words) {
        assertEquals(words, Numbers.spell(number, and, hyphen));
    }

    /** What words mean, by adding up. */
    private static int meaning(String text) {
        Map<String, Integer> values = new HashMap<>();
        List<String> names = Numbers.WORDS;
        for (int i = 0; i < 20; i++) {
            values.put(names.get(i), i);
        }
        for (int i = 2; i < 10; i++) {
            values.put(names.get(18 + i), 10 * i);
        }
        int total = 0;
        int part = 0;
        for (String word : text.split("[ -]", -1)) {
            switch (word) {
                case "and" -> {}
                case "hundred" -> part *= 100;
                case "thousand" -> {
                    total = 1000 * part;
                    part = 0;
                }
                default -> part += values.getOrDefault(word, Integer.MIN_VALUE);
            }
        }
        return total + part;
    }

    @Test
    void wordsMeanTheirNumber() {
        Generator random = new Generator(3, 0);
        IntStream.concat(
                        IntStream.range(0, 2000),
                        IntStream.generate(() -> random.nextInt(Numbers.BOUND)).limit(MANY))
                .forEach(number -> {
                    for (boolean and : new boolean[] {false, true}) {
                        for (String hyphen : List.of("-", " ")) {
                            String words = Numbers.spell(number, and, hyphen);
                            assertEquals(number, meaning(words), words);
                            assertTrue(and || !words.contains(" and "), words);
                        }
                    }
                });
        for (Pair pair : Task.NUMBERS.train(MANY, 5)) {
            assertEquals(pair.subject(), meaning(pair.source()), pair.source());
            assertEquals(Integer.toString(pair.subject()), pair.target());
        }
    }

    @ParameterizedTest
    @EnumSource(Task.class)
    void testsAreAboutNothingThatWasSeen(Task task) {
        BitSet heldOut = task.heldOut(7);
        int all = task == Task.DATES ? 73_049 : 1_000_000;
        assertEquals(all / 10, heldOut.cardinality());
        Set<Integer> seen = task.train(20_000, 7).stream().map(Pair::subject).collect(Collectors.toSet());
        Set<String> written = task.train(20_000, 7).stream().map(Pair::target).collect(Collectors.toSet());
        List<Pair> test = task.test(2000, 7);
        Set<Integer> tested = test.stream().map(Pair::subject).collect(Collectors.toSet());
        assertEquals(2000, tested.size(), "each about another");
        for (Pair pair : test) {
            assertTrue(heldOut.get(pair.subject()), pair.source());
            assertTrue(!seen.contains(pair.subject()) && !written.contains(pair.target()), pair.source());
        }
        if (task == Task.NUMBERS) {
            assertEquals(100, heldOut.nextSetBit(0) / 100 * 100, "numbers below 100 are words of others");
            assertTrue(IntStream.range(0, 100).allMatch(seen::contains), "every word is seen");
        }
        assertEquals(test, task.test(2000, 7));
        assertNotEquals(test, task.test(2000, 8));
        assertNotEquals(heldOut, task.heldOut(8));
    }

    /** Everything that is generated has room, and comes back from its numbers. */
    @ParameterizedTest
    @EnumSource(Task.class)
    void textsAreNumbersAndBack(Task task) {
        for (Pair pair : task.train(MANY, 1)) {
            int[] read = task.read(pair.source());
            assertEquals(
                    pair.source().replace('-', ' '), task.source().text(read).replace('-', ' '));
            int[] write = task.write(pair.target());
            assertTrue(write.length <= task.longestTarget(), pair.target());
            assertEquals(pair.target(), task.target().text(write));
            assertArrayEquals(
                    read,
                    task.read("  " + pair.source().toUpperCase(Locale.ROOT).replace(" ", " \t") + "\n"));
        }
    }

    @Test
    void whatCannotBeReadIsNamed() {
        Errors.says(IllegalArgumentException.class, () -> Task.DATES.read("5 März"), "'ä' is none of blank , - .");
        Errors.says(IllegalArgumentException.class, () -> Task.DATES.read(" "), "0 characters", "1 to 32");
        Errors.says(
                IllegalArgumentException.class, () -> Task.DATES.read("1".repeat(33)), "33 characters; dates have 1");
        Errors.says(IllegalArgumentException.class, () -> Task.DATES.read("\uD83D\uDE00"), "'\uD83D\uDE00' is none of");
        Errors.says(
                IllegalArgumentException.class, () -> Task.NUMBERS.read("one million"), "'million' is none of zero");
        Errors.says(IllegalArgumentException.class, () -> Task.NUMBERS.read("<pad>"), "'<pad>' is none of");
        Errors.says(IllegalArgumentException.class, () -> Task.NUMBERS.read(""), "0 words; numbers have 1 to 16");
        Errors.says(IllegalArgumentException.class, () -> new Vocabulary(List.of("a", "b", "a"), ""), "'a'", "twice");
    }

    /** First what is to be written, always as long, then what is read. */
    @Test
    void examplesAreTargetThenSource() {
        Pairs pairs = new Pairs(
                Task.NUMBERS, List.of(new Pair(205, "two hundred five", "205"), new Pair(123_456, "twelve", "123456")));
        assertEquals(2, pairs.size());
        assertEquals(Shape.of(8 + 16), pairs.targetShape());
        assertEquals(8 + 3, pairs.targetLength(0));
        assertEquals(8 + 1, pairs.targetLength(1));
        long[] found = new long[1 + 11];
        pairs.target(0, found, 1);
        int[] digits = Task.NUMBERS.write("205");
        int[] words = Task.NUMBERS.read("two hundred five");
        long[] expected = {
            0, Vocabulary.START, digits[0], digits[1], digits[2], Vocabulary.END, 0, 0, 0, words[0], words[1], words[2]
        };
        assertArrayEquals(expected, found);
        pairs.target(1, found, 0);
        assertEquals(Vocabulary.END, found[7]);
        assertEquals("twelve", Task.NUMBERS.source().token((int) found[8]));
    }
}
