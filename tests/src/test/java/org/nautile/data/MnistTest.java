package org.nautile.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Shape;
import org.nautile.io.DataException;
import org.nautile.io.IdxBytes;

/** Made-up files, the real ones where they are, and drawn digits. */
class MnistTest {
    private static final int PIXELS = 28 * 28;
    private static final String IMAGES = "train-images-idx3-ubyte.gz";
    private static final String LABELS = "train-labels-idx1-ubyte.gz";

    @TempDir
    private Path folder = Path.of("");

    private Path write(String name, byte... idx) throws IOException {
        return Files.write(folder.resolve(name), name.endsWith(".gz") ? IdxBytes.gzip(idx) : idx);
    }

    /** Three images: in image i, all pixels are 100 + i. */
    private static byte[] images() {
        byte[] pixels = new byte[3 * PIXELS];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (100 + i / PIXELS);
        }
        return IdxBytes.of(List.of(3, 28, 28), pixels);
    }

    private static byte[] labels(int... labels) {
        byte[] bytes = new byte[labels.length];
        for (int i = 0; i < labels.length; i++) {
            bytes[i] = (byte) labels[i];
        }
        return IdxBytes.of(List.of(labels.length), bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-idx%d-ubyte.gz", "-idx%d-ubyte", ".idx%d-ubyte", ".idx%d-ubyte.gz"})
    void knowsTheNamesOfCopies(String ending) throws IOException {
        for (String part : List.of("train", "t10k")) {
            assertFalse(Mnist.isIn(folder));
            write(part + "-images" + ending.formatted(3), images());
            write(part + "-labels" + ending.formatted(1), labels(7, 0, 9));
        }
        assertTrue(Mnist.isIn(folder));
        for (ImageDataset set : List.of(Mnist.train(folder), Mnist.test(folder))) {
            assertEquals(3, set.size());
            assertEquals(List.of(7, 0, 9), List.of(set.label(0), set.label(1), set.label(2)));
            float[] values = new float[PIXELS + 2];
            set.sample(2, values, 1);
            float[] expected = new float[PIXELS + 2];
            Arrays.fill(expected, 1, PIXELS + 1, 102 / 255.0F);
            assertArrayEquals(expected, values);
        }
    }

    @Test
    void filesThatDoNotFitAreNamed() throws IOException {
        refused(folder.resolve(IMAGES), "there is no such file, nor one without .gz");
        Path images = write(IMAGES, images());
        refused(folder.resolve(LABELS), "there is no such file, nor one without .gz");
        Path labels = write(LABELS, labels(1, 2));
        refused(labels, "offset 4: 2 labels found, 3 expected, as many as images in " + IMAGES);
        write(LABELS, labels(1, 2, 10));
        refused(labels, "offset 10: label 10 found, 0 to 9 expected");
        write(LABELS, labels(1, 255, 3));
        refused(labels, "offset 9: label 255 found, 0 to 9 expected");
        write(IMAGES, IdxBytes.of(List.of(3, 14, 56), new byte[3 * PIXELS]));
        refused(images, "offset 8: images of [14, 56] found, [28, 28] expected");
    }

    private void refused(Path file, String expected) {
        DataException e = assertThrows(DataException.class, () -> Mnist.train(folder));
        assertEquals(file + ": " + expected, e.getMessage());
    }

    @Test
    void drawnDigitsDependOnTheSeedAlone() {
        ImageDataset set = Mnist.generate(1, 1000);
        assertEquals(1000, set.size());
        assertEquals(Shape.of(1, 28, 28), set.sampleShape());
        assertEquals(10, set.classes());
        long[] histogram = histogram(set);
        assertTrue(Arrays.stream(histogram).allMatch(count -> count > 50), () -> Arrays.toString(histogram));
        for (int i = 0; i < set.size(); i++) {
            float ink = 0;
            for (float value : set.pixels(i)) {
                assertTrue(value >= 0 && value <= 1);
                ink += value;
            }
            assertTrue(ink > 20 && ink < 300, "image " + i + " has ink on " + ink + " of 784 pixels");
        }
        ImageDataset same = Mnist.generate(1, 100);
        ImageDataset other = Mnist.generate(2, 100);
        int different = 0;
        for (int i = 0; i < same.size(); i++) {
            assertArrayEquals(set.pixels(i), same.pixels(i));
            assertEquals(set.label(i), same.label(i));
            different += Arrays.equals(set.pixels(i), other.pixels(i)) ? 0 : 1;
        }
        assertEquals(100, different);
        assertEquals(0, Mnist.generate(1, 0).size());
    }

    @Test
    void realData() throws IOException {
        Path real = RealData.mnist();
        ImageDataset train = Mnist.train(real);
        ImageDataset test = Mnist.test(real);
        assertArrayEquals(new long[] {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}, histogram(train));
        assertArrayEquals(new long[] {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}, histogram(test));
        assertEquals(60_000, train.size());
        assertEquals(10_000, test.size());
        double sum = 0;
        for (int i = 0; i < train.size(); i++) {
            for (float value : train.pixels(i)) {
                sum += value;
            }
        }
        assertEquals(0.1307, sum / (60_000.0 * PIXELS), 0.00005); // the mean that everybody standardises with
    }

    private static long[] histogram(ImageDataset set) {
        long[] counts = new long[set.classes()];
        for (int i = 0; i < set.size(); i++) {
            counts[set.label(i)]++;
        }
        return counts;
    }
}
