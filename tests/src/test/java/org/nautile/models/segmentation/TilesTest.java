package org.nautile.models.segmentation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.Generator;

/** With a network that can be computed for a pixel alone: the sum of the pixels around it, and twice it. */
class TilesTest {
    private static final int REACH = 4;

    /** Sums over what is within reach; nothing is beyond the edges, as in a network that pads with zeros. */
    private static float[] sums(float[] pixels, int height, int width) {
        float[] sums = new float[2 * height * width];
        for (int i = 0; i < height * width; i++) {
            for (int row = Math.max(0, i / width - REACH); row <= Math.min(height - 1, i / width + REACH); row++) {
                for (int col = Math.max(0, i % width - REACH); col <= Math.min(width - 1, i % width + REACH); col++) {
                    sums[i] += pixels[row * width + col];
                }
            }
            sums[height * width + i] = 2 * sums[i];
        }
        return sums;
    }

    private static float[] image(int size) {
        Generator random = new Generator(2, size);
        float[] pixels = new float[size];
        for (int i = 0; i < size; i++) {
            pixels[i] = random.nextInt(100); // whole numbers: sums are exact
        }
        return pixels;
    }

    @ParameterizedTest
    @CsvSource({"12, 12", "48, 20", "20, 100", "52, 76", "96, 96", "4, 4"})
    void tilesGiveWhatTheWholeGives(int height, int width) {
        float[] pixels = image(height * width);
        int[] calls = new int[1];
        float[] found = new Tiles(20, REACH, 4).apply(pixels, height, width, 2, (tile, h, w) -> {
            calls[0]++;
            assertEquals(Math.min(20, height), h);
            assertEquals(Math.min(20, width), w);
            return sums(tile, h, w);
        });
        assertArrayEquals(sums(pixels, height, width), found);
        assertEquals(tiles(height) * tiles(width), calls[0]);
    }

    private static int tiles(int size) {
        return size <= 20 ? 1 : (size - 2 * REACH + 11) / 12;
    }

    /** Less overlap than reach leaves seams: the test above can fail. */
    @Test
    void seamsAreSeen() {
        float[] pixels = image(48 * 48);
        float[] found = new Tiles(20, 0, 4).apply(pixels, 48, 48, 2, TilesTest::sums);
        int wrong = 0;
        float[] whole = sums(pixels, 48, 48);
        for (int i = 0; i < whole.length; i++) {
            wrong += whole[i] == found[i] ? 0 : 1;
        }
        assertEquals(true, wrong > 100, wrong + " pixels differ");
    }

    /** Sizes that are no multiples: the image is reflected up to one, and the rest cut off. */
    @Test
    void otherSizesAreReflected() {
        float[] pixels = {1, 2, 3, 4, 5, 6}; // 2 x 3
        float[] found = new Tiles(8, 0, 4).apply(pixels, 2, 3, 1, (tile, h, w) -> {
            assertArrayEquals(new float[] {1, 2, 3, 2, 4, 5, 6, 5, 1, 2, 3, 2, 4, 5, 6, 5}, tile);
            return tile.clone();
        });
        assertArrayEquals(pixels, found);
    }

    @Test
    void sizesAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> new Tiles(20, 3, 4));
        assertThrows(IllegalArgumentException.class, () -> new Tiles(18, 4, 4));
        assertThrows(IllegalArgumentException.class, () -> new Tiles(16, 8, 4));
    }
}
