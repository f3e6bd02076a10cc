package org.nautile.models.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.models.CharLm;
import org.nautile.models.memory.Cell;

@ExtendWith(RestoresDefaults.class)
class StreamsTest {
    private static final int SYMBOLS = 7;

    private static int[] text(int length) {
        Generator random = new Generator(5, 0);
        return IntStream.range(0, length).map(i -> random.nextInt(SYMBOLS)).toArray();
    }

    @Test
    void everyCharacterIsForeseenOnceAndInOrder() {
        int[] places = IntStream.range(0, 44).toArray(); // a text that says where it is
        Streams streams = new Streams(places, 3, 4, 44);
        assertEquals(36, streams.predicted());
        assertEquals(9, streams.size());
        int[] seen = new int[44];
        for (int i = 0; i < streams.size(); i++) {
            long[] target = new long[5];
            float[] goesOn = new float[1];
            streams.target(i, target, 0);
            streams.sample(i, goesOn, 0);
            assertEquals(i % 3 * 12 + i / 3 * 4, target[0], "chunk " + i / 3 + " of stream " + i % 3);
            assertEquals(i < 3 ? 0 : 1, goesOn[0]);
            for (int k = 1; k <= 4; k++) {
                assertEquals(target[0] + k, target[k]);
                seen[(int) target[k]]++;
            }
        }
        assertArrayEquals(
                IntStream.range(0, 44).map(i -> i > 0 && i <= 36 ? 1 : 0).toArray(), seen);
    }

    @Test
    void shortTexts() {
        assertEquals(1, new Streams(text(13), 3, 4, SYMBOLS).size() / 3);
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new Streams(text(12), 3, 4, SYMBOLS));
        assertTrue(String.valueOf(e.getMessage()).startsWith("a text of 12 characters; at least 13"), e::getMessage);
    }

    /** The mean loss of an epoch without learning. */
    private static double loss(CharNetwork network, Streams text) {
        double sum = 0;
        int count = 0;
        try (Autograd.Pause pause = Autograd.noGrad();
                DataLoader loader = new DataLoader(text, 2, Device.defaultDevice(), false, 0)) {
            for (Batch batch : loader.epoch(1)) {
                try (batch;
                        Scope scope = new Scope()) {
                    sum += network.loss(batch).item();
                    count++;
                }
            }
        }
        return sum / count;
    }

    /** The state is carried: whether a text is read in one chunk or in several is the same; at the start of an epoch it is not. */
    @ParameterizedTest
    @EnumSource
    void chunksWithCarriedStateAreOneLongChunk(Cell cell) {
        int[] text = text(49);
        CharNetwork.Sizes sizes = new CharNetwork.Sizes(cell, SYMBOLS, 5, 6, 2);
        try (CharNetwork network = new CharNetwork(sizes, 2, new Generator(1, 0))) {
            Streams whole = new Streams(text, 2, 24, SYMBOLS);
            double once = loss(network, whole);
            for (int chunk : new int[] {12, 8, 1}) {
                Streams chunks = new Streams(text, 2, chunk, SYMBOLS);
                assertEquals(once, loss(network, chunks), 1e-5, "chunks of " + chunk);
                assertEquals(once, network.evaluate(chunks, Device.defaultDevice()), 1e-5, "chunks of " + chunk);
            }
            assertEquals(once, loss(network, whole), 1e-12, "the second epoch starts from zeros");
            try (CharNetwork other = new CharNetwork(sizes, 24, new Generator(1, 0));
                    Scope scope = new Scope()) {
                double forgetful = other.evaluate(new Streams(text, 24, 2, SYMBOLS), Device.defaultDevice());
                assertNotEquals(once, forgetful, 1e-4, "a state that is forgotten shows");
            }
        }
    }

    @Test
    void parametersOfTheDefaultNetwork() {
        CharNetwork.Sizes sizes = new CharNetwork.Sizes(Cell.LSTM, 128, 64, 256, 1);
        try (CharNetwork network = new CharNetwork(sizes, 2, new Generator(1, 0))) {
            assertEquals(128 * 64 + 4 * 256 * (64 + 256 + 2) + 257 * 128, network.parameterCount());
            assertEquals(new CharLm().parameters(), network.parameterCount());
        }
    }
}
