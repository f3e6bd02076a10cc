package org.nautile.models.sentiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.data.Reviews.Review;
import org.nautile.data.WordPiece;

/** Tokens of texts. */
class TextReaderTest {
    private static final List<Review> REVIEWS = List.of(
            new Review("Good, good film", 1), new Review("a film, a bad one", 0), new Review("Bad caf\u00e9 film!", 0));

    @TempDir
    private Path folder = Path.of("");

    private static TextReader reader(int most, int longest) {
        return TextReader.ofWords(REVIEWS, most, longest);
    }

    @Test
    void wordsByTheirFrequency() {
        TextReader reader = reader(100, 10);
        assertEquals("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nfilm\n,\na\nbad\ngood\n", reader.vocabulary());
        assertEquals(
                "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nfilm\n,\n", reader(7, 10).vocabulary());
    }

    @Test
    void unknownWordsAreCounted() {
        TextReader.Read read = reader(100, 10).read("A GOOD film, goodness");
        assertArrayEquals(new long[] {7, 9, 5, 6, 1}, read.ids());
        assertEquals(5, read.tokens());
        assertEquals(1, read.unknown());
        assertArrayEquals(new long[] {1}, reader(100, 10).read(" ").ids());
        assertEquals(0, reader(100, 10).read(" ").tokens());
    }

    @Test
    void beginningAndEndOfLongTexts() {
        assertArrayEquals(
                new long[] {9, 7, 7, 8},
                reader(100, 4).read("good a film film a bad").ids());
        assertArrayEquals(
                new long[] {9, 7, 8},
                reader(100, 3).read("good a film film bad").ids());
        assertEquals(5, reader(100, 3).read("good a film film bad").tokens());
        TextReader framed = new TextReader(reader(100, 1).pieces(), 6, true);
        assertArrayEquals(
                new long[] {2, 9, 7, 7, 8, 3},
                framed.read("good a film film a bad").ids());
        assertArrayEquals(new long[] {2, 9, 3}, framed.read("good").ids());
    }

    @Test
    void theVocabularyIsReadAgain() throws IOException {
        TextReader reader = reader(100, 10);
        Path file = Files.writeString(folder.resolve("vocab.txt"), reader.vocabulary());
        TextReader again = new TextReader(WordPiece.uncased(file), 10, false);
        assertEquals(reader.vocabulary(), again.vocabulary());
        for (Review review : REVIEWS) {
            assertArrayEquals(
                    reader.read(review.text()).ids(), again.read(review.text()).ids());
        }
    }
}
