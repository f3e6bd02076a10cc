package org.nautile.models.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.models.Recall;
import org.nautile.optim.Adam;
import org.nautile.optim.Score;
import org.nautile.optim.Trainer;

/** How long recurrent networks remember, and what becomes of their gradients. */
@ExtendWith(RestoresDefaults.class)
class RecallerTest {
    @BeforeEach
    void oneThread() {
        Threads.set(1); // for such small networks, others only wait
    }

    @Test
    void hasTheStatedParameters() {
        try (Recallers all = new Recallers(List.of(Cell.values()), List.of(10, 20, 50, 100, 200), 32, 5, 0)) {
            assertEquals(new Recall().parameters(), all.parameterCount());
        }
    }

    @Test
    void sequencesBeginWithWhatIsAskedFor() {
        RecallTask task = new RecallTask(500, 6, 3);
        long[] first = new long[7];
        long[] again = new long[7];
        long[] later = new long[7];
        int[] counts = new int[RecallTask.QUESTION];
        for (int i = 0; i < task.size(); i++) {
            task.example(i, 1, new float[1], 0, first, 0);
            task.example(i, 1, new float[1], 0, again, 0);
            task.example(i, 2, new float[1], 0, later, 0);
            assertArrayEquals(first, again);
            assertNotEquals(Arrays.toString(first), Arrays.toString(later), "another in each epoch");
            for (int k = 0; k < first.length; k++) {
                assertEquals(k == 0, first[k] < RecallTask.SYMBOLS);
                counts[(int) first[k]]++;
            }
        }
        for (int number = 0; number < counts.length; number++) {
            double expected = number < RecallTask.SYMBOLS ? 500 / 8.0 : 3000 / 8.0;
            assertEquals(expected, counts[number], 0.4 * expected, "symbol " + number);
        }
    }

    /** With 30 symbols between, gates hold the first one, and the state of the plain network does not: three seeds. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2})
    void gatesRemember(long seed) {
        Device device = Device.defaultDevice();
        RecallTask train = new RecallTask(800, 30, 2 * seed + 1);
        RecallTask test = new RecallTask(400, 30, 2 * seed + 2);
        try (Recallers model = new Recallers(List.of(Cell.values()), List.of(30), 16, 5, seed)) {
            Map<Cell, double[]> gradients = model.gradients(30, test, new int[] {1, 31}, device);
            Trainer.of(model)
                    .optimizer(model.optimizers(network -> new Adam(network, 0.01)))
                    .train(train)
                    .step(batch -> model.step(batch, 1))
                    .epochs(10)
                    .batchSize(32)
                    .seed(seed)
                    .build()
                    .run();
            Map<Cell, List<Score>> scores = model.scores(test, device);
            for (Cell cell : Cell.values()) {
                double accuracy =
                        Objects.requireNonNull(scores.get(cell)).get(0).metric();
                double[] norms = Objects.requireNonNull(gradients.get(cell));
                double kept = norms[0] / norms[1];
                String told = cell + ": accuracy " + accuracy + ", gradient kept " + kept;
                if (cell == Cell.RNN) {
                    assertTrue(accuracy < 0.35 && kept < 1e-4, told); // 1/8 by chance
                } else {
                    assertTrue(accuracy > 0.9 && kept > 0.1, told);
                }
            }
        }
    }

    /** The product of the derivatives of the steps, for one unit. */
    @Test
    void gradientByTheStateIsAProduct() {
        Device device = Device.of("reference");
        Device.setDefault(device);
        int lag = 4;
        try (Scope scope = new Scope();
                Recaller network = new Recaller(Cell.RNN, lag, 1, 0, new Generator(4, 0))) {
            network.change("weight_hh_l0", weights -> weights[0] = 0.8F);
            Tensor sequences = Recallers.first(new RecallTask(5, lag, 1), 5, device);
            long[] numbers = sequences.toLongArray();
            float[] vectors = value(network, "embedding.weight");
            float in = value(network, "rnn.weight_ih_l0")[0];
            float bias = value(network, "rnn.bias_ih_l0")[0] + value(network, "rnn.bias_hh_l0")[0];
            float[] out = value(network, "out.weight");
            float[] outBias = value(network, "out.bias");
            double[] squares = new double[lag + 2];
            for (int row = 0; row < 5; row++) {
                double[] h = new double[lag + 3];
                for (int t = 0; t < lag + 2; t++) {
                    int number = t <= lag ? (int) numbers[row * (lag + 1) + t] : RecallTask.QUESTION;
                    h[t + 1] = Math.tanh(in * vectors[number] + bias + 0.8F * h[t]);
                }
                double[] shares = new double[out.length];
                for (int k = 0; k < out.length; k++) {
                    shares[k] = Math.exp(out[k] * h[lag + 2] + outBias[k]);
                }
                double sum = Arrays.stream(shares).sum();
                double gradient = 0;
                for (int k = 0; k < out.length; k++) {
                    int right = k == numbers[row * (lag + 1)] ? 1 : 0;
                    gradient += (shares[k] / sum - right) * out[k] / 5;
                }
                for (int steps = lag + 1; steps >= 1; steps--) {
                    gradient *= 0.8F * (1 - h[steps + 1] * h[steps + 1]);
                    squares[steps] += gradient * gradient;
                }
            }
            for (int steps = 1; steps < lag + 2; steps++) {
                double expected = Math.sqrt(squares[steps]);
                assertEquals(expected, network.gradientNorm(sequences, steps), 1e-4 * expected, "after " + steps);
            }
        }
    }

    private static float[] value(Recaller network, String name) {
        return Objects.requireNonNull(network.parameters().get(name)).value().toFloatArray();
    }

    /** Also where the largest eigenvalues are a pair of complex numbers. */
    @Test
    void spectralRadius() {
        assertEquals(3, Explosion.radius(2, 5, 0, -3), 1e-9);
        assertEquals(1.5, Explosion.radius(0, -1.5F, 1.5F, 0), 1e-9);
        assertEquals(2, Explosion.radius(0, 4, 0, 1, 0, 0, 0, 0, -1), 1e-9);
    }

    /** The same training with and without clipping: three seeds. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2})
    void clippingHelpsAgainstExplodingGradients(long seed) {
        Explosion free = Explosion.of(Device.defaultDevice(), seed, Double.POSITIVE_INFINITY);
        Explosion clipped = Explosion.of(Device.defaultDevice(), seed, Explosion.CLIP);
        String told = free + "; " + clipped;
        assertTrue(clipped.accuracy() > 0.95 && clipped.lastLoss() < 0.1, told);
        assertTrue(!(free.accuracy() > 0.6) && free.lastLoss() > 10 * clipped.lastLoss(), told);
        assertEquals(free.losses()[0], clipped.losses()[0], "the same first weights and sequences");
        assertTrue(Arrays.stream(free.norms()).max().orElseThrow() > 10, told);
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void untrainedNetworksGuess(Cell cell) {
        try (Scope scope = new Scope();
                Recaller network = new Recaller(cell, 12, 8, 5, new Generator(1, 0))) {
            Score score = network.score(Recallers.first(new RecallTask(800, 12, 2), 800, Device.defaultDevice()));
            assertEquals(1.0 / RecallTask.SYMBOLS, score.metric(), 0.1);
            assertEquals(Math.log(RecallTask.SYMBOLS), score.loss(), 0.5);
        }
    }
}
