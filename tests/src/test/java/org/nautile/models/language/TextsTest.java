package org.nautile.models.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.data.RealData;
import org.nautile.io.DataException;

/** Texts and alphabets. */
class TextsTest {
    @TempDir
    private Path folder = Path.of("");

    private String error(byte[] content) throws IOException {
        Path file = Files.write(folder.resolve("text.txt"), content);
        String message = String.valueOf(assertThrows(DataException.class, () -> Texts.find(file, null, 0))
                .getMessage());
        assertTrue(message.startsWith(file + ": "), message);
        return message.substring(file.toString().length() + 2);
    }

    @Test
    void damagedTexts() throws IOException {
        assertEquals("an empty file, a text in UTF-8 expected", error(new byte[0]));
        assertEquals(
                "line 1: byte 0xE4 found, text in UTF-8 expected",
                error("K\u00e4se".getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void theLastTenthIsHeldOut() throws IOException {
        String smile = new String(Character.toChars(0x1F600)); // two chars, one character
        Path file = Files.writeString(folder.resolve("text.txt"), smile.repeat(18) + "ab");
        Texts texts = Texts.find(file, null, 0);
        assertEquals(smile.repeat(18), texts.train());
        assertEquals("ab", texts.test());
    }

    private void reviews(String name, String text) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void filmReviews() throws IOException {
        reviews("imdb-train-5000.tsv.gz", "label\ttext\n0\tSo \"bad\".\n1\tGood.\n");
        reviews("imdb-test-5000.tsv.gz", "label\ttext\n1\tVery good.\n");
        Texts texts = Texts.find(null, folder, 0);
        assertEquals("So \"bad\".\nGood.\n", texts.train());
        assertEquals("Very good.\n", texts.test());

        reviews("imdb-test-5000.tsv.gz", "label\ttext\n1\tVery\tgood.\n");
        assertThrows(DataException.class, () -> Texts.find(null, folder, 0));
    }

    @Test
    void realFilmReviews() throws IOException {
        Texts texts = Texts.find(null, RealData.folder("sentiment", FilmReviews.IMDB::isIn), 0);
        assertEquals(5000, texts.train().lines().count());
        assertEquals(5000, texts.test().lines().count());
        assertNotEquals(texts.train(), texts.test());
    }

    @Test
    void generatedTexts() {
        String text = Texts.generate(1, 1000);
        assertEquals(1000, text.length());
        assertTrue(text.matches("[a-z .\n]*"), text);
        assertEquals(text, Texts.generate(1, 1000));
        assertNotEquals(text, Texts.generate(2, 1000));
    }

    @Test
    void alphabets() {
        Alphabet alphabet = new Alphabet("banana\u20aca", 4); // a four times, n twice, b before the euro sign
        assertEquals(4, alphabet.size());
        assertArrayEquals(new int[] {3, 1, 2, 0, 0}, alphabet.numbers("ban\u20acx"));
        assertEquals("nab\ufffd", alphabet.text(2, 1, 3, 0));
        assertEquals(3, new Alphabet("ab", 9).size());
        assertThrows(IllegalArgumentException.class, () -> new Alphabet("ab", 1));
    }
}
