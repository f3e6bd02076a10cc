package org.nautile.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.nautile.Shape;
import org.nautile.data.ImageDataset;

/** There are as many digits as are wanted, also of a few classes, and in less detail if so wanted. */
class DigitsTest {
    @Test
    void firstClassesAreEnough() throws IOException {
        for (int classes : new int[] {2, 4, 10}) {
            Digits digits = Digits.find(null, 5, classes, 60, 30);
            assertEquals(60, digits.train().size());
            assertEquals(30, digits.test().size());
            for (int i = 0; i < 60; i++) {
                assertTrue(digits.train().label(i) < classes);
            }
        }
    }

    @Test
    void averagesAreMeansOfSquares() throws IOException {
        Digits digits = Digits.find(null, 5, 4, 20, 10);
        ImageDataset small = digits.averaged(7).test();
        assertEquals(Shape.of(1, 7, 7), small.sampleShape());
        assertEquals(4, small.classes());
        for (int i = 0; i < 10; i++) {
            float[] whole = digits.test().pixels(i);
            float[] means = small.pixels(i);
            assertEquals(digits.test().label(i), small.label(i));
            for (int p = 0; p < 49; p++) {
                double sum = 0;
                for (int q = 0; q < 16; q++) {
                    sum += whole[(p / 7 * 4 + q / 4) * 28 + p % 7 * 4 + q % 4];
                }
                assertEquals(sum / 16, means[p], 0.5 / 255 + 1e-6, "image " + i + ", pixel " + p);
            }
        }
        assertArrayEquals(digits.test().pixels(3), digits.averaged(28).test().pixels(3));
    }
}
