package org.nautile.io;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a text file in UTF-8, plain or compressed with gzip (told by content). A byte that is not UTF-8 is an
 * error, not a replacement character. LF or CR LF ends a line, nothing else does: U+0085 and U+2028 are part of the
 * text. A byte order mark at the start is dropped.
 */
public final class TextFile implements Closeable {
    /** The most bytes a line, or a file read as a whole, may have. */
    public static final int LIMIT = 1 << 29;

    private static final int STEP = 1 << 16;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final Path file;
    private final DataStream in;
    private byte[] block = new byte[0];
    private int at;
    private long line;

    /**
     * Opens a file.
     *
     * @param file the file
     * @throws DataException if it begins as gzip data and is not
     * @throws IOException if it cannot be read
     */
    public TextFile(Path file) throws IOException {
        this(file, new DataStream(file));
    }

    /**
     * Opens bytes in memory.
     *
     * @param name the file they are of, for messages
     * @param bytes its content
     * @throws IOException if it begins as gzip data and is not
     */
    public TextFile(Path name, byte[] bytes) throws IOException {
        this(name, new DataStream(name, bytes));
    }

    private TextFile(Path file, DataStream in) {
        this.file = file;
        this.in = in;
    }

    /**
     * Reads a file as a whole.
     *
     * @param file the file
     * @return its text, with the ends of lines as they are
     * @throws DataException if it is not UTF-8, has more than {@link #LIMIT} bytes, or compressed data is damaged
     * @throws IOException if it cannot be read
     */
    public static String read(Path file) throws IOException {
        try (TextFile text = new TextFile(file)) {
            return text.all();
        }
    }

    /**
     * All of the text; to be called before any line is read.
     *
     * @return the text, with the ends of lines as they are
     * @throws DataException if it is not UTF-8, has more than {@link #LIMIT} bytes, or compressed data is damaged
     * @throws IOException if the file cannot be read
     */
    public String all() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        line = 1;
        while (fill()) {
            take(block.length, bytes);
        }
        return decode(bytes);
    }

    /**
     * Reads all lines of a file.
     *
     * @param file the file
     * @return the lines, without their ends
     * @throws DataException if it is not UTF-8, a line has more than {@link #LIMIT} bytes, or compressed data is
     *     damaged
     * @throws IOException if it cannot be read
     */
    public static List<String> lines(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        try (TextFile text = new TextFile(file)) {
            for (String line = text.next(); line != null; line = text.next()) {
                lines.add(line);
            }
        }
        return lines;
    }

    /**
     * The next line.
     *
     * @return the line without its end; null after the last one
     * @throws DataException if it is not UTF-8, has more than {@link #LIMIT} bytes, or compressed data is damaged
     * @throws IOException if the file cannot be read
     */
    public @Nullable String next() throws IOException {
        if (!fill()) {
            return null;
        }
        line++;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean ended = false;
        while (!ended && fill()) {
            int end = at;
            while (end < block.length && block[end] != '\n') {
                end++;
            }
            ended = end < block.length;
            take(end, bytes);
            at += ended ? 1 : 0;
        }
        String text = decode(bytes); // no UTF-8 sequence has a byte LF in it
        return ended && text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /**
     * The number of the line that was read last.
     *
     * @return from 1; 0 before the first one
     */
    public long line() {
        return line;
    }

    /** Whether there are bytes at {@link #at}. */
    private boolean fill() throws IOException {
        if (at == block.length) {
            block = in.next(STEP);
            at = 0;
        }
        return block.length > 0;
    }

    private void take(int end, ByteArrayOutputStream bytes) throws DataException {
        if (end - at > LIMIT - bytes.size()) {
            throw DataException.atLine(
                    file, line, "more than " + LIMIT + " bytes in a piece found, at most that expected");
        }
        bytes.write(block, at, end - at);
        at = end;
    }

    private String decode(ByteArrayOutputStream bytes) throws DataException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
            boolean marked = line == 1 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
            return marked ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            long bad = line; // the decoder stopped at the first bad byte
            for (int i = 0; i < buffer.position(); i++) {
                bad += buffer.get(i) == '\n' ? 1 : 0;
            }
            String found = String.format("byte 0x%02X found", buffer.get(buffer.position()));
            DataException problem = DataException.atLine(file, bad, found + ", text in UTF-8 expected");
            problem.initCause(e);
            throw problem;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
