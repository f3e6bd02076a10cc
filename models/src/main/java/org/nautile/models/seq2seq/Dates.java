package org.nautile.models.seq2seq;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.nautile.Generator;

/**
 * Dates as people write them in English, and as ISO 8601 has them. Only spellings that mean one day: the month by its name, or the year
 * first, or with dots, which put the day first. Two numbers with slashes or hyphens before the year are left out, as these are read both
 * ways, and so are years of two digits.
 */
final class Dates {
    private static final LocalDate FIRST = LocalDate.of(1900, 1, 1);
    private static final LocalDate LAST = LocalDate.of(2099, 12, 31);

    /** The days from the first to the last. */
    static final int DAYS = (int) FIRST.until(LAST, ChronoUnit.DAYS) + 1;

    static final Vocabulary READ = Vocabulary.ofCharacters(" ,-./0123456789abcdefghijklmnopqrstuvwxyz");
    static final Vocabulary WRITTEN = Vocabulary.ofCharacters("-0123456789");

    /** The ending of the day's number, as in 5th, in a pattern. */
    private static final String ENDING = "#";

    /** Patterns of {@link DateTimeFormatter}. */
    static final List<String> PATTERNS = List.of(
            "d MMMM uuuu",
            "d MMM uuuu",
            "d MMM. uuuu",
            "d# MMMM uuuu",
            "d# 'of' MMMM uuuu",
            "'the' d# 'of' MMMM, uuuu",
            "EEEE, d MMMM uuuu",
            "EEE, d MMM uuuu",
            "EEE d MMM uuuu",
            "MMMM d, uuuu",
            "MMMM d#, uuuu",
            "MMM d uuuu",
            "MMM. d, uuuu",
            "EEEE, MMMM d, uuuu",
            "EEE, MMM d#, uuuu",
            "d-MMM-uuuu",
            "dd.MM.uuuu",
            "d.M.uuuu",
            "uuuu/MM/dd",
            "uuuu/M/d",
            "uuuu-M-d",
            "uuuu MMMM d");

    private static final List<DateTimeFormatter> FORMATS = PATTERNS.stream()
            .map(pattern -> DateTimeFormatter.ofPattern(pattern.replace(ENDING, "'#'"), Locale.ENGLISH))
            .toList();

    private Dates() {}

    /** The day of a number from 0 to DAYS - 1. */
    static LocalDate day(int number) {
        return FIRST.plusDays(number);
    }

    /** A day in one of its spellings. */
    static String spell(LocalDate day, Generator random) {
        String text = FORMATS.get(random.nextInt(FORMATS.size())).format(day);
        return text.replace(ENDING, ending(day.getDayOfMonth())).toLowerCase(Locale.ROOT);
    }

    /** What follows the number of a day. */
    static String ending(int day) {
        if (day / 10 == 1) {
            return "th"; // 11th, 12th, 13th
        }
        return switch (day % 10) {
            case 1 -> "st";
            case 2 -> "nd";
            case 3 -> "rd";
            default -> "th";
        };
    }
}
