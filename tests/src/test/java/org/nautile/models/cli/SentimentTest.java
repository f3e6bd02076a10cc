package org.nautile.models.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.io.Safetensors;
import org.nautile.models.Sentiment;
import org.nautile.models.bert.BertConfig;
import org.nautile.models.bert.BertModel;
import org.nautile.models.sentiment.GruSentiment;
import org.nautile.models.sentiment.SentimentNetwork;

/** {@code nautile train sentiment} on sentences in which single words decide, and asking it. */
@ExtendWith(RestoresDefaults.class)
class SentimentTest {
    private static final String SMALL =
            " --hidden 12 --embedding 12 --layers 1 --dropout 0.1 --epochs 6 --batch 16 --lr 0.02 --longest 12"
                    + " --schedule constant";

    @TempDir
    private Path folder = Path.of("");

    private Path table = Path.of("");

    @BeforeEach
    void write() throws IOException {
        List<String> nouns = List.of("film", "plot", "cast", "story", "music");
        List<String> opinions = List.of("awful", "great", "dull", "moving", "weak", "funny");
        List<String> lines = IntStream.range(0, 300)
                .mapToObj(i -> "this " + nouns.get(i % 5) + " is " + (i % 7 == 0 ? "really " : "") + opinions.get(i % 6)
                        + "\t" + i % 2)
                .toList();
        table = Files.write(folder.resolve("reviews.tsv"), lines);
    }

    private Outcome train(String options) {
        String line = "train sentiment --train " + table + " --out " + folder.resolve("out") + options;
        return Outcome.of(line.split(" +"));
    }

    private Outcome ask(String... texts) {
        return Outcome.of(
                Stream.concat(Stream.of("predict", folder.resolve("out").toString()), Stream.of(texts))
                        .toArray(String[]::new));
    }

    private static double probability(String line) {
        assertTrue(line.matches(".*: positive with probability [01]\\.\\d{4}(; .*)?"), line);
        return Double.parseDouble(line.replaceAll(".*probability ([0-9.]+).*", "$1"));
    }

    @Test
    void parameters() {
        try (SentimentNetwork network =
                new GruSentiment(10_000, 128, new SentimentNetwork.Sizes(128, 2, 0.5), new Generator(0, 0))) {
            assertEquals(new Sentiment().parameters(), network.parameterCount());
        }
    }

    @Test
    void learnsAndAnswers() throws IOException {
        Outcome outcome = train(SMALL);
        assertTrue(outcome.last().matches("test accuracy 1\\.0000, loss 0\\.\\d{4}"), outcome::toString);
        assertTrue(
                outcome.outLines().get(0).contains("243 to train on, 0 of them too long and cut, 27 held out"),
                outcome::toString);
        LeftFiles.ofTraining(
                folder.resolve("out"), Set.of("vocab.txt"), Set.of("confusion.png", "curves.png", "roc.png"));
        Path json = folder.resolve("answers.json");
        Outcome answers = ask(
                "This film is great",
                "The music is awful",
                "This is unheard-of!",
                "great " + "film ".repeat(20),
                "--json",
                json.toString());
        assertEquals(0, answers.code(), answers::toString);
        List<String> lines = answers.outLines();
        assertTrue(probability(lines.get(0)) > 0.9, answers::toString);
        assertTrue(probability(lines.get(1)) < 0.1, answers::toString);
        assertTrue(lines.get(1).endsWith("; 1 of 4 words unknown"), lines.get(1)); // the
        assertTrue(lines.get(2).endsWith("; 4 of 6 words unknown"), lines.get(2));
        assertTrue(
                lines.get(3).endsWith("too long: of 21 words and marks the first and last 6 are read"), lines.get(3));
        JsonNode values = new ObjectMapper().readTree(json.toFile()).get("predictions");
        assertEquals("This film is great", values.get(0).get("input").asText());
        assertEquals(probability(lines.get(0)), values.get(0).get("positive").asDouble(), 1e-4);
    }

    /** A folder with a BERT of drawn weights that knows a vocabulary of its own. */
    private Path bert(int positions) throws IOException {
        List<String> vocabulary = List.of(
                "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "this", "film", "is", "great", "awful", "dull", "mov",
                "##ing", "weak", "funny");
        BertConfig config = new BertConfig(vocabulary.size(), 16, 2, 2, 24, positions, 2, 1e-12, 0.1);
        Path made = Files.createDirectories(folder.resolve("bert"));
        Files.write(made.resolve("vocab.txt"), vocabulary);
        Files.writeString(made.resolve("config.json"), config.json());
        try (BertModel network = new BertModel(config, new Generator(3, 0));
                Scope scope = new Scope()) {
            Safetensors.write(made.resolve("model.safetensors"), network.state());
        }
        return made;
    }

