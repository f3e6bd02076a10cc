package org.nautile.models.seq2seq;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.nautile.Generator;

/**
 * What is translated into what. A tenth of all days or numbers is held out, drawn by the seed: no example to learn from is about one of
 * them, and every example to test is.
 */
public enum Task {
    /** Dates as people write them become ISO 8601, character by character. */
    DATES("characters", 32, 10, Dates.DAYS, 0) {
        @Override
        public Vocabulary source() {
            return Dates.READ;
        }

        @Override
        public Vocabulary target() {
            return Dates.WRITTEN;
        }

        @Override
        Pair draw(Generator random) {
            int number = random.nextInt(Dates.DAYS);
            LocalDate day = Dates.day(number);
            return new Pair(number, Dates.spell(day, random), day.toString());
        }

        @Override
        List<String> tokens(String text) {
            return Vocabulary.characters(text);
        }
    },

    /** Numbers below a million in English words become digits. */
    NUMBERS("words", 16, 6, Numbers.BOUND, 100) {
        @Override
        public Vocabulary source() {
            return Numbers.READ;
        }

        @Override
        public Vocabulary target() {
            return Numbers.WRITTEN;
        }

        @Override
        Pair draw(Generator random) {
            int number = Numbers.draw(random);
            String words = Numbers.spell(number, random.nextInt(2) == 0, random.nextInt(2) == 0 ? "-" : " ");
            return new Pair(number, words, Integer.toString(number));
        }

        @Override
        List<String> tokens(String text) {
            return text.isEmpty() ? List.of() : Arrays.asList(text.split("[ -]", -1));
        }
    };

    private static final int HELD_OUT = 10; // one of so many
    private static final long SPLIT = 3; // streams of random numbers that nothing else draws from
    private static final long TRAIN = 4;
    private static final long TEST = 5;

    private final String unit; // what a token of a source is
    private final int longestSource;
    private final int longestTarget;
    private final int subjects;
    private final int firstHeldOut;

    Task(String unit, int longestSource, int longestTarget, int subjects, int firstHeldOut) {
        this.unit = unit;
        this.longestSource = longestSource;
        this.longestTarget = longestTarget;
        this.subjects = subjects;
        this.firstHeldOut = firstHeldOut;
    }

    /**
     * The tokens that are read.
     *
     * @return the vocabulary of sources
     */
    public abstract Vocabulary source();

    /**
     * The tokens that are written.
     *
     * @return the vocabulary of targets
     */
    public abstract Vocabulary target();

    /**
     * The most tokens that can be read.
     *
     * @return as many as the longest example has, or a few more
     */
    public int longestSource() {
        return longestSource;
    }

    /**
     * The most tokens that can be written.
     *
     * @return without START and END
     */
    public int longestTarget() {
        return longestTarget;
    }

    /** Any example. */
    abstract Pair draw(Generator random);

    /** The tokens of a text in lower case. */
    abstract List<String> tokens(String text);

    /**
     * The numbers of a source's tokens. Case does not count, nor does white space beyond one blank.
     *
     * @param text what is to be read
     * @return at least one number, at most {@link #longestSource}
     * @throws IllegalArgumentException if there is no text, too much of it, or one with tokens that are not in the vocabulary
     */
    public int[] read(String text) {
        List<String> tokens = tokens(text.toLowerCase(Locale.ROOT).strip().replaceAll("\\s+", " "));
        if (tokens.isEmpty() || tokens.size() > longestSource) {
            throw new IllegalArgumentException(
                    tokens.size() + " " + unit + "; " + this + " have 1 to " + longestSource);
        }
        return source().numbers(tokens);
    }

    /**
     * The numbers of a target's tokens.
     *
     * @param text what is to be written
     * @return the numbers, without START and END
     */
    public int[] write(String text) {
        return target().numbers(Vocabulary.characters(text));
    }

    /**
     * The days or numbers that are held out, as {@link Pair#subject} has them; numbers below a hundred never, as they are the words
     * of all others.
     *
     * @param seed the seed of the run
     * @return a tenth of all
     */
    public BitSet heldOut(long seed) {
        BitSet out = new BitSet(subjects);
        Arrays.stream(new Generator(seed, SPLIT).permutation(subjects))
                .filter(subject -> subject >= firstHeldOut)
                .limit(subjects / HELD_OUT)
                .forEach(out::set);
        return out;
    }

    /**
     * Examples to learn from.
     *
     * @param count their number
     * @param seed the seed of the run
     * @return examples about what is not held out; a day or a number may come again, spelt alike or not
     */
    public List<Pair> train(int count, long seed) {
        BitSet heldOut = heldOut(seed);
        Generator random = new Generator(seed, TRAIN);
        List<Pair> pairs = new ArrayList<>();
        while (pairs.size() < count) {
            Pair pair = draw(random);
            if (!heldOut.get(pair.subject())) {
                pairs.add(pair);
            }
        }
        return pairs;
    }

    /**
     * Examples to test.
     *
     * @param count their number, far fewer than are held out
     * @param seed the seed of the run
     * @return examples about what is held out, each about another day or number
     */
    public List<Pair> test(int count, long seed) {
        BitSet heldOut = heldOut(seed);
        Set<Integer> used = new HashSet<>();
        Generator random = new Generator(seed, TEST);
        List<Pair> pairs = new ArrayList<>();
        while (pairs.size() < count) {
            Pair pair = draw(random);
            if (heldOut.get(pair.subject()) && used.add(pair.subject())) {
                pairs.add(pair);
            }
        }
        return pairs;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
