package org.nautile.models.bert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.Generator;
import org.nautile.data.WordPiece;
import org.nautile.io.DataException;

/** What is hidden of the course's sentence, with the course's spans and with those that the rules find. */
class MaskingTest {
    private static final String SENTENCE =
            "There is no curse in Elvish, Entish, or the tongues of Men for this treachery.";

    /** Names of two pieces; the others are whole words. */
    private static final WordPiece TOKENIZER = WordPiece.of(
            List.of(("[PAD] [UNK] [CLS] [SEP] [MASK] there is no curse in el ent ##vish ##ish or the tongues of men for"
                            + " this treachery , .")
                    .split(" ", -1)),
            true);

    @TempDir
    private Path folder = Path.of("");

    private SpanRule listed(String... spans) throws IOException {
        return SpanRule.listed(Files.write(folder.resolve("spans.txt"), List.of(spans)));
    }

    private static String text(SpanRule.Span span) {
        return String.join(" ", Sentence.words(SENTENCE).subList(span.first(), span.end()));
    }

    /** The sentence without what is hidden when all spans fit, and nothing more. */
    private static String shown(SpanRule rule) {
        Sentence sentence = Sentence.of(SENTENCE, TOKENIZER, rule);
        List<int[]> spans = new ArrayList<>();
        for (int i = 0; i < sentence.spans().length; i += 2) {
            spans.add(Arrays.copyOfRange(sentence.spans(), i, i + 2));
        }
        int count = spans.stream().mapToInt(span -> span[1] - span[0]).sum();
        List<Integer> allowed =
                IntStream.range(0, sentence.pieces().length).boxed().toList();
        Set<Integer> hidden = Masker.choose(allowed, spans, count, new Generator(1, 0)).stream()
                .flatMap(List::stream)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(count, hidden.size());
        long[] ids = IntStream.range(0, sentence.pieces().length)
                .filter(i -> !hidden.contains(i))
                .mapToLong(i -> sentence.pieces()[i])
                .toArray();
        return TOKENIZER.decode(ids);
    }

    @Test
    void basicMaskingOfTheCourse() throws IOException {
        assertEquals(
                "there is curse in elvish, or the tongues of men for this".replace(",", " ,"),
                shown(listed("no", "Entish,", "treachery.")));
    }

    @Test
    void entityMaskingOfTheCourse() throws IOException {
        assertEquals(
                "there is in elvish , entish , or the for this treachery .",
                shown(listed("no curse", "tongues of Men")));
    }

    @Test
    void phraseMaskingOfTheCourse() throws IOException {
        assertEquals(
                "curse in elvish , entish , or for this treachery .",
                shown(listed("There is no", "the tongues of Men")));
    }

    @Test
    void entitiesOfTheSentence() {
        assertEquals(
                List.of("Elvish", "Entish", "Men"),
                SpanRule.entities().find(Sentence.words(SENTENCE)).stream()
                        .map(MaskingTest::text)
                        .toList());
        assertEquals("there is no curse in , , or the tongues of for this treachery .", shown(SpanRule.entities()));
    }

    @Test
    void phrasesOfTheSentence() {
        assertEquals(
                List.of("There is no curse", "in Elvish", "or the tongues", "of Men", "for this treachery"),
                SpanRule.phrases().find(Sentence.words(SENTENCE)).stream()
                        .map(MaskingTest::text)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "We saw Gandalf the Grey in Minas Tirith. | Gandalf the Grey / Minas Tirith",
                "\"The Lord of the Rings\" | Lord of the Rings",
                "He and I said I'm not in the film of a Hobbit | Hobbit",
                "Nothing of the kind | ''",
                "Of course John of the | John"
            })
    void entities(String text, String expected) {
        List<String> words = Sentence.words(text);
        assertEquals(
                expected,
                SpanRule.entities().find(words).stream()
                        .map(span -> String.join(" ", words.subList(span.first(), span.end())))
                        .collect(Collectors.joining(" / ")));
    }

    @Test
    void phrasesHaveAtMostFourWords() {
        List<String> words = Sentence.words("the very long old dark wooden house");
        assertEquals(
                List.of(new SpanRule.Span(0, 4), new SpanRule.Span(4, 7)),
                SpanRule.phrases().find(words));
    }

    @Test
    void theLongestListedSpanIsTaken() throws IOException {
        assertEquals(
                List.of(new SpanRule.Span(1, 4)),
                listed("tongues", "TONGUES of men", "of men").find(Sentence.words("The tongues of Men.")));
        String message = String.valueOf(
                assertThrows(DataException.class, () -> listed("", " ")).getMessage());
        assertTrue(message.contains("spans.txt: no words found"), message);
    }

    /** Words with their marks give the tokens of the text as a whole. */
    @ParameterizedTest
    @CsvSource({"'There is (no) \"curse\" in Elvish, Entish... or?!'", "men-of-men's $men% . - .", "'men  [the] men'"})
    void wordsGiveTheTokensOfTheText(String text) {
        List<String> tokens = new ArrayList<>();
        for (String word : Sentence.words(text)) {
            tokens.addAll(TOKENIZER.tokens(word));
        }
        assertEquals(TOKENIZER.tokens(text), tokens);
    }

    @Test
    void spansThatDoNotFitGiveWayToPieces() {
        List<Integer> allowed = List.of(1, 2, 3, 4, 5, 6);
        List<List<Integer>> chosen =
                Masker.choose(allowed, List.of(new int[] {1, 5}, new int[] {5, 7}), 3, new Generator(1, 0));
        assertEquals(List.of(5, 6), chosen.get(0));
        assertEquals(2, chosen.size());
        assertEquals(1, chosen.get(1).size());
        assertTrue(chosen.get(1).get(0) < 5, chosen::toString);
    }

    /** 80 of 100 spans are masked, 10 become other tokens, 10 stay; a span is treated as one. */
    @Test
    void whatBecomesOfHiddenPieces() {
        Masker masker = new Masker(TOKENIZER);
        Generator random = new Generator(2, 0);
        int masked = 0;
        int same = 0;
        int spans = 20_000;
        for (int i = 0; i < spans; i++) {
            long[] ids = {9, 9, 9};
            masker.hide(ids, List.of(1, 2), random);
            assertEquals(9, ids[0]);
            masked += ids[1] == 4 && ids[2] == 4 ? 1 : 0;
            same += ids[1] == 9 && ids[2] == 9 ? 1 : 0;
        }
        assertEquals(0.8, masked / (double) spans, 0.01);
        assertEquals(0.1, same / (double) spans, 0.01);
    }

    @Test
    void shareOfPieces() {
        assertEquals(
                List.of(1, 1, 2, 9), List.of(Masker.count(1), Masker.count(9), Masker.count(12), Masker.count(61)));
    }
}
