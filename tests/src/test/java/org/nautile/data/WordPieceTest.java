package org.nautile.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.io.DataException;
import org.nautile.io.TextFile;

/** A vocabulary of a few words, wrong ones, and Hugging Face's tokens of 9909 lines in many scripts. */
class WordPieceTest {
    private static final String TEXTS = "tokenizer-regression-text.txt.gz";
    private static final String EXPECTED = "tokenizer-regression-text_bert-base-uncased.txt.gz";
    private static final String VOCABULARY = "bert-base-uncased-vocab.txt";
    private static final List<String> TOKENS = List.of(
            "[PAD]",
            "[UNK]",
            "[CLS]",
            "[SEP]",
            "[MASK]",
            "a",
            "b",
            "##a",
            "##b",
            "##ab",
            "un",
            "##aff",
            "##able",
            "cafe",
            "Caf\u00E9",
            "A",
            ",",
            "$",
            "[",
            "]",
            "mask",
            "\u4E2D",
            "\u6587",
            "\uD83D\uDE00",
            "\uFF01",
            "\u03C3",
            "##\u03C3",
            "i",
            "\u1112",
            "##\u1161",
            "\u00DF");

    @TempDir
    private Path folder = Path.of("");

    private final WordPiece uncased;
    private final WordPiece cased;

    WordPieceTest() throws IOException {
        Path file = Files.createTempFile("vocab", ".txt");
        try {
            Files.write(file, TOKENS);
            uncased = WordPiece.uncased(file);
            cased = WordPiece.cased(file);
        } finally {
            Files.delete(file);
        }
    }

