package org.nautile.data;

import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.nautile.io.DataException;
import org.nautile.io.TextFile;

/**
 * BERT's tokenizer: text is cleaned, split into words and punctuation, and each word into the longest pieces that a
 * vocabulary has, from left to right; pieces inside a word begin with ##. A word that cannot be split so, or has more
 * than 100 characters, is [UNK]. Tokens and ids are those of Hugging Face's BertTokenizerFast, except for characters of rare
 * scripts whose class has changed between versions of Unicode: the tables are those of the JDK.
 *
 * <p>Source: Wu et al. 2016, Google's Neural Machine Translation System, arXiv:1609.08144, section 4.1 (WordPiece);
 * Devlin et al. 2019, BERT, arXiv:1810.04805, section 3 (input of one or two texts).
 */
public final class WordPiece {
    /** Fills up a batch. */
    public static final String PAD = "[PAD]";

    /** A word that the vocabulary cannot write. */
    public static final String UNK = "[UNK]";

    /** Begins an input. */
    public static final String CLS = "[CLS]";

    /** Ends each text of an input. */
    public static final String SEP = "[SEP]";

    /** A piece to be guessed. */
    public static final String MASK = "[MASK]";

    /** The tokens that every vocabulary has, and that no word becomes. */
    public static final List<String> SPECIAL = List.of(PAD, UNK, CLS, SEP, MASK);

    private static final Pattern SPECIAL_IN_TEXT =
            Pattern.compile(SPECIAL.stream().map(Pattern::quote).collect(Collectors.joining("|")));
    private static final String INSIDE = "##";
    private static final int LONGEST_WORD = 100; // characters, not Java's chars

    private final List<String> vocabulary;
    private final Map<String, Integer> ids;
    private final int longestPiece; // chars, ## included
    private final boolean lowerCase;

    private WordPiece(List<String> vocabulary, Map<String, Integer> ids, boolean lowerCase) {
        this.vocabulary = List.copyOf(vocabulary);
        this.ids = ids;
        this.lowerCase = lowerCase;
        longestPiece = vocabulary.stream().mapToInt(String::length).max().orElse(0);
    }

    /**
     * A tokenizer that tells capital letters and accents, as of bert-base-cased.
     *
     * @param vocabulary a file of one token a line; the first has id 0
     * @return the tokenizer
     * @throws DataException if a line is empty, a token is there twice, a special one is missing, or it is not UTF-8
     * @throws IOException if the file cannot be read
     */
    public static WordPiece cased(Path vocabulary) throws IOException {
        return read(vocabulary, false);
    }

    /**
     * A tokenizer that writes all in small letters without accents, as of bert-base-uncased.
     *
     * @param vocabulary a file of one token a line; the first has id 0
     * @return the tokenizer
     * @throws DataException if a line is empty, a token is there twice, a special one is missing, or it is not UTF-8
     * @throws IOException if the file cannot be read
     */
    public static WordPiece uncased(Path vocabulary) throws IOException {
        return read(vocabulary, true);
    }

    /**
     * A tokenizer of a vocabulary that is not in a file.
     *
     * @param vocabulary the tokens; the first has id 0
     * @param lowerCase whether it writes all in small letters without accents
     * @return the tokenizer
     * @throws IllegalArgumentException if a token is there twice, or a special one is missing
     */
    public static WordPiece of(List<String> vocabulary, boolean lowerCase) {
        Map<String, Integer> ids = new HashMap<>();
        for (String token : vocabulary) {
            if (ids.putIfAbsent(token, ids.size()) != null) {
                throw new IllegalArgumentException("token '" + token + "' is in the vocabulary twice");
            }
        }
        if (!ids.keySet().containsAll(SPECIAL)) {
            throw new IllegalArgumentException("the vocabulary lacks one of " + SPECIAL);
        }
        return new WordPiece(vocabulary, ids, lowerCase);
    }

