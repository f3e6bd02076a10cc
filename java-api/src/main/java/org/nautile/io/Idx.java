package org.nautile.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Unsigned bytes from a file in the IDX format of the MNIST publishers, plain or compressed with gzip (told by content): a
 * magic number (two zero bytes, the type, the number of extents), the extents as 32-bit big-endian integers, the elements.
 *
 * @param dims the extents
 * @param data the elements, row by row
 */
public record Idx(List<Integer> dims, byte[] data) {
    /** The most bytes a file may decode to. */
    public static final long LIMIT = 1L << 30;

    private static final int UNSIGNED_BYTE = 0x08;
    private static final int STEP = 1 << 20;

    /**
     * Reads a file.
     *
     * @param file the file
     * @param rank the number of extents it must have
     * @return its content
     * @throws DataException if it is not such a file, is cut short, or goes on after the last element
     * @throws IOException if it cannot be read
     */
    public static Idx read(Path file, int rank) throws IOException {
        try (DataStream in = new DataStream(file)) {
            return read(file, in, rank);
        }
    }

    private static Idx read(Path file, DataStream in, int rank) throws IOException {
        byte[] head = in.next(4 * (rank + 1));
        if (head.length < 4) {
            throw new DataException(file, head.length, "end of file found, a magic number of 4 bytes expected");
        }
        int magic = integer(head, 0);
        int expected = UNSIGNED_BYTE << 8 | rank;
        if (magic != expected) {
            throw new DataException(
                    file,
                    0,
                    String.format(
                            "magic number 0x%08X found, 0x%08X expected (unsigned bytes, %d extents)",
                            magic, expected, rank));
        }
        if (head.length < 4 * (rank + 1)) {
            throw new DataException(file, head.length, "end of file found, " + rank + " extents expected");
        }
        Integer[] dims = new Integer[rank];
        long size = 1;
        for (int i = 0; i < rank; i++) {
            int extent = integer(head, 4 * (i + 1));
            if (extent < 0) {
                throw new DataException(file, 4L * (i + 1), "extent " + extent + " found, at least 0 expected");
            }
            dims[i] = extent;
            size *= extent; // at most 2^30 times less than 2^31: no overflow
            if (size > LIMIT) {
                throw new DataException(
                        file,
                        4L * (i + 1),
                        "extents " + Arrays.asList(dims).subList(0, i + 1) + " found, at most " + LIMIT
                                + " elements expected");
            }
        }
        return new Idx(List.of(dims), elements(file, in, (int) size));
    }

    /** Exactly so many bytes. Memory grows with what arrives, not with what the header claims. */
    private static byte[] elements(Path file, DataStream in, int size) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream(Math.min(size, STEP));
        while (data.size() < size) {
            byte[] part = in.next(Math.min(STEP, size - data.size()));
            if (part.length == 0) {
                throw new DataException(file, in.offset(), data.size() + " elements found, " + size + " expected");
            }
            data.write(part, 0, part.length);
        }
        long end = in.offset();
        if (in.next(1).length > 0) {
            throw new DataException(file, end, "more data found, end of file expected");
        }
        return data.toByteArray();
    }

    private static int integer(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 24
                | (bytes[at + 1] & 0xFF) << 16
                | (bytes[at + 2] & 0xFF) << 8
                | (bytes[at + 3] & 0xFF);
    }
}
