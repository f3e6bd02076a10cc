package org.nautile.models.tensorboard;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A message in the wire format of protocol buffers: each field is a number, shifted left by three, with the way its value is
 * written below it, and then the value. Source: protobuf.dev/programming-guides/encoding.
 */
final class Message {
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int LENGTH_FIRST = 2;
    private static final int FOUR_BYTES = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** An integer or an enumeration's constant. */
    Message add(int field, long value) {
        varint(((long) field << 3) | VARINT);
        varint(value);
        return this;
    }

    Message add(int field, double value) {
        varint(((long) field << 3) | EIGHT_BYTES);
        littleEndian(Double.doubleToRawLongBits(value), Double.BYTES);
        return this;
    }

    Message add(int field, float value) {
        varint(((long) field << 3) | FOUR_BYTES);
        littleEndian(Float.floatToRawIntBits(value), Float.BYTES);
        return this;
    }

    Message add(int field, byte[] value) {
        varint(((long) field << 3) | LENGTH_FIRST);
        varint(value.length);
        bytes.writeBytes(value);
        return this;
    }

    Message add(int field, String value) {
        return add(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message add(int field, Message value) {
        return add(field, value.toBytes());
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    /** Seven bits a byte, the lowest first; the eighth says that more follow. */
    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes.write((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    private void littleEndian(long bits, int count) {
        for (int i = 0; i < count; i++) {
            bytes.write((int) (bits >>> (8 * i)));
        }
    }
}
