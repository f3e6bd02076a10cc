package org.nautile.models.bert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.data.WordPiece;
import org.nautile.optim.Adam;

/** Examples of pre-training. */
@ExtendWith(RestoresDefaults.class)
class PairsTest {
    private static final int LENGTH = 20;
    private static final int DOCUMENTS = 6;
    private static final int SENTENCES = 30;

    private final WordPiece tokenizer;
    private final List<List<String>> texts = new ArrayList<>();

    /** The words of sentence s of document d are ds and xds, where a letter stands for a number. */
    PairsTest() {
        List<String> tokens = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        for (int d = 0; d < DOCUMENTS; d++) {
            List<String> document = new ArrayList<>();
            for (int s = 0; s < SENTENCES; s++) {
                String word = "d" + d + "s" + s;
                tokens.add(word);
                document.add(word + " " + word + " " + word);
            }
            texts.add(document);
        }
        tokenizer = WordPiece.of(tokens, true);
    }

    private Pairs pairs() {
        return new Pairs(texts, tokenizer, SpanRule.none(), LENGTH, Integer.MAX_VALUE, 1);
    }

    private static long[] example(Pairs pairs, int index, int epoch, float[] x) {
        long[] y = new long[(int) pairs.targetShape().size()];
        pairs.example(index, epoch, x, 0, y, 0);
        return y;
    }

    /** The tokens, with the hidden ones put back. */
    private static long[] whole(Pairs pairs, long... y) {
        long[] ids = Arrays.copyOf(y, LENGTH);
        for (int i = 0; i < pairs.hidden(); i++) {
            long token = y[2 * LENGTH + pairs.hidden() + i];
            if (token >= 0) {
                ids[(int) y[2 * LENGTH + i]] = token;
            }
        }
        return ids;
    }

    @Test
    void examplesAreAsTheyShouldBe() {
        Pairs pairs = pairs();
        Set<String> read = new HashSet<>();
        int follow = 0;
        int examples = 0;
        for (int epoch = 1; epoch <= 8; epoch++) {
            for (int i = 0; i < pairs.size(); i++) {
                float[] x = new float[LENGTH];
                long[] y = example(pairs, i, epoch, x);
                long[] ids = whole(pairs, y);
                int used = (int) IntStream.range(0, LENGTH).filter(k -> x[k] == 1).count();
                assertEquals(2, ids[0]);
                assertEquals(3, ids[used - 1]);
                assertArrayEquals(new long[LENGTH - used], Arrays.copyOfRange(ids, used, LENGTH));
                int middle = IntStream.range(0, used).filter(k -> ids[k] == 3).findFirst().orElseThrow();
                assertTrue(middle < used - 1, "two ends");
                for (int k = 0; k < LENGTH; k++) {
                    assertEquals(k > middle && k < used ? 1 : 0, y[LENGTH + k]);
                }
                String last = tokenizer.token(ids[middle - 1]);
                String next = tokenizer.token(ids[middle + 1]);
                read.add(last);
                boolean follows = y[y.length - 1] == 0;
                String[] a = last.split("[ds]", -1);
                String[] b = next.split("[ds]", -1);
                assertEquals(follows, a[1].equals(b[1]), last + " " + next);
                if (follows) {
                    assertEquals(Integer.parseInt(a[2]) + 1, Integer.parseInt(b[2]));
                }
                follow += follows ? 1 : 0;
                examples++;
                long hidden = Arrays.stream(y, 2 * LENGTH + pairs.hidden(), y.length - 1)
                        .filter(token -> token >= 0)
                        .count();
                assertEquals(Math.round(0.15 * (used - 3)), hidden);
            }
        }
        assertEquals(0.5, follow / (double) examples, 0.1);
        assertTrue(read.size() > DOCUMENTS * 2, "all of a document is read");
    }

