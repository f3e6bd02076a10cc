package org.nautile.models.bert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.data.RealData;
import org.nautile.data.WordPiece;
import org.nautile.models.language.FilmReviews;

/** Texts in documents and sentences, and vocabularies that are made from them. */
class DocumentsTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void blankLinesSeparateDocuments() {
        assertEquals(
                List.of(List.of("One.", "Two?", "three"), List.of("Four!\"", "Five...", "Six")),
                Documents.of(List.of("One. Two?", "three", "", " ", "Four!\" Five... Six", "", "")));
    }

    @Test
    void withoutBlankLinesEachIsADocument() {
        assertEquals(
                List.of(List.of("One.", "Two."), List.of("version 1.5 is out")),
                Documents.of(List.of("One.  Two.", "version 1.5 is out", "")));
    }

    @Test
    void theLastTenthIsHeldOut() throws IOException {
        Path file = folder.resolve("text.txt");
        Files.writeString(file, "a. b.\n".repeat(30));
        Documents documents = Documents.find(file, null, 0);
        assertEquals(27, documents.train().size());
        assertEquals(3, documents.test().size());
        assertEquals(2, documents.first(5, 2).test().size());
        Files.writeString(file, "a. b.\n".repeat(4));
        assertEquals(2, Documents.find(file, null, 0).test().size());
    }

    @Test
    void filmReviewsHaveNoMarkup() throws IOException {
        Documents documents = Documents.find(null, RealData.folder("sentiment", FilmReviews.IMDB::isIn), 0);
        assertEquals(5000, documents.train().size());
        assertTrue(
                documents.train().stream().flatMap(List::stream).noneMatch(sentence -> sentence.contains("<br")),
                "ends of lines in HTML are spaces");
    }

    @Test
    void charactersBeyondSixteenBitsStayWhole() {
        String laughter = Character.toString(0x1F602);
        List<List<String>> documents = List.of(List.of("ha ".repeat(200), (laughter.repeat(3) + "x ").repeat(2)));
        for (String token : Vocabularies.of(documents, 100).vocabulary()) {
            assertEquals(token, new String(token.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
        }
    }

    @Test
    void frequentWordsAreWholeAndOthersInParts() {
        List<List<String>> documents = List.of(
                List.of("the cat sat ".repeat(50), "the dog ".repeat(20)),
                List.of("concatenation", "Ünderstand understand understanding misunderstanding"));
        WordPiece tokenizer = Vocabularies.of(documents, 100);
        assertTrue(tokenizer.size() <= 100, "size " + tokenizer.size());
        assertEquals(
                List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
                tokenizer.vocabulary().subList(0, 5));
        assertEquals(List.of("the", "cat", "sat"), tokenizer.tokens("The cat SAT"));
        WordPiece small = Vocabularies.of(documents.subList(0, 1), 100);
        assertEquals(List.of("d", "##o", "##t"), small.tokens("dot")); // of other words only what has been seen
        assertEquals(tokenizer.vocabulary(), Vocabularies.of(documents, 100).vocabulary());
        for (String token : tokenizer.tokens("misunderstanding")) {
            assertTrue(!token.equals("[UNK]"), "every word can be written");
        }
    }
}
