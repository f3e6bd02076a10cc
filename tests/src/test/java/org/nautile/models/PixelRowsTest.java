package org.nautile.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nautile.Shape;
import org.nautile.data.Dataset;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;

class PixelRowsTest {
    private static final int PIXELS = 784;
    private static final ImageDataset IMAGES = Mnist.generate(3, 40);

    /** A row of an example; what is around it must stay as it is. */
    private static float[] row(Dataset rows, int index, int epoch, int row) {
        int size = (int) rows.sampleShape().size();
        float[] all = new float[size + 2];
        rows.example(index, epoch, all, 1, new long[1], 0);
        assertEquals(0, all[0]);
        assertEquals(0, all[size + 1]);
        return Arrays.copyOfRange(all, 1 + row * PIXELS, 1 + (row + 1) * PIXELS);
    }

    @Test
    void noiseFollowsFromSeedExampleAndEpoch() {
        Dataset rows = PixelRows.noisy(IMAGES, 0.3, 7);
        assertEquals(Shape.of(2, PIXELS), rows.sampleShape());
        assertEquals(40, rows.size());
        assertArrayEquals(IMAGES.pixels(5), row(rows, 5, 3, 1));
        float[] noisy = row(rows, 5, 3, 0);
        assertArrayEquals(noisy, row(PixelRows.noisy(IMAGES, 0.3, 7), 5, 3, 0));
        assertFalse(Arrays.equals(noisy, row(rows, 5, 4, 0)));
        assertFalse(Arrays.equals(noisy, row(PixelRows.noisy(IMAGES, 0.3, 8), 5, 3, 0)));

        double sum = 0;
        double squares = 0;
        for (int i = 0; i < 40; i++) {
            float[] with = row(rows, i, 1, 0);
            float[] without = IMAGES.pixels(i);
            for (int p = 0; p < PIXELS; p++) {
                sum += with[p] - without[p];
                squares += Math.pow(with[p] - without[p], 2);
            }
        }
        int count = 40 * PIXELS;
        assertEquals(0, sum / count, 4 * 0.3 / Math.sqrt(count)); // four standard errors
        assertEquals(0.09, squares / count, 4 * 0.09 * Math.sqrt(2.0 / count));
    }

    @Test
    void oneOfEachHasAllImagesOfEveryClass() {
        PixelRows rows = PixelRows.oneOfEach(IMAGES);
        int[][] byClass = IMAGES.byClass();
        assertEquals(
                40, Arrays.stream(byClass).mapToInt(members -> members.length).sum());
        int most =
                Arrays.stream(byClass).mapToInt(members -> members.length).max().orElse(0);
        assertEquals(most, rows.size());
        assertEquals(Shape.of(10, PIXELS), rows.sampleShape());
        for (int c = 0; c < 10; c++) {
            int[] members = byClass[c];
            assertEquals(c, IMAGES.label(members[members.length - 1]));
            for (int i : IntStream.of(0, 1, most - 1).toArray()) {
                assertArrayEquals(IMAGES.pixels(members[i % members.length]), row(rows, i, 1, c));
            }
        }
    }

    @Test
    void withoutNoiseARowIsTheImage() {
        PixelRows rows = PixelRows.of(IMAGES);
        assertEquals(Shape.of(1, PIXELS), rows.sampleShape());
        assertArrayEquals(IMAGES.pixels(39), row(rows, 39, 2, 0));
    }
}
