package org.nautile.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;

/** Every example once an epoch, in an order that seed and epoch decide. */
class DataLoaderTest {
    private static final Device REFERENCE = Device.of("reference");
    private static final int SIZE = 103;

    /** Two pixels an image: the number of the image, and 255 minus it; its class is the number modulo 10. */
    private static ImageDataset numbered(int size) {
        byte[] pixels = new byte[2 * size];
        byte[] labels = new byte[size];
        for (int i = 0; i < size; i++) {
            pixels[2 * i] = (byte) i;
            pixels[2 * i + 1] = (byte) (255 - i);
            labels[i] = (byte) (i % 10);
        }
        return new ImageDataset(pixels, labels, Shape.of(1, 1, 2), 10);
    }

    private static DataLoader loader(int size, int batch, boolean shuffle, long seed) {
        return new DataLoader(numbered(size), batch, REFERENCE, shuffle, seed);
    }

    /** The numbers of the images, in the order in which they came. */
    private static int[] numbers(DataLoader loader, int epoch, int batchSize) {
        int[] numbers = new int[SIZE];
        int count = 0;
        try (Scope scope = new Scope()) {
            for (Batch batch : loader.epoch(epoch)) {
                int rows = Math.min(batchSize, SIZE - count);
                assertEquals(rows, batch.size());
                assertEquals(Shape.of(rows, 1, 1, 2), batch.x().shape());
                assertEquals(DType.INT64, batch.y().dtype());
                float[] x = batch.x().toFloatArray();
                long[] y = batch.y().toLongArray();
                for (int row = 0; row < rows; row++) {
                    int number = Math.round(255 * x[2 * row]);
                    assertEquals((255 - number) / 255.0F, x[2 * row + 1]);
                    assertEquals(number % 10, y[row]);
                    numbers[count++] = number;
                }
            }
        }
        assertEquals(SIZE, count);
        return numbers;
    }

    @ParameterizedTest
    @CsvSource({"1, 103", "7, 15", "102, 2", "103, 1", "1000, 1"})
    void everyExampleOnceInAnOrderOfItsOwn(int batchSize, int batches) {
        int[] inOrder = IntStream.range(0, SIZE).toArray();
        try (DataLoader loader = loader(SIZE, batchSize, true, 5);
                DataLoader same = loader(SIZE, batchSize, true, 5);
                DataLoader other = loader(SIZE, batchSize, true, 6);
                DataLoader plain = loader(SIZE, batchSize, false, 5)) {
            assertEquals(batches, loader.batches());
            int[] first = numbers(loader, 1, batchSize);
            int[] second = numbers(loader, 2, batchSize);
            assertArrayEquals(inOrder, Arrays.stream(first).sorted().toArray());
            assertArrayEquals(inOrder, Arrays.stream(second).sorted().toArray());
            assertArrayEquals(loader.order(1), first);
            assertArrayEquals(second, numbers(same, 2, batchSize), "whatever epochs came before");
            assertArrayEquals(inOrder, numbers(plain, 1, batchSize));
            assertEquals(
                    4,
                    Set.of(
                                    Arrays.toString(inOrder),
                                    Arrays.toString(first),
                                    Arrays.toString(second),
                                    Arrays.toString(numbers(other, 1, batchSize)))
                            .size());
        }
    }

    /** Example i has 17 i % 40 + 1 numbers, all of them i + 1. */
    private static final class Sentences implements Dataset {
        @Override
        public int size() {
            return SIZE;
        }

        @Override
        public Shape sampleShape() {
            return Shape.of(1);
        }

        @Override
        public int classes() {
            return SIZE + 1;
        }

        @Override
        public void sample(int index, float[] into, int offset) {
            into[offset] = index + 1;
        }

        @Override
        public Shape targetShape() {
            return Shape.of(44);
        }

        @Override
        public int targetLength(int index) {
            return 17 * index % 40 + 1;
        }