    static Stream<Arguments> texts() {
        String a = "a";
        return Stream.of(
                arguments("", "", ""),
                arguments(" \t\r\n\u00A0\u3000\u2028\u0000", "", ""),
                arguments("unaffable a", "un ##aff ##able a", "un ##aff ##able a"),
                arguments("ab abab aabb", "a ##b a ##b ##ab a ##ab ##b", "a ##b a ##b ##ab a ##ab ##b"),
                arguments("A CAF\u00C9 Cafe\u0301", "a cafe cafe", "A [UNK] [UNK]"),
                arguments("Caf\u00E9", "cafe", "Caf\u00E9"),
                arguments("\u0130 \u00DF", "i \u00DF", "[UNK] \u00DF"),
                arguments("\u03A3\u03A3", "\u03C3 ##\u03C3", "[UNK]"), // no sigma of a word's end
                arguments("\uD558", "\u1112 ##\u1161", "[UNK]"), // Hangul falls into its letters
                arguments("a\u4E2D\u6587b", "a \u4E2D \u6587 b", "a \u4E2D \u6587 b"),
                arguments("a,,b$\uFF01", "a , , b $ \uFF01", "a , , b $ \uFF01"),
                arguments(
                        "a\u0000b a\u200Db a\uFFFDb a\u0085b",
                        "a ##b ".repeat(4).strip(),
                        "a ##b ".repeat(4).strip()),
                arguments("a\u2009b\u2029a", "a b a", "a b a"),
                arguments("\uD83D\uDE00 \uD83D\uDE00\uFE0F", "\uD83D\uDE00 \uD83D\uDE00", "\uD83D\uDE00 [UNK]"),
                arguments("\uD83D\uDE01 a\uD83D\uDE00", "[UNK] [UNK]", "[UNK] [UNK]"),
                arguments("a\uD83D \uDE00b", "a b", "a b"), // halves of a pair
                arguments("ac a", "[UNK] a", "[UNK] a"),
                arguments(a.repeat(100), "a" + " ##a".repeat(99), "a" + " ##a".repeat(99)),
                arguments(a.repeat(101) + " b", "[UNK] b", "[UNK] b"),
                arguments("a\u0301".repeat(100), "a" + " ##a".repeat(99), "[UNK]"), // counted after accents are gone
                arguments("a[MASK]b [SEP][PAD]", "a [MASK] b [SEP] [PAD]", "a [MASK] b [SEP] [PAD]"),
                arguments("[UNK]a [CLS]", "[UNK] a [CLS]", "[UNK] a [CLS]"),
                arguments("[mask] [[MASK]", "[ mask ] [ [MASK]", "[ mask ] [ [MASK]"));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void splits(String text, String withoutCase, String withCase) {
        assertEquals(withoutCase, String.join(" ", uncased.tokens(text)));
        assertEquals(withCase, String.join(" ", cased.tokens(text)));
    }

    @Test
    void encodesOneTextOrTwo() {
        assertEncoding("[CLS] [SEP]", 2, uncased.encode(""));
        assertEncoding("[CLS] a ##b [SEP]", 4, uncased.encode("ab"));
        assertEncoding("[CLS] a ##b [SEP] b [SEP]", 4, uncased.encode("AB", "b"));
        assertEncoding("[CLS] a [SEP] [SEP]", 3, uncased.encode("a", " "));
        assertEncoding("[CLS] [SEP] [SEP]", 2, uncased.encode("", ""));
        assertEncoding("[CLS] a [MASK] [SEP]", 4, uncased.encode("a[MASK]"));
    }

    private void assertEncoding(String tokens, int sizeOfFirst, WordPiece.Encoding encoding) {
        long[] ids = Arrays.stream(tokens.split(" ")).mapToLong(TOKENS::indexOf).toArray();
        assertArrayEquals(ids, encoding.ids());
        assertArrayEquals(
                LongStream.range(0, ids.length)
                        .map(i -> i < sizeOfFirst ? 0 : 1)
                        .toArray(),
                encoding.types());
    }

    @ParameterizedTest
    @CsvSource({"2, 0", "3, 1", "4, 2", "5, 3", "6, 3", "1000, 3"})
    void cutsTheEnd(int maximum, int kept) {
        assertEncoding("[CLS] " + "a ".repeat(kept) + "[SEP]", kept + 2, uncased.encode("a a a", maximum));
    }

    /** The first twelve are those of Hugging Face's own test of truncation. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 7, 0, 0", "0, 4, 7, 0, 4", "0, 8, 7, 0, 7", "2, 0, 7, 2, 0", "2, 4, 7, 2, 4", "2, 8, 7, 2, 5",
        "4, 4, 7, 3, 4", "4, 8, 7, 3, 4", "8, 0, 7, 7, 0", "8, 2, 7, 5, 2", "8, 4, 7, 4, 3", "8, 8, 7, 3, 4",
        "3, 9, 6, 3, 3", "9, 9, 1, 0, 1", "9, 8, 1, 1, 0", "9, 3, 1, 1, 0", "9, 9, 0, 0, 0", "4, 3, 7, 4, 3"
    })
    void cutsTheLongerFirst(int first, int second, int room, int firstKept, int secondKept) {
        assertEncoding(
                "[CLS] " + "a ".repeat(firstKept) + "[SEP] " + "b ".repeat(secondKept) + "[SEP]",
                firstKept + 2,
                uncased.encode("a ".repeat(first), "b ".repeat(second), room + 3));
    }

    @Test
    void refusesWhatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> uncased.encode("a", 1));
        assertThrows(IllegalArgumentException.class, () -> uncased.encode("a", "b", 2));
        assertThrows(IndexOutOfBoundsException.class, () -> uncased.decode(TOKENS.size()));
        assertThrows(IndexOutOfBoundsException.class, () -> uncased.token(-1));
    }

    @Test
    void knowsItsTokens() {
        assertEquals(TOKENS.size(), uncased.size());
        for (int i = 0; i < TOKENS.size(); i++) {
            assertEquals(i, uncased.id(TOKENS.get(i)));
            assertEquals(TOKENS.get(i), uncased.token(i));
        }
        assertEquals(uncased.id(WordPiece.UNK), uncased.id("none"));
    }

    @Test
    void decodes() {
        assertEquals("", uncased.decode());
        assertEquals(
                "[CLS] unaffable a , b [SEP] [MASK] [SEP]",
                uncased.decode(uncased.encode("Unaffable a,b", "[MASK]").ids()));
        assertEquals(
                "##abb", uncased.decode(uncased.id("##ab"), uncased.id("##b"))); // the first has nothing to continue
    }

    static Stream<Arguments> wrongVocabularies() {
        String special = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
        String all = "found, all of [[PAD], [UNK], [CLS], [SEP], [MASK]] expected";
        return Stream.of(
                arguments("", "no token [PAD] " + all),
                arguments(special.replace("[UNK]\n", ""), "no token [UNK] " + all),
                arguments(special.replace("[CLS]", "[cls]"), "no token [CLS] " + all),
                arguments(special.replace("[MASK]\n", "a\n"), "no token [MASK] " + all),
                arguments(special + "a\nb\na\n", "line 8: token 'a' found, which is in line 6 already"),
                arguments(special + "\na\n", "line 6: an empty line found, a token expected"),
                arguments(special + "a\n\u00E9\n", "line 7: byte 0xE9 found, text in UTF-8 expected"));
    }

    @ParameterizedTest
    @MethodSource("wrongVocabularies")
    void saysWhatIsWrongWithAVocabulary(String text, String expected) throws IOException {
        Path file = Files.write(folder.resolve("vocab.txt"), text.getBytes(StandardCharsets.ISO_8859_1));
        for (boolean lowerCase : List.of(false, true)) {
            DataException e = assertThrows(DataException.class, () -> read(file, lowerCase));
            assertEquals(file + ": " + expected, e.getMessage());
        }
    }

    private static WordPiece read(Path file, boolean lowerCase) throws IOException {
        return lowerCase ? WordPiece.uncased(file) : WordPiece.cased(file);
    }

    /** Latin, Cyrillic, Greek, Arabic, Hebrew, Indic scripts, Thai, Chinese, Japanese, Korean, from Wikipedia. */
    @Test
    void equalsHuggingFaceOnRealText() throws IOException {
        Path real = RealData.folder(
                "sentiment",
                in -> Stream.of(VOCABULARY, TEXTS, EXPECTED).allMatch(name -> Files.isRegularFile(in.resolve(name))));
        WordPiece tokenizer = WordPiece.uncased(real.resolve(VOCABULARY));
        assertEquals(30_522, tokenizer.size());
        assertEquals(103, tokenizer.id(WordPiece.MASK));
        Map<String, Long> vocabulary = new HashMap<>();
        TextFile.lines(real.resolve(VOCABULARY)).forEach(token -> vocabulary.put(token, (long) vocabulary.size()));
        List<String> lines = TextFile.lines(real.resolve(EXPECTED));
        List<String> texts = TextFile.lines(real.resolve(TEXTS));
        assertEquals(9909, lines.size());
        List<String> wrong = new ArrayList<>();
        int at = 0;
        for (String line : lines) {
            List<String> fields = List.of(line.split("\t", -1));
            String text = fields.get(0);
            while (at < texts.size() && !texts.get(at).equals(text)) {
                at++; // 91 of the texts are not among the expected ones
            }
            assertTrue(at < texts.size(), () -> "not in " + TEXTS + ", or not in its order: " + text);
            List<String> expected = fields.subList(1, fields.size());
            long[] ids = tokenizer.encode(text).ids();
            LongStream expectedIds = Stream.of(List.of("[CLS]"), expected, List.of("[SEP]"))
                    .flatMap(List::stream)
                    .mapToLong(vocabulary::get);
            if (!expected.equals(tokenizer.tokens(text)) || !Arrays.equals(expectedIds.toArray(), ids)) {
                wrong.add(text + "\n  expected " + expected + "\n  found    " + tokenizer.tokens(text));
            }
        }
        assertEquals(List.of(), wrong, () -> wrong.size() + " of 9909 lines differ");
    }
}
