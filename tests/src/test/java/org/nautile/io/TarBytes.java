package org.nautile.io;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Contents of tar archives. */
public final class TarBytes {
    private TarBytes() {}

    /** A header and a file, in whole blocks. */
    public static byte[] of(String name, byte... content) {
        byte[] bytes = new byte[512 + (content.length + 511) / 512 * 512];
        ByteBuffer.wrap(bytes)
                .put(name.getBytes(StandardCharsets.UTF_8))
                .position(124)
                .put(String.format("%011o", content.length).getBytes(StandardCharsets.UTF_8))
                .position(257)
                .put("ustar".getBytes(StandardCharsets.UTF_8))
                .position(512)
                .put(content);
        return bytes;
    }
}
