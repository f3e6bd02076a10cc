package org.nautile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.op.RandomBitsOp;

/** Philox's bits, and what is made of them. */
class GeneratorTest {
    /** The known answers of philox4x32-10 that its authors publish with Random123 (kat_vectors). */
    @ParameterizedTest
    @CsvSource({
        "0000000000000000, 0000000000000000, 0000000000000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "ffffffffffffffff, ffffffffffffffff, ffffffffffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
        "85a308d3243f6a88, 0370734413198a2e, 299f31d0a4093822, d16cfe09 94fdcceb 5001e420 24126ea1"
    })
    void knownAnswers(String block, String stream, String seed, String expected) {
        int[] bits = new int[4];
        Philox.block(hex(seed), hex(stream), hex(block), bits);
        assertEquals(
                expected,
                String.join(" ", Arrays.stream(bits).mapToObj("%08x"::formatted).toList()));
    }

    private static long hex(String text) {
        return Long.parseUnsignedLong(text, 16);
    }

    /** The same rule in Java and on every device, wherever in the stream a draw begins. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void everyDeviceDrawsTheSame(Device device) {
        long[] offsets = {0, 1, 2, 3, 5, 1_000_003, (1L << 34) - 3, (1L << 34) + 1, (1L << 62) + 7};
        int[] sizes = {1, 2, 3, 4, 5, 67, 1009, 40_009};
        for (int i = 0; i < offsets.length; i++) {
            long seed = 0x299f31d0a4093822L + i;
            long stream = 0x0370734413198a2eL * i;
            int size = sizes[i % sizes.length];
            long offset = offsets[i];
            int[] expected = IntStream.range(0, size)
                    .map(place -> Philox.bits(seed, stream, offset + place))
                    .toArray();
            try (Tensor drawn = RandomBitsOp.draw(device, Shape.of(size), seed, stream, offset)) {
                assertArrayEquals(expected, (int[]) drawn.toArray(), "at " + offset);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> RandomBitsOp.draw(device, Shape.of(1), 0, 0, -1));
    }

    @Test
    void aGeneratorGoesThroughItsStream() {
        Generator random = new Generator(3, 4);
        for (int i = 0; i < 11; i++) {
            assertEquals(Philox.bits(3, 4, i), random.nextInt());
        }
    }

    /** A uniform distribution's mean and variance, within six standard errors: one seed in a billion would fail. */
    @Test
    void uniform() {
        int n = 100_000;
        double error = 6 / Math.sqrt(12.0 * n);
        Generator random = new Generator(5, 0);
        double floats = 0;
        double doubles = 0;
        for (int i = 0; i < n; i++) {
            float single = random.nextFloat();
            double wide = random.nextDouble();
            assertTrue(single >= 0 && single < 1 && wide >= 0 && wide < 1);
            floats += single;
            doubles += wide;
        }
        assertEquals(0.5, floats / n, error);
        assertEquals(0.5, doubles / n, error);
        float tight = random.nextFloat(1, Math.nextUp(1F));
        assertEquals(1F, tight, "the bound is never reached");
    }

    @Test
    void integersBelowABound() {
        int[] counts = new int[7];
        Generator random = new Generator(6, 0);
        for (int i = 0; i < 70_000; i++) {
            counts[random.nextInt(7)]++;
        }
        for (int count : counts) {
            assertEquals(10_000, count, 6 * Math.sqrt(10_000 * 6.0 / 7));
        }
        assertEquals(0, random.nextInt(1));
        assertTrue(random.nextInt(Integer.MAX_VALUE) >= 0);
        assertThrows(IllegalArgumentException.class, () -> random.nextInt(0));
    }

    @Test
    void normal() {
        int n = 100_000;
        double sum = 0;
        double squares = 0;
        Generator random = new Generator(8, 0);
        for (int i = 0; i < n; i++) {
            double value = random.nextGaussian();
            sum += value;
            squares += value * value;
        }
        assertEquals(0, sum / n, 6 / Math.sqrt(n));
        assertEquals(1, squares / n, 6 * Math.sqrt(2.0 / n));
    }

    @Test
    void permutations() {
        Generator random = new Generator(9, 0);
        int[] order = random.permutation(1000);
        assertArrayEquals(
                IntStream.range(0, 1000).toArray(),
                Arrays.stream(order).sorted().toArray());
        assertTrue(IntStream.range(0, 1000).filter(i -> order[i] == i).count() < 20, "1 is expected to stay");
        assertArrayEquals(order, new Generator(9, 0).permutation(1000));
        assertEquals(0, random.permutation(0).length);
        int[] counts = new int[6];
        for (int i = 0; i < 6000; i++) {
            int[] three = random.permutation(3);
            counts[three[0] * 2 + (three[1] > three[2] ? 1 : 0)]++;
        }
        for (int count : counts) {
            assertEquals(1000, count, 6 * Math.sqrt(1000 * 5.0 / 6));
        }
    }
}
