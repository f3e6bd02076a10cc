package org.nautile.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Tar archives, plain or compressed with gzip, as POSIX.1-1988 (ustar) and the formats that build on it describe them. */
public final class Tar {
    private static final int BLOCK = 512;
    private static final int NAME = 100; // bytes, from the beginning of a header
    private static final int SIZE_AT = 124;
    private static final int SIZE = 12;
    private static final int MAGIC_AT = 257;
    private static final String MAGIC = "ustar";

    private Tar() {}

    /**
     * Reads files of an archive whole.
     *
     * @param archive the archive
     * @param wanted says of a name, folders included, whether to read the file
     * @return the files by name, in the order of the names
     * @throws DataException if it is not an archive, or is damaged
     * @throws IOException if it cannot be read
     */
    public static SortedMap<String, byte[]> read(Path archive, Predicate<String> wanted) throws IOException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        try (DataStream in = new DataStream(archive)) {
            while (true) {
                long start = in.offset();
                byte[] header = in.next(BLOCK);
                if (start > 0 && (header.length == 0 || header[0] == 0)) { // the end is a block of zeros
                    return files;
                }
                if (header.length < BLOCK || !MAGIC.equals(text(header, MAGIC_AT, MAGIC.length()))) {
                    throw new DataException(archive, start, "no header of a tar archive found, one expected");
                }
                String name = text(header, 0, NAME);
                long size = size(archive, start, header);
                boolean kept = wanted.test(name);
                if (kept && size > Integer.MAX_VALUE) {
                    throw new DataException(archive, start, name + " of " + size + " bytes found, less expected");
                }
                byte[] content = new byte[kept ? (int) size : 0];
                long padded = (size + BLOCK - 1) / BLOCK * BLOCK;
                for (long at = 0; at < padded; ) {
                    byte[] part = in.next((int) Math.min(padded - at, 1 << 20));
                    if (part.length == 0) {
                        throw new DataException(archive, in.offset(), "the end found within " + name);
                    }
                    if (kept && at < size) {
                        System.arraycopy(part, 0, content, (int) at, (int) Math.min(part.length, size - at));
                    }
                    at += part.length;
                }
                if (kept) {
                    files.put(name, content);
                }
            }
        }
    }

    private static String text(byte[] header, int start, int length) {
        int end = start;
        while (end < start + length && header[end] != 0) {
            end++;
        }
        return new String(header, start, end - start, StandardCharsets.UTF_8);
    }

    private static long size(Path archive, long start, byte[] header) throws DataException {
        String digits = text(header, SIZE_AT, SIZE).trim();
        if (!digits.matches("[0-7]{1,11}")) {
            throw new DataException(archive, start + SIZE_AT, "size '" + digits + "' found, an octal number expected");
        }
        return Long.parseLong(digits, 8);
    }
}
