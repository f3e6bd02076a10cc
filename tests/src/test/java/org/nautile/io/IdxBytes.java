package org.nautile.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Contents of IDX files, right and wrong ones. */
public final class IdxBytes {
    private IdxBytes() {}

    /** A file as the format wants it, if there are as many elements as the extents say. */
    public static byte[] of(List<Integer> extents, byte... elements) {
        ByteBuffer out = ByteBuffer.allocate(4 * (extents.size() + 1) + elements.length);
        out.putInt(0x0800 | extents.size());
        extents.forEach(out::putInt);
        return out.put(elements).array();
    }

    /** The same, compressed. */
    public static byte[] gzip(byte... bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
