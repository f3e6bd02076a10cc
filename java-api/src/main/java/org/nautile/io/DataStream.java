package org.nautile.io;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The bytes of a file, plain or compressed with gzip (told by content). */
public final class DataStream implements Closeable {
    private final Path file;
    private final InputStream raw;
    private final InputStream in;
    private long offset;

    /**
     * Opens a file.
     *
     * @param file the file
     * @throws DataException if it begins as gzip data and is not
     * @throws IOException if it cannot be read
     */
    public DataStream(Path file) throws IOException {
        this(file, Files.newInputStream(file));
    }

    /**
     * Opens bytes in memory.
     *
     * @param name the file they are of, for messages
     * @param bytes its content
     * @throws DataException if it begins as gzip data and is not
     * @throws IOException never otherwise
     */
    public DataStream(Path name, byte[] bytes) throws IOException {
        this(name, new ByteArrayInputStream(bytes));
    }

    private DataStream(Path file, InputStream bytes) throws IOException {
        this.file = file;
        raw = new BufferedInputStream(bytes);
        try {
            in = decompress();
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    private InputStream decompress() throws IOException {
        raw.mark(2);
        boolean gzip = raw.read() == 0x1F && raw.read() == 0x8B;
        raw.reset();
        try {
            return gzip ? new GZIPInputStream(raw) : raw;
        } catch (ZipException | EOFException e) {
            throw damaged(e);
        }
    }

    /**
     * The next bytes.
     *
     * @param count how many, {@code >= 0}
     * @return fewer than asked for only at the end
     * @throws DataException if compressed data is damaged or cut short
     * @throws IOException if the file cannot be read
     */
    public byte[] next(int count) throws IOException {
        try {
            byte[] bytes = in.readNBytes(count);
            offset += bytes.length;
            return bytes;
        } catch (ZipException | EOFException e) {
            throw damaged(e);
        }
    }

    /**
     * The number of bytes read.
     *
     * @return counted in what was decompressed
     */
    public long offset() {
        return offset;
    }

    private DataException damaged(IOException e) {
        String found = e instanceof EOFException ? "an early end" : "damage (" + e.getMessage() + ")";
        return new DataException(file, offset, found + " of the gzip data found from here on, more data expected");
    }

    @Override
    public void close() throws IOException {
        try (raw) {
            in.close();
        }
    }
}