    private static WordPiece read(Path file, boolean lowerCase) throws IOException {
        List<String> lines = TextFile.lines(file);
        Map<String, Integer> ids = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String token = lines.get(i);
            if (token.isBlank()) {
                throw DataException.atLine(file, i + 1, "an empty line found, a token expected");
            }
            Integer first = ids.putIfAbsent(token, i);
            if (first != null) {
                throw DataException.atLine(
                        file, i + 1, "token '" + token + "' found, which is in line " + (first + 1) + " already");
            }
        }
        List<String> missing =
                SPECIAL.stream().filter(token -> !ids.containsKey(token)).toList();
        if (!missing.isEmpty()) {
            throw new DataException(file, "no token " + missing.get(0) + " found, all of " + SPECIAL + " expected");
        }
        return new WordPiece(lines, ids, lowerCase);
    }

    /**
     * What BERT takes in.
     *
     * @param ids the tokens' ids, for {@link org.nautile.nn.Embedding}: [CLS], the first text, [SEP]; then the second
     *     text and [SEP], if there is one
     * @param types for each token, 0 up to the first [SEP], 1 after it
     */
    public record Encoding(long[] ids, long[] types) {}

    /**
     * The size of the vocabulary.
     *
     * @return ids are 0 to one less
     */
    public int size() {
        return vocabulary.size();
    }

    /**
     * All tokens.
     *
     * @return in the order of their ids
     */
    public List<String> vocabulary() {
        return vocabulary;
    }

    /**
     * Whether capital letters and accents are lost.
     *
     * @return true for an uncased vocabulary
     */
    public boolean lowerCase() {
        return lowerCase;
    }

    /**
     * The id of a token.
     *
     * @param token as in the vocabulary, for example {@link #MASK} or ##ing
     * @return its id; that of {@link #UNK} if it is not there
     */
    public int id(String token) {
        Integer id = ids.get(token);
        return id == null ? id(UNK) : id;
    }

    /**
     * The token of an id.
     *
     * @param id from 0
     * @return the token
     * @throws IndexOutOfBoundsException if there is none
     */
    public String token(long id) {
        return vocabulary.get((int) Objects.checkIndex(id, vocabulary.size()));
    }

    /**
     * The tokens of a text. A special token that is written in it remains one.
     *
     * @param text any text
     * @return tokens of the vocabulary, without [CLS] and [SEP] around them
     */
    public List<String> tokens(String text) {
        List<String> tokens = new ArrayList<>();
        Matcher special = SPECIAL_IN_TEXT.matcher(text);
        int at = 0;
        while (special.find()) {
            split(text.substring(at, special.start()), tokens);
            tokens.add(special.group());
            at = special.end();
        }
        split(text.substring(at), tokens);
        return tokens;
    }

    /**
     * Encodes a text.
     *
     * @param text any text
     * @param maximum the most tokens, {@code >= 2}; what is too long loses its end
     * @return [CLS] text [SEP]
     * @throws IllegalArgumentException if the maximum leaves no room for the two special tokens
     */
    public Encoding encode(String text, int maximum) {
        if (maximum < 2) {
            throw new IllegalArgumentException("maximum is " + maximum + ", at least 2 expected");
        }
        return encoding(cut(tokens(text), maximum - 2), List.of(), false);
    }

    /**
     * Encodes a text as long as it is.
     *
     * @param text any text
     * @return [CLS] text [SEP]
     */
    public Encoding encode(String text) {
        return encode(text, Integer.MAX_VALUE);
    }

    /**
     * Encodes two texts. If they are too long, the longer one loses its end, and then both alike; an odd token is
     * left to the longer one, or the second of two as long. (Where each of the two is longer than the maximum, some
     * versions of Hugging Face's tokenizer leave it to the other one.)
     *
     * @param first any text
     * @param second another one
     * @param maximum the most tokens, {@code >= 3}
     * @return [CLS] first [SEP] second [SEP]
     * @throws IllegalArgumentException if the maximum leaves no room for the three special tokens
     */
    public Encoding encode(String first, String second, int maximum) {
        if (maximum < 3) {
            throw new IllegalArgumentException("maximum is " + maximum + ", at least 3 expected");
        }
        List<String> a = tokens(first);
        List<String> b = tokens(second);
        int room = maximum - 3;
        int shorter = Math.min(Math.min(a.size(), b.size()), room / 2);
        int longer = Math.min(Math.max(a.size(), b.size()), room - shorter);
        boolean secondIsLonger = a.size() <= b.size();
        return encoding(cut(a, secondIsLonger ? shorter : longer), cut(b, secondIsLonger ? longer : shorter), true);
    }

    /**
     * Encodes two texts as long as they are.
     *
     * @param first any text
     * @param second another one
     * @return [CLS] first [SEP] second [SEP]
     */
    public Encoding encode(String first, String second) {
        return encode(first, second, Integer.MAX_VALUE);
    }

    /**
     * Puts tokens together again: pieces inside words without ##, a space before all others. What cleaning removed is
     * lost.
     *
     * @param tokenIds ids, of special tokens too
     * @return a text
     * @throws IndexOutOfBoundsException if there is no token of an id
     */
    public String decode(long... tokenIds) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < tokenIds.length; i++) {
            String token = token(tokenIds[i]);
            boolean inside = i > 0 && token.startsWith(INSIDE);
            text.append(i == 0 || inside ? "" : " ").append(inside ? token.substring(INSIDE.length()) : token);
        }
        return text.toString();
    }

    private static List<String> cut(List<String> tokens, int size) {
        return tokens.subList(0, Math.min(tokens.size(), size));
    }

    private Encoding encoding(List<String> first, List<String> second, boolean pair) {
        List<String> tokens = new ArrayList<>(first);
        tokens.add(0, CLS);
        tokens.add(SEP);
        int sizeOfFirst = tokens.size();
        if (pair) {
            tokens.addAll(second);
            tokens.add(SEP);
        }
        long[] types = new long[tokens.size()];
        Arrays.fill(types, sizeOfFirst, types.length, 1);
        return new Encoding(tokens.stream().mapToLong(this::id).toArray(), types);
    }

    // ---------------------------------------------------------------------------------------------- words

    private void split(String text, List<String> tokens) {
        words(text, lowerCase).forEach(word -> pieces(word, tokens));
    }

    /**
     * The words and the punctuation marks of a text, before they are split into pieces.
     *
     * @param text any text
     * @param lowerCase whether to write all in small letters without accents
     * @return each not empty, each mark by itself
     */
    public static List<String> words(String text, boolean lowerCase) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        normalised(text, lowerCase).codePoints().forEach(c -> {
            boolean mark = isPunctuation(c);
            if ((mark || c == ' ') && !word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
            if (mark) {
                words.add(Character.toString(c));
            } else if (c != ' ') {
                word.appendCodePoint(c);
            }
        });
        if (!word.isEmpty()) {
            words.add(word.toString());
        }
        return words;
    }

    /** Without control characters; all white space is U+0020; Chinese characters have one on each side. */
    private static String normalised(String text, boolean lowerCase) {
        StringBuilder clean = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (c == '\t' || c == '\n' || c == '\r' || Character.isSpaceChar(c)) {
                clean.append(' ');
            } else if (isChinese(c)) {
                clean.append(' ').appendCodePoint(c).append(' ');
            } else if (c != 0xFFFD && !isControl(c)) {
                clean.appendCodePoint(c);
            }
        });
        if (!lowerCase) {
            return clean.toString();
        }
        StringBuilder small = new StringBuilder();
        Normalizer.normalize(clean, Normalizer.Form.NFD)
                .codePoints()
                .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
                .map(Character::toLowerCase) // of each alone: a sigma that ends a word is as any other
                .forEach(small::appendCodePoint);
        return small.toString();
    }

    private static boolean isControl(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
            default -> false;
        };
    }

    /** Blocks of Chinese characters, which are written without spaces; Kana and Hangul are not among them. */
    private static boolean isChinese(int c) {
        return (c >= 0x4E00 && c <= 0x9FFF)
                || (c >= 0x3400 && c <= 0x4DBF)
                || (c >= 0x20000 && c <= 0x2A6DF)
                || (c >= 0x2A700 && c <= 0x2B81F)
                || (c >= 0x2B920 && c <= 0x2CEAF) // from 0x2B820 in the original; Hugging Face leaves out 256
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0x2F800 && c <= 0x2FA1F);
    }

    /** Marks of Unicode, and all of ASCII that is neither letter nor digit: also $, +, ^ and the like. */
    private static boolean isPunctuation(int c) {
        if (c < 0x80) {
            return c > ' ' && c < 0x7F && !Character.isLetterOrDigit(c);
        }
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    // ---------------------------------------------------------------------------------------------- pieces

    private void pieces(String word, List<String> tokens) {
        List<String> pieces = new ArrayList<>();
        int at = word.codePointCount(0, word.length()) > LONGEST_WORD ? -1 : 0;
        while (at >= 0 && at < word.length()) {
            at = longest(word, at, pieces);
        }
        tokens.addAll(at < 0 ? List.of(UNK) : pieces);
    }

    /** Adds the longest token that continues a word; returns where it ends, -1 if there is none. */
    private int longest(String word, int from, List<String> pieces) {
        String prefix = from > 0 ? INSIDE : "";
        for (int end = Math.min(word.length(), from + longestPiece - prefix.length()); end > from; end--) {
            String piece = prefix + word.substring(from, end);
            if (ids.containsKey(piece)) {
                pieces.add(piece);
                return end;
            }
        }
        return -1;
    }
}
