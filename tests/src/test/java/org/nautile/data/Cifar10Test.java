package org.nautile.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.Shape;
import org.nautile.io.DataException;
import org.nautile.io.IdxBytes;
import org.nautile.io.TarBytes;

/** Made-up files, the real ones where they are, and drawn objects. */
class Cifar10Test {
    private static final int PIXELS = 3 * 32 * 32;
    private static final int RECORD = 1 + PIXELS;

    @TempDir
    private Path folder = Path.of("");

    /** Images of these classes; all bytes of channel c of image i are {@code 100 c + i}. */
    private static byte[] records(int... labels) {
        byte[] bytes = new byte[labels.length * RECORD];
        for (int i = 0; i < labels.length; i++) {
            bytes[i * RECORD] = (byte) labels[i];
            for (int p = 0; p < PIXELS; p++) {
                bytes[i * RECORD + 1 + p] = (byte) (100 * (p / 1024) + i);
            }
        }
        return bytes;
    }

    private Path write(String name, byte... bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, name.endsWith(".gz") ? IdxBytes.gzip(bytes) : bytes);
    }

    private static List<Integer> labels(ImageDataset set) {
        return IntStream.range(0, set.size()).mapToObj(set::label).toList();
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "'', .gz", "cifar-10-batches-bin/, ''", "cifar-10-batches-bin/, .gz"})
    void readsTheFilesThatAreThereInOrder(String inside, String ending) throws IOException {
        write(inside + "data_batch_5.bin" + ending, records(9));
        write(inside + "data_batch_2.bin" + ending, records(3, 0));
        assertFalse(Cifar10.isIn(folder), "no test file");
        write(inside + "test_batch.bin" + ending, records(1, 2, 3));
        assertTrue(Cifar10.isIn(folder));
        ImageDataset train = Cifar10.train(folder);
        assertEquals(List.of(3, 0, 9), labels(train));
        assertEquals(List.of(1, 2, 3), labels(Cifar10.test(folder)));
        assertEquals(Shape.of(3, 32, 32), train.sampleShape());
        assertEquals("ship", train.names().get(8));
        float[] second = train.pixels(1);
        assertEquals(1 / 255.0F, second[0]);
        assertEquals(101 / 255.0F, second[1024]);
        assertEquals(201 / 255.0F, second[PIXELS - 1]);
        assertEquals(-1 + 2 * (201 / 255.0F), train.scaled(-1, 1).pixels(1)[PIXELS - 1]);
    }

    @Test
    void damagedFilesAreNamed() throws IOException {
        refused(
                folder.resolve("data_batch_1.bin"),
                "there is no such file, nor one with .gz, nor cifar-10-binary.tar.gz with it");
        Path file = write("data_batch_1.bin", records(1, 2, 10));
        refused(file, "offset 6146: label 10 found, 0 to 9 expected");
        write("data_batch_1.bin", Arrays.copyOf(records(1, 2), RECORD + 17));
        refused(file, "offset 3073: 17 bytes found, 3073 expected: a label and 3 x 32 x 32 pixels");
        write("data_batch_1.bin");
        refused(file, "offset 0: 0 bytes found, 3073 expected: a label and 3 x 32 x 32 pixels");
        Files.delete(file);
        byte[] packed = IdxBytes.gzip(records(1, 2));
        Path gzip = folder.resolve("data_batch_1.bin.gz");
        Files.write(gzip, Arrays.copyOf(packed, packed.length - 9));
        refused(gzip, "offset 3073: an early end of the gzip data found from here on, more data expected");
    }

    /** As the publisher packs them, in any order. */
    @Test
    void readsTheArchive() throws IOException {
        Path unpacked = folder.resolve("cifar-10-batches-bin");
        write("cifar-10-batches-bin/data_batch_2.bin", records(3, 0));
        write("cifar-10-batches-bin/test_batch.bin", records(1, 2, 3));
        write("cifar-10-batches-bin/readme.html", records(8));
        write("cifar-10-batches-bin/data_batch_1.bin", records(9));
        Path archive = folder.resolve("cifar-10-binary.tar.gz");
        pack(archive, "data_batch_2.bin", "test_batch.bin", "readme.html", "data_batch_1.bin");
        for (String name : List.of("data_batch_2.bin", "test_batch.bin", "readme.html", "data_batch_1.bin", "")) {
            Files.delete(unpacked.resolve(name));
        }
        assertTrue(Cifar10.isIn(folder));
        ImageDataset train = Cifar10.train(folder);
        assertEquals(List.of(9, 3, 0), labels(train));
        assertEquals(201 / 255.0F, train.pixels(2)[PIXELS - 1]);
        assertEquals(List.of(1, 2, 3), labels(Cifar10.test(folder)));

        byte[] bytes = Files.readAllBytes(archive);
        Files.write(archive, Arrays.copyOf(bytes, bytes.length / 2));
        DataException cut = assertThrows(DataException.class, () -> Cifar10.train(folder));
        assertTrue(cut.toString().contains("an early end of the gzip data"), cut::toString);
        Files.write(archive, IdxBytes.gzip(new byte[2000]));
        DataException other = assertThrows(DataException.class, () -> Cifar10.train(folder));
        assertEquals(archive + ": offset 0: no header of a tar archive found, one expected", other.getMessage());
        Files.write(archive, IdxBytes.gzip(Arrays.copyOf(TarBytes.of("x", new byte[700]), 900)));
        DataException within = assertThrows(DataException.class, () -> Cifar10.train(folder));
        assertEquals(archive + ": offset 900: the end found within x", within.getMessage());
        Files.write(archive, IdxBytes.gzip(TarBytes.of("x", new byte[700])));
        refused(
                folder.resolve("data_batch_1.bin"),
                "there is no such file, nor one with .gz, nor cifar-10-binary.tar.gz with it");
    }

    private void pack(Path archive, String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(TarBytes.of("cifar-10-batches-bin/", new byte[0]));
        for (String name : names) {
            Path file = folder.resolve("cifar-10-batches-bin").resolve(name);
            bytes.write(TarBytes.of("cifar-10-batches-bin/" + name, Files.readAllBytes(file)));
        }
        bytes.write(new byte[1024]);
        Files.write(archive, IdxBytes.gzip(bytes.toByteArray()));
    }

    private void refused(Path file, String expected) {
        DataException e = assertThrows(DataException.class, () -> Cifar10.train(folder));
        assertEquals(file + ": " + expected, e.getMessage());
    }

    @Test
    void drawnObjectsDependOnTheSeedAlone() {
        ImageDataset set = Cifar10.generate(1, 1000);
        assertEquals(Cifar10.IMAGE, set.sampleShape());
        assertEquals(10, set.classes());
        int[] histogram = new int[10];
        for (int label : labels(set)) {
            histogram[label]++;
        }
        assertTrue(Arrays.stream(histogram).allMatch(count -> count > 50), () -> Arrays.toString(histogram));
        ImageDataset same = Cifar10.generate(1, 100);
        ImageDataset other = Cifar10.generate(2, 100);
        for (int i = 0; i < same.size(); i++) {
            assertArrayEquals(set.pixels(i), same.pixels(i));
            assertFalse(Arrays.equals(set.pixels(i), other.pixels(i)));
        }
    }

    @Test
    void realData() throws IOException {
        Path real = RealData.folder(Cifar10.NAME, Cifar10::isIn);
        ImageDataset test = Cifar10.test(real);
        assertEquals(10_000, test.size());
        int[] histogram = new int[10];
        labels(test).forEach(label -> histogram[label]++);
        assertTrue(Arrays.stream(histogram).allMatch(count -> count == 1000), () -> Arrays.toString(histogram));
        ImageDataset train = Cifar10.train(real).limit(10_000);
        double[] sums = new double[3];
        for (int i = 0; i < train.size(); i++) {
            float[] values = train.pixels(i);
            for (int p = 0; p < PIXELS; p++) {
                sums[p / 1024] += values[p];
            }
        }
        double[] means = {0.4914, 0.4822, 0.4465}; // of all 50 000, that everybody standardises with
        for (int c = 0; c < 3; c++) {
            assertEquals(means[c], sums[c] / (train.size() * 1024.0), 0.003);
        }
    }
}
