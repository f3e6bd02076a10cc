package org.nautile.models.bert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.models.Bert;

/** The network, beside what the golden values of PyTorch show. */
class BertModelTest {
    private static final BertConfig CONFIG = new BertConfig(11, 8, 2, 2, 12, 7, 2, 1e-12, 0.1);

    private final Scope scope = new Scope();
    private final BertModel model = new BertModel(CONFIG, new Generator(1, 0));

    BertModelTest() {
        model.train(false);
    }

    @AfterEach
    void free() {
        model.close();
        scope.close();
    }

    private static Tensor ids(long... values) {
        return Tensor.of(Device.defaultDevice(), values, Shape.of(1, values.length));
    }

    private static Tensor mask(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return Tensor.of(Device.defaultDevice(), bytes, Shape.of(1, values.length));
    }

    @Test
    void whatFillsUpIsNotSeen() {
        float[] alone = model.states(ids(2, 5, 3), null, null).toFloatArray();
        float[] filled = model.states(ids(2, 5, 3, 9, 10), ids(0, 0, 0, 1, 1), mask(1, 1, 1, 0, 0))
                .toFloatArray();
        assertArrayEquals(alone, Arrays.copyOf(filled, alone.length), 1e-6F);
        float[] seen = model.states(ids(2, 5, 3, 9, 10), null, null).toFloatArray();
        assertTrue(Math.abs(seen[0] - alone[0]) > 1e-5, "tokens that are seen change the others");
    }

    @Test
    void segmentsAndPlacesMatter() {
        float[] plain = model.forward(ids(2, 5, 3)).toFloatArray();
        assertArrayEquals(plain, model.states(ids(2, 5, 3), ids(0, 0, 0), null).toFloatArray());
        assertNotEquals(plain[0], model.states(ids(2, 5, 3), ids(0, 0, 1), null).toFloatArray()[0]);
        float[] swapped =
                model.forward(ids(5, 2, 3)).toFloatArray(); // without places, the last state would be the same
        assertTrue(Math.abs(plain[plain.length - 1] - swapped[plain.length - 1]) > 1e-5);
    }

    @Test
    void dropoutIsForTraining() {
        float[] use = model.forward(ids(2, 5, 3)).toFloatArray();
        assertArrayEquals(use, model.forward(ids(2, 5, 3)).toFloatArray());
        model.train(true);
        float[] training = model.forward(ids(2, 5, 3)).toFloatArray();
        assertNotEquals(use[0], training[0]);
    }

    @Test
    void tooManyTokens() {
        model.forward(ids(1, 2, 3, 4, 5, 6, 7));
        String message =
                String.valueOf(assertThrows(ShapeException.class, () -> model.forward(ids(1, 2, 3, 4, 5, 6, 7, 8)))
                        .getMessage());
        assertTrue(message.contains("8 tokens, but max_position_embeddings is 7"), message);
    }

    /** 109 482 240 in Hugging Face's bert-base-uncased, which the formula gives without making the network. */
    @Test
    void sizes() {
        assertEquals(count(CONFIG), model.parameterCount());
        assertEquals(109_482_240, count(BertConfig.base()));
        try (BertPretraining small =
                new BertPretraining(new BertConfig(8000, 128, 2, 2, 512, 64, 2, 1e-12, 0), new Generator(1, 0))) {
            assertEquals(new Bert().parameters(), small.parameterCount());
        }
    }

    private static long count(BertConfig config) {
        long hidden = config.hidden();
        long tables = hidden * (config.vocabulary() + config.positions() + config.types());
        long block = 4 * hidden * (hidden + 1) + 2 * hidden * config.inner() + config.inner() + hidden;
        return tables + 2 * hidden + config.layers() * (block + 4 * hidden) + hidden * (hidden + 1);
    }
}
