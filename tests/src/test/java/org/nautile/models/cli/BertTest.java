package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;

/** {@code nautile train bert} on an invented text, and what its checkpoint is good for. */
@ExtendWith(RestoresDefaults.class)
class BertTest {
    private static final String TINY = " --hidden 32 --layers 1 --heads 2 --length 24 --vocab-size 200";
    private static final String SMALL = TINY + " --batch 16 --lr 0.01 --epochs 6";
    private static final List<String> ANIMALS = List.of("cat", "dog", "cow", "owl", "fox", "pig", "hen", "ant");
    private static final List<String> FOODS =
            List.of("fish", "bones", "grass", "mice", "eggs", "roots", "corn", "crumbs");

    @TempDir
    private Path folder = Path.of("");

    private Path text = Path.of("");

    /** Documents of one animal each, which always eats the same. */
    @BeforeEach
    void write() throws IOException {
        Generator random = new Generator(1, 0);
        StringBuilder lines = new StringBuilder();
        for (int document = 0; document < 200; document++) {
            int which = random.nextInt(ANIMALS.size());
            for (int sentence = 0; sentence < 8; sentence++) {
                String when = List.of("today", "often", "now", "at night").get(random.nextInt(4));
                lines.append(when + " the " + ANIMALS.get(which) + " eats " + FOODS.get(which) + ".\n");
            }
            lines.append('\n');
        }
        text = Files.writeString(folder.resolve("text.txt"), lines);
    }

    private Outcome run(String options) {
        return run("out", options);
    }

    private Outcome run(String out, String options) {
        return Outcome.of(("train bert --text " + text + " --out " + folder.resolve(out) + options).split(" +"));
    }

    /** Hidden tokens, unigram model, next sentence, accuracy. */
    private static double[] figures(String last) {
        assertTrue(
                last.matches("held-out hidden tokens [0-9.]+ nats, unigram model [0-9.]+; next sentence [0-9.]+ nats,"
                        + " accuracy [0-9.]+"),
                last);
        String[] words = last.split("[ ;]+", -1);
        return new double[] {
            Double.parseDouble(words[3]),
            Double.parseDouble(words[7]),
            Double.parseDouble(words[10]),
            Double.parseDouble(words[13])
        };
    }

    private Outcome predict(String out, String input) {
        return Outcome.of("predict", folder.resolve(out).toString(), input);
    }

    @Test
    void learnsHiddenWordsAndLeavesACheckpoint() throws IOException {
        Outcome outcome = run(SMALL);
        double[] figures = figures(outcome.last());
        assertTrue(figures[0] < figures[1] - 0.3, outcome::toString);
        assertTrue(figures[3] >= 0 && figures[3] <= 1, outcome::toString);
        JsonNode history =
                new ObjectMapper().readTree(folder.resolve("out/history.json").toFile());
        JsonNode end = history.get("epochs").get(5);
        assertEquals(figures[0], end.get("test_loss").asDouble(), 1e-3);
        assertEquals(figures[2], end.get("test_nsp_loss").asDouble(), 1e-3);
        LeftFiles.ofTraining(
                folder.resolve("out"),
                Set.of("config.json", "tokenizer_config.json", "vocab.txt"),
                Set.of("curves.png"));

        String hidden = "today the cow eats [MASK].";
        String guessed = predict("out", hidden).last();
        assertTrue(guessed.matches("today the cow eats \\[MASK\\]\\.: (\\S+ [01]\\.\\d{3}(; |$)){5}"), guessed);
        assertTrue(FOODS.contains(guessed.substring(hidden.length() + 2).split(" ", 2)[0]), guessed);

        // a checkpoint without a history, as from elsewhere
        Files.createDirectory(folder.resolve("elsewhere"));
        for (String name : List.of("config.json", "vocab.txt", "model.safetensors")) {
            Files.copy(
                    folder.resolve("out").resolve(name),
                    folder.resolve("elsewhere").resolve(name));
        }
        assertEquals(guessed, predict("elsewhere", hidden).last());

        // training goes on from it, and begins where the other ended
        Outcome more =
                run("more", " --length 24 --batch 16 --lr 1e-9 --epochs 1 --checkpoint " + folder.resolve("elsewhere"));
        assertEquals(figures[0], figures(more.last())[0], 2e-3);
        int first = guessed.indexOf(' ', hidden.length() + 2);
        assertTrue(predict("more", hidden).last().startsWith(guessed.substring(0, first)), guessed);
    }

    @Test
    void textsThatCannotBePredicted() {
        run(TINY + " --batch 16 --epochs 1 --quick").last();
        String none = predict("out", "the cow eats grass").error(1);
        assertTrue(none.contains("'the cow eats grass': no [MASK] in it"), none);
        String tooLong = predict("out", "[MASK]" + " cow".repeat(22)).error(1);
        assertTrue(tooLong.contains("25 tokens") && tooLong.contains("at most 24"), tooLong);
        String two = predict("out", "the [MASK] eats [MASK]").last();
        assertEquals(10, two.split("; | \\| ", -1).length, two);
    }

    private static String words(Outcome outcome) {
        String last = outcome.last();
        figures(last); // it is a result
        return last;
    }