        @Override
        public void target(int index, long[] into, int offset) {
            Arrays.fill(into, offset, offset + targetLength(index), index + 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void targetsOfAboutOneLengthComeTogetherAndAreFilledUpWithZeros(boolean shuffle) {
        Set<Integer> seen = new HashSet<>();
        long numbers = 0;
        try (DataLoader loader = new DataLoader(new Sentences(), 4, REFERENCE, shuffle, 5);
                Scope scope = new Scope()) {
            assertEquals(SIZE, Arrays.stream(loader.order(2)).distinct().count());
            for (Batch batch : loader.epoch(2)) {
                float[] x = batch.x().toFloatArray();
                long[] y = batch.y().toLongArray();
                int width = y.length / x.length;
                int longest = 0;
                for (int row = 0; row < x.length; row++) {
                    int number = Math.round(x[row]);
                    assertTrue(seen.add(number));
                    int length = 17 * (number - 1) % 40 + 1;
                    longest = Math.max(longest, length);
                    for (int i = 0; i < width; i++) {
                        assertEquals(i < length ? number : 0, y[row * width + i]);
                    }
                }
                assertEquals((longest + 7) / 8 * 8, width);
                assertEquals(Shape.of(x.length, width), batch.y().shape());
                numbers += y.length;
            }
        }
        assertEquals(SIZE, seen.size());
        int whole = IntStream.range(0, SIZE).map(i -> 17 * i % 40 + 1).sum();
        assertEquals(shuffle, numbers < 1.3 * whole, numbers + " numbers for " + whole);
    }

    @Test
    void noExamplesNoBatches() {
        try (DataLoader loader = loader(0, 4, true, 0)) {
            Iterator<Batch> batches = loader.epoch(1).iterator();
            assertFalse(batches.hasNext());
            assertThrows(NoSuchElementException.class, batches::next);
        }
        assertThrows(IllegalArgumentException.class, () -> loader(1, 0, true, 0));
    }

    @Test
    void closingEndsTheThread() throws InterruptedException {
        Set<Thread> before = gatherers();
        DataLoader loader = loader(SIZE, 10, true, 0);
        Iterator<Batch> batches = loader.epoch(1).iterator();
        batches.next().close();
        Set<Thread> own = gatherers();
        own.removeAll(before);
        assertEquals(1, own.size());
        loader.close();
        for (Thread thread : own) {
            thread.join(10_000);
            assertFalse(thread.isAlive());
        }
        assertThrows(IllegalStateException.class, batches::next);
        assertThrows(IllegalStateException.class, () -> loader.epoch(2).iterator());
        loader.close();
    }

    private static Set<Thread> gatherers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("nautile-data"))
                .collect(Collectors.toSet());
    }

    @Test
    void partsOfADataSet() {
        ImageDataset all = numbered(30);
        ImageDataset part = all.firstClasses(3).limit(7).flattened();
        assertEquals(3, part.classes());
        assertEquals(Shape.of(2), part.sampleShape());
        assertEquals(
                List.of(0, 1, 2, 10, 11, 12, 20),
                IntStream.range(0, part.size()).mapToObj(i -> number(part, i)).toList());
        assertEquals(30, all.limit(31).size());
        assertThrows(IllegalArgumentException.class, () -> all.firstClasses(11));
        String message = String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> new ImageDataset(new byte[4], new byte[] {0, 3}, Shape.of(2), 3))
                .getMessage());
        assertTrue(message.contains("label 3 of image 1"), message);
        assertThrows(IllegalArgumentException.class, () -> new ImageDataset(new byte[5], new byte[2], Shape.of(2), 3));
    }

    @Test
    void eachClassInTurn() {
        ImageDataset images = new ImageDataset(new byte[5], new byte[] {2, 2, 0, 2, 0}, Shape.of(1), 3);
        assertArrayEquals(new int[] {2, 0, 4, 1, 3}, images.eachClassInTurn(6));
        assertArrayEquals(new int[] {2, 0, 4}, images.eachClassInTurn(3));
    }

    private static int number(ImageDataset set, int index) {
        return Math.round(255 * set.pixels(index)[0]);
    }
}
