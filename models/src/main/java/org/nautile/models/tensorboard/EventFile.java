package org.nautile.models.tensorboard;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A file of events as TensorBoard reads it: scalars, texts and pictures by step, and when they were written. Each event is a
 * TFRecord: its length, a checksum of the length, the event, a checksum of the event. Events and what is in them are TensorFlow's
 * messages (tensorflow/core/util/event.proto and framework/summary.proto), of which only the fields used here are written.
 */
public final class EventFile implements AutoCloseable {
    private static final String VERSION = "brain.Event:2";

    // Fields of Event.
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;

    private static final int STATUS = 1; // of SessionLog
    private static final int START = 1; // a status

    private static final int VALUE = 1; // of Summary

    // Fields of Summary.Value.
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;
    private static final int IMAGE = 4;
    private static final int TENSOR = 8;
    private static final int METADATA = 9;

    // Fields of Summary.Image.
    private static final int HEIGHT = 1;
    private static final int WIDTH = 2;
    private static final int COLOURS = 3;
    private static final int ENCODED = 4;
    private static final int RGB = 3; // a number of colours

    private static final int PLUGIN = 1; // of SummaryMetadata
    private static final int PLUGIN_NAME = 1; // of SummaryMetadata.PluginData

    // Fields of TensorProto.
    private static final int DTYPE = 1;
    private static final int SHAPE = 2;
    private static final int STRING = 8;
    private static final int STRINGS = 7; // a dtype

    private static final int DIM = 2; // of TensorShapeProto
    private static final int SIZE = 1; // of TensorShapeProto.Dim

    private final Path file;
    private final OutputStream out;

    /**
     * Makes a file, whose name TensorBoard knows by its middle.
     *
     * @param folder where it is made; all files of a folder are one run
     * @param step the first that will be written: what other files of the folder say of it and of later ones is no longer shown
     * @throws IOException if it cannot be made
     */
    public EventFile(Path folder, long step) throws IOException {
        long now = System.currentTimeMillis();
        this.file = folder.resolve("events.out.tfevents." + now / 1000 + ".nautile."
                + ProcessHandle.current().pid() + "." + now % 1000);
        this.out = new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW));
        write(event(0).add(FILE_VERSION, VERSION));
        write(event(step).add(SESSION_LOG, new Message().add(STATUS, START)));
    }

    /**
     * The file.
     *
     * @return its path
     */
    public Path file() {
        return file;
    }

    /**
     * Writes a number.
     *
     * @param tag what it is; the part before a slash makes a group
     * @param step when
     * @param value the number, which TensorBoard keeps as float32
     * @throws IOException if it cannot be written
     */
    public void scalar(String tag, long step, double value) throws IOException {
        value(step, new Message().add(TAG, tag).add(SIMPLE_VALUE, (float) value));
    }

    /**
     * Writes a text.
     *
     * @param tag what it is
     * @param step when
     * @param markdown the text
     * @throws IOException if it cannot be written
     */
    public void text(String tag, long step, String markdown) throws IOException {
        Message shape = new Message().add(DIM, new Message().add(SIZE, 1));
        value(
                step,
                new Message()
                        .add(TAG, tag)
                        .add(METADATA, new Message().add(PLUGIN, new Message().add(PLUGIN_NAME, "text")))
                        .add(
                                TENSOR,
                                new Message()
                                        .add(DTYPE, STRINGS)
                                        .add(SHAPE, shape)
                                        .add(STRING, markdown)));
    }

    /**
     * Writes a picture.
     *
     * @param tag what it shows
     * @param step when
     * @param png the picture's file
     * @param width pixels
     * @param height pixels
     * @throws IOException if it cannot be written
     */
    public void image(String tag, long step, byte[] png, int width, int height) throws IOException {
        Message image = new Message()
                .add(HEIGHT, height)
                .add(WIDTH, width)
                .add(COLOURS, RGB)
                .add(ENCODED, png);
        value(step, new Message().add(TAG, tag).add(IMAGE, image));
    }

    private void value(long step, Message value) throws IOException {
        write(event(step).add(SUMMARY, new Message().add(VALUE, value)));
    }

    private static Message event(long step) {
        return new Message().add(WALL_TIME, System.currentTimeMillis() / 1e3).add(STEP, step);
    }

    private void write(Message event) throws IOException {
        byte[] data = event.toBytes();
        byte[] length = littleEndian(Long.BYTES).putLong(data.length).array();
        out.write(length);
        out.write(checksum(length));
        out.write(data);
        out.write(checksum(data));
    }

    /** TFRecord's: CRC-32C, turned by 15 bits and shifted, so that a checksum of data with checksums is no checksum. */
    private static byte[] checksum(byte[] data) {
        CRC32C sum = new CRC32C();
        sum.update(data);
        int value = Integer.rotateRight((int) sum.getValue(), 15) + 0xA282EAD8;
        return littleEndian(Integer.BYTES).putInt(value).array();
    }

    private static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Lets readers see all that was written.
     *
     * @throws IOException if it cannot be written
     */
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