    @Test
    void followsFromItsSeed() {
        String options = TINY + " --batch 16 --epochs 1 --quick --dropout 0.1";
        Outcome first = run(options);
        assertEquals(words(first), words(run(options)));
        assertEquals(words(first), words(run(options + " --eager")));
        assertNotEquals(words(first), words(run(options + " --seed 1")));
        assertNotEquals(words(first), words(run(options + " --masking phrase")));
    }

    @Test
    void aRefusedResumeLeavesTheFolderAsItWas() throws IOException {
        run(TINY + " --batch 16 --epochs 1 --quick").last();
        Path vocabulary = folder.resolve("out").resolve("vocab.txt");
        String before = Files.readString(vocabulary);
        Path other = Files.writeString(folder.resolve("other.txt"), "a goat sleeps. it wakes.\n".repeat(40));
        String error = Outcome.of(("train bert --text " + other + " --quick --batch 16 --epochs 2" + TINY + " --out "
                                + folder.resolve("out") + " --resume " + folder.resolve("out"))
                        .split(" +"))
                .error(1);
        assertTrue(error.contains("cannot go on: data is"), error);
        assertEquals(before, Files.readString(vocabulary));
    }

    @Test
    void resumesWithTheSameBits() {
        String options = TINY + " --batch 16 --schedule constant --quick";
        Outcome whole = run(options + " --epochs 2");
        run(options + " --epochs 1").last();
        assertEquals(words(whole), words(run(options + " --epochs 2 --resume " + folder.resolve("out"))));
    }

    @Test
    void hidesListedSpans() throws IOException {
        Path spans = Files.writeString(folder.resolve("spans.txt"), "at night\neats grass\n");
        String options = TINY + " --batch 16 --epochs 1 --quick";
        assertNotEquals(words(run(options)), words(run(options + " --spans " + spans)));
        Files.writeString(spans, "\n");
        assertTrue(run(options + " --spans " + spans).error(1).contains("spans.txt: no words found"), "empty");
    }

    @Test
    void takesAVocabulary() throws IOException {
        Path vocabulary = Files.write(
                folder.resolve("mine.txt"),
                List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "eats", ".", "cow", "grass"));
        String options = " --hidden 16 --length 16 --batch 16 --epochs 1 --quick --vocab " + vocabulary;
        Outcome outcome = run(options);
        outcome.last();
        assertTrue(outcome.outLines().get(0).contains(", 10 tokens"), outcome::toString);
        Files.write(vocabulary, List.of("[PAD]", "the"));
        assertTrue(run(options).error(1).contains("mine.txt: no token [UNK] found"), "no special tokens");
    }

    @Test
    void badTexts() throws IOException {
        Files.writeString(text, "");
        String empty = run(TINY).error(1);
        assertTrue(empty.contains("text.txt: 0 documents found, at least 4 expected"), empty);
        Files.writeString(text, "One.\n\nTwo.\n\nThree.\n\nFour.\n\nFive.\n");
        String single = run(TINY).error(1);
        assertTrue(single.contains("to train on: 3 documents, 0 pairs of sentences"), single);
        Files.write(text, new byte[] {65, '\n', -1});
        assertTrue(run(TINY).error(1).contains("text.txt: line 2: byte 0xFF found"), "not UTF-8");
        Files.delete(text);
        assertTrue(run(TINY).error(1).contains("text.txt: no such file"), "absent");
    }

    @Test
    void checkpointsThatDoNotFit() throws IOException {
        String none = run(" --length 24 --checkpoint " + folder).error(1);
        assertTrue(none.contains("no config.json found"), none);
        run("first", TINY + " --batch 16 --epochs 1 --quick").last();
        String tooLong =
                run(" --length 25 --checkpoint " + folder.resolve("first")).error(1);
        assertTrue(tooLong.contains("--length 25, but max_position_embeddings of"), tooLong);
        Path config = folder.resolve("first/config.json");
        Files.writeString(config, Files.readString(config).replace("\"hidden_size\": 32", "\"hidden_size\": 30"));
        String other =
                run(" --length 24 --checkpoint " + folder.resolve("first")).error(1);
        assertTrue(other.contains("model.safetensors: not the weights that config.json describes"), other);
        Files.delete(folder.resolve("first/history.json"));
        Files.writeString(config, Files.readString(config).replace("\"bert\"", "\"other\""));
        String unknown = predict("first", "[MASK]").error(1);
        assertTrue(unknown.contains("config.json: there is no model 'other'"), unknown);
    }

    @ParameterizedTest
    @CsvSource({
        "--length 7, --length 7 is less than 8",
        "--vocab-size 99, --vocab-size 99 is less than 100",
        "--hidden 15, --hidden 15",
        "--layers 0, --layers 0",
        "--heads 0, --heads 0",
        "--dropout 1, --dropout 1.0 is not from 0 to less than 1",
        "--checkpoint a --vocab b, --vocab with --checkpoint",
        "--checkpoint a --init he, --init with --checkpoint"
    })
    void optionsOutOfRange(String option, String expected) {
        String error = run(" " + option).error(2);
        assertTrue(error.contains(expected), error);
    }

    @ParameterizedTest
    @ValueSource(strings = {"entity", "phrase"})
    void otherMaskings(String masking) {
        figures(run(TINY + " --batch 16 --epochs 1 --quick --masking " + masking)
                .last());
    }
}