    private float[] saved(Path run, String name) throws IOException {
        try (Scope scope = new Scope()) {
            return Safetensors.open(run.resolve("model.safetensors"))
                    .tensor(name, Device.of("reference"))
                    .toFloatArray();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "gru, --hidden 12 --layers 1 --lr 0.02 --epochs 6, false",
        "linear, --epochs 2, false",
        "linear, --fine-tune --lr 0.005 --epochs 8, true"
    })
    void readsWithBert(String head, String more, boolean tuned) throws IOException {
        Path bert = bert(8);
        String first = "embeddings.word_embeddings.weight";
        float[] before = saved(bert, first);
        Outcome outcome = train(" --encoder bert --bert " + bert + " --head " + head
                + " --dropout 0.1 --batch 16 --longest 12 " + more);
        double accuracy = Double.parseDouble(outcome.last().split("[ ,]", -1)[2]);
        assertTrue(accuracy > 0.95 || (head.equals("linear") && !tuned), outcome::toString);
        assertEquals(tuned, !Arrays.equals(before, saved(folder.resolve("out"), "bert." + first)));
        Files.move(bert, folder.resolve("moved"));
        Outcome answers = ask("This film is great", "great " + "film ".repeat(20));
        assertEquals(0, answers.code(), answers::toString);
        assertTrue(!tuned || probability(answers.outLines().get(0)) > 0.9, answers::toString);
        assertTrue(
                answers.outLines().get(1).endsWith("too long: of 21 words and marks the first and last 3 are read"),
                answers::toString);
    }

    @Test
    void foldersThatAreNoBert() throws IOException {
        Path none = folder.resolve("none");
        String error = train(" --encoder bert --bert " + none).error(1);
        assertTrue(error.contains(none + ": no config.json found, the folder of a BERT expected"), error);
        Path bert = bert(8);
        Files.writeString(bert.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
        String other = train(" --encoder bert --bert " + bert).error(1);
        assertTrue(other.contains("vocab.txt: 5 tokens found, 15 expected"), other);
        Files.delete(bert.resolve("model.safetensors"));
        assertTrue(
                train(" --encoder bert --bert " + bert).error(1).contains("neither model.safetensors nor"), "weights");
    }

    @Test
    void followsFromItsSeed() {
        String quick = SMALL + " --quick";
        Outcome first = train(quick);
        assertEquals(first.last(), train(quick).last());
        assertEquals(first.last(), train(quick + " --eager").last());
        assertNotEquals(first.last(), train(quick + " --seed 1").last());
    }

    @Test
    void resumesWithTheSameBits() {
        String whole = train(SMALL).last();
        train(SMALL.replace("--epochs 6", "--epochs 2")).last();
        assertEquals(whole, train(SMALL + " --resume " + folder.resolve("out")).last());
    }

    @Test
    void badInput() throws IOException {
        assertTrue(ask("a text").error(1).contains("no history.json in it"), "no run");
        train(SMALL + " --quick").last();
        String empty = ask("good", " \u200b ").error(1);
        assertTrue(empty.contains("has no word in it"), empty);
        Path vocabulary = folder.resolve("out/vocab.txt");
        Files.delete(vocabulary);
        assertTrue(ask("good").error(1).contains("vocab.txt: no such file"), "no vocabulary");
        Files.writeString(table, "good\t1\nbad\t2\n");
        String label = train(SMALL).error(1);
        assertTrue(label.contains("reviews.tsv: line 2: label '2' found, 0 or 1 expected"), label);
        Files.delete(table);
        assertTrue(train(SMALL).error(1).contains("reviews.tsv: no such file"), "absent");
    }

    @Test
    void fewReviews() throws IOException {
        Files.writeString(table, "good\t1\n");
        assertEquals(0, train(SMALL).code(), "one");
        Files.writeString(table, "good\t1\nbad\t0\n");
        assertEquals(0, train(SMALL).code(), "two");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--hidden 0",
                "--layers 0",
                "--embedding 0",
                "--words 5",
                "--longest 3",
                "--dropout 1",
                "--encoder bert",
                "--fine-tune",
                "--head linear",
                "--word-dropout -0.1"
            })
    void optionsOutOfRange(String option) {
        String error = train(" " + option).error(2);
        assertTrue(error.contains(option), error);
    }

    @Test
    void firstWeightsAreBertsOwn() {
        String error = train(" --encoder bert --bert b --fine-tune --init he").error(2);
        assertTrue(error.contains("--init with --fine-tune: it would overwrite BERT's weights"), error);
    }

    @Test
    void aTestAloneIsRefused() {
        String error =
                Outcome.of("train", "sentiment", "--test", table.toString()).error(2);
        assertTrue(error.contains("--test " + table + " is without a --train"), error);
    }
}
