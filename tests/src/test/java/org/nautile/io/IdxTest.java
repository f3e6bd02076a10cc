package org.nautile.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as they should be, and files that lie. */
class IdxTest {
    private static final int RANK = 3;
    private static final byte[] FOUR = {1, 2, 3, (byte) 250};
    private static final byte[] GOOD = IdxBytes.of(List.of(1, 2, 2), FOUR);
    private static final int MANY = 5_000_000; // several pieces of a reader's work

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsWhatWasWritten(boolean gzip) throws IOException {
        byte[] many = new byte[MANY];
        new Random(1).nextBytes(many);
        for (byte[] elements : List.of(FOUR, new byte[0], many)) {
            byte[] bytes = IdxBytes.of(List.of(elements.length, 1, 1), elements);
            Path file = Files.write(folder.resolve("file"), gzip ? IdxBytes.gzip(bytes) : bytes);
            Idx idx = Idx.read(file, RANK);
            assertEquals(List.of(elements.length, 1, 1), idx.dims());
            assertArrayEquals(elements, idx.data());
        }
    }

    static Stream<Arguments> wrongContents() {
        return Stream.of(
                arguments("empty", new byte[0], "offset 0: end of file found, a magic number of 4 bytes expected"),
                arguments("cut in the magic", cut(GOOD, 3), "offset 3: end of file found, a magic number of 4 bytes"),
                arguments(
                        "floats",
                        changed(GOOD, 2, 0x0D),
                        "offset 0: magic number 0x00000D03 found, 0x00000803 expected (unsigned bytes, 3 extents)"),
                arguments(
                        "another rank",
                        IdxBytes.of(List.of(4), FOUR),
                        "offset 0: magic number 0x00000801 found, 0x00000803 expected"),
                arguments("cut in the extents", cut(GOOD, 11), "offset 11: end of file found, 3 extents expected"),
                arguments(
                        "negative extent",
                        IdxBytes.of(List.of(1, -2, 2), FOUR),
                        "offset 8: extent -2 found, at least 0 expected"),
                arguments(
                        "product beyond 64 bits",
                        IdxBytes.of(List.of(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE), FOUR),
                        "offset 4: extents [2147483647] found, at most 1073741824 elements expected"),
                arguments(
                        "product beyond the limit",
                        IdxBytes.of(List.of(1024, 1024, 1025), FOUR),
                        "offset 12: extents [1024, 1024, 1025] found, at most 1073741824 elements expected"),
                arguments(
                        "a gigabyte promised",
                        IdxBytes.of(List.of(1024, 1024, 1024), FOUR),
                        "offset 20: 4 elements found, 1073741824 expected"),
                arguments("cut in the elements", cut(GOOD, 19), "offset 19: 3 elements found, 4 expected"),
                arguments(
                        "goes on after the end",
                        IdxBytes.of(List.of(1, 2, 2), Arrays.copyOf(FOUR, 5)),
                        "offset 20: more data found, end of file expected"),
                arguments(
                        "goes on for long", // a small file, compressed
                        Arrays.copyOf(GOOD, 100_000_000),
                        "offset 20: more data found, end of file expected"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongContents")
    void saysWhereWhatWasFoundAndExpected(String name, byte[] content, String expected) throws IOException {
        refuses(name, content, expected);
        refuses(name + ".gz", IdxBytes.gzip(content), expected);
    }

    static Stream<Arguments> damagedCompression() {
        byte[] random = new byte[MANY];
        new Random(1).nextBytes(random);
        byte[] big = IdxBytes.gzip(IdxBytes.of(List.of(MANY, 1, 1), random));
        byte[] small = IdxBytes.gzip(GOOD);
        return Stream.of(
                arguments("cut in the header", cut(small, 5), "offset 0: an early end of the gzip data"),
                arguments("another method", changed(small, 2, 7), "offset 0: damage (Unsupported compression method)"),
                arguments("cut in the data", cut(big, big.length / 2), "offset 2097168: an early end of the gzip data"),
                arguments(
                        "damaged data", changed(small, 10, 0xFF), "offset 0: damage (invalid block type) of the gzip"),
                arguments("cut in the checksum", cut(small, small.length - 6), "offset 20: an early end of the gzip"),
                arguments(
                        "wrong checksum",
                        changed(small, small.length - 8, small[small.length - 8] ^ 1),
                        "offset 20: damage (Corrupt GZIP trailer) of the gzip data found from here on"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damagedCompression")
    void refuses(String name, byte[] content, String expected) throws IOException {
        Path file = Files.write(folder.resolve(name), content);
        DataException e = assertThrows(DataException.class, () -> Idx.read(file, RANK));
        String message = String.valueOf(e.getMessage());
        assertEquals(
                file + ": " + expected,
                message.substring(0, Math.min(message.length(), (file + ": " + expected).length())));
    }

    private static byte[] cut(byte[] bytes, int length) {
        return Arrays.copyOf(bytes, length);
    }

    private static byte[] changed(byte[] bytes, int at, int value) {
        byte[] copy = bytes.clone();
        copy[at] = (byte) value;
        return copy;
    }
}