    @Test
    void drawsAnewInEachEpochAndTheSameAgain() {
        Pairs pairs = pairs();
        assertArrayEquals(example(pairs, 3, 2, new float[LENGTH]), example(pairs(), 3, 2, new float[LENGTH]));
        assertNotEquals(
                Arrays.toString(example(pairs, 3, 2, new float[LENGTH])),
                Arrays.toString(example(pairs, 3, 3, new float[LENGTH])));
        long[] y = new long[(int) pairs.targetShape().size()];
        float[] x = new float[LENGTH];
        pairs.target(3, y, 0);
        pairs.sample(3, x, 0);
        assertArrayEquals(y, example(pairs, 3, 0, new float[LENGTH]));
        assertEquals(1, x[0]);
    }

    @Test
    void limitsAndWhatIsTooLittle() {
        assertEquals(3, new Pairs(texts, tokenizer, SpanRule.none(), LENGTH, 3, 1).size());
        String one = assertThrows(
                        IllegalArgumentException.class,
                        () -> new Pairs(texts.subList(0, 1), tokenizer, SpanRule.none(), LENGTH, 9, 1))
                .getMessage();
        assertTrue(one.startsWith("1 documents"), one);
        List<List<String>> single = List.of(List.of("d0s0"), List.of("d1s1"));
        String none = assertThrows(
                        IllegalArgumentException.class,
                        () -> new Pairs(single, tokenizer, SpanRule.none(), LENGTH, 9, 1))
                .getMessage();
        assertTrue(none.startsWith("2 documents, 0 pairs"), none);
    }

    @Test
    void countsAreThoseOfTheText() {
        long[] counts = pairs().counts();
        assertEquals(3, counts[tokenizer.id("d2s4")]);
        assertEquals(0, counts[tokenizer.id("[MASK]")]);
        assertEquals(3L * DOCUMENTS * SENTENCES, Arrays.stream(counts).sum());
    }

    /** The measured losses are the objective of one batch of all examples; padding and unused places change nothing. */
    @Test
    void objectiveAndMeasurementAgree() {
        Pairs pairs = pairs();
        BertConfig config = new BertConfig(tokenizer.size(), 8, 1, 2, 8, LENGTH, 2, 1e-12, 0);
        try (Scope scope = new Scope();
                BertPretraining network = new BertPretraining(config, new Generator(1, 0));
                DataLoader loader = new DataLoader(pairs, pairs.size(), Device.defaultDevice(), false, 0);
                Autograd.Pause pause = Autograd.noGrad()) {
            Objective objective = new Objective(network, pairs);
            long[] even = new long[tokenizer.size()];
            Objective.Measured measured = objective.measure(pairs, even, Device.defaultDevice());
            Batch batch = loader.epoch(1).iterator().next();
            assertEquals(objective.loss(batch).item(), measured.words() + measured.next(), 1e-4);
            assertEquals(Math.log(tokenizer.size()), measured.unigram(), 1e-9);
            assertEquals(Math.log(tokenizer.size()), measured.words(), 0.2);
        }
    }

    /** What it cannot learn from so few examples by rule, it learns by heart: each task's answers reach its weights. */
    @Test
    void bothTasksAreLearnt() {
        Pairs pairs = new Pairs(texts, tokenizer, SpanRule.none(), LENGTH, 12, 1);
        BertConfig config = new BertConfig(tokenizer.size(), 32, 1, 2, 64, LENGTH, 2, 1e-12, 0);
        try (Scope scope = new Scope();
                BertPretraining network = new BertPretraining(config, new Generator(1, 0));
                DataLoader loader = new DataLoader(pairs, pairs.size(), Device.defaultDevice(), false, 0)) {
            Objective objective = new Objective(network, pairs);
            Adam adam = new Adam(network, 0.01, 0.9, 0.999, 1e-8, 0);
            Batch batch = loader.epoch(1).iterator().next();
            for (int step = 0; step < 150; step++) {
                try (Scope inner = new Scope()) {
                    adam.clearGradients();
                    Autograd.backward(objective.loss(batch));
                    adam.step();
                }
            }
            Objective.Measured measured =
                    objective.measure(pairs, new long[tokenizer.size()], Device.defaultDevice());
            assertTrue(measured.words() < 0.1, measured::toString);
            assertTrue(measured.next() < 0.1, measured::toString);
            assertEquals(1, measured.nextRight());
        }
    }
}
