package org.nautile.models.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads event files without the code that writes them: TFRecords with their checksums, and the fields of messages. */
public final class EventReader {
    private static final int POLYNOMIAL = 0x82F63B78; // of Castagnoli, the lowest bit first

    /** An event; null or NaN is what it does not hold. */
    public record Event(
            double time, long step, String version, long status, String tag, Map<Integer, List<Object>> value) {
        /** What is in a field of the value, as bytes. */
        public byte[] bytes(int field) {
            return (byte[]) only(value, field);
        }

        /** The number of a scalar. */
        public float scalar() {
            return Float.intBitsToFloat((int) (long) (Long) only(value, 2));
        }
    }

    private EventReader() {}

    /** All events of a file; fails where a length, a checksum or a field is wrong. */
    public static List<Event> read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] length = take(bytes, 8);
            assertEquals(masked(length), bytes.getInt(), "checksum of a length");
            byte[] data = take(
                    bytes,
                    Math.toIntExact(ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()));
            assertEquals(masked(data), bytes.getInt(), "checksum of an event");
            events.add(event(data));
        }
        return events;
    }

    private static byte[] take(ByteBuffer bytes, int count) {
        assertTrue(count >= 0 && count <= bytes.remaining(), () -> count + " of " + bytes.remaining() + " bytes");
        byte[] part = new byte[count];
        bytes.get(part);
        return part;
    }

    static int crc(byte... data) {
        int crc = -1;
        for (byte one : data) {
            crc ^= one & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
            }
        }
        return ~crc;
    }

    static int masked(byte... data) {
        int crc = crc(data);
        return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static Event event(byte[] data) {
        Map<Integer, List<Object>> fields = fields(data);
        assertTrue(fields.containsKey(1), "an event has a time");
        Map<Integer, List<Object>> value = Map.of();
        String tag = "";
        if (fields.containsKey(5)) {
            value = fields((byte[]) only(fields((byte[]) only(fields, 5)), 1));
            tag = text(only(value, 1));
        }
        return new Event(
                Double.longBitsToDouble((Long) only(fields, 1)),
                fields.containsKey(2) ? (Long) only(fields, 2) : 0,
                fields.containsKey(3) ? text(only(fields, 3)) : "",
                fields.containsKey(7) ? (Long) only(fields((byte[]) only(fields, 7)), 1) : -1,
                tag,
                value);
    }

    static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }

    static Object only(Map<Integer, List<Object>> fields, int number) {
        List<Object> values = fields.getOrDefault(number, List.of());
        assertEquals(1, values.size(), () -> "field " + number + " of " + fields.keySet());
        return values.get(0);
    }

    /** The fields of a message: numbers as Long, the bits of floating ones too; the rest as bytes. */
    static Map<Integer, List<Object>> fields(byte... message) {
        ByteBuffer bytes = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        Map<Integer, List<Object>> fields = new LinkedHashMap<>();
        while (bytes.hasRemaining()) {
            long key = varint(bytes);
            Object value = switch ((int) key & 7) {
                case 0 -> varint(bytes);
                case 1 -> bytes.getLong();
                case 2 -> take(bytes, Math.toIntExact(varint(bytes)));
                case 5 -> (long) bytes.getInt();
                default -> throw new AssertionError("wire type of key " + key);
            };
            fields.computeIfAbsent((int) (key >>> 3), any -> new ArrayList<>()).add(value);
        }
        return fields;
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte part = bytes.get();
            value |= (part & 0x7FL) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw new AssertionError("a number of more than ten bytes");
    }
}
