package org.nautile.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;

/**
 * Named tensors in the safetensors format: the length of a JSON header (64-bit, little-endian), the header, the elements. F32,
 * F64, I32, I64 and U8 are read as they are, F16 and BF16 as float32. A header that does not fit the file is refused.
 */
public final class Safetensors {
    private static final long HEADER_LIMIT = 100_000_000;
    private static final int BLOCK = 1 << 14; // elements, few enough for the Java heap's short-lived part
    private static final String METADATA = "__metadata__";

    private final Path file;
    private final Map<String, Entry> entries;
    private final Map<String, String> metadata;

    /** Where a tensor lies in the file. */
    private record Entry(String dtype, Shape shape, long start, long end) {}

    private Safetensors(Path file, Map<String, Entry> entries, Map<String, String> metadata) {
        this.file = file;
        this.entries = entries;
        this.metadata = metadata;
    }

    /**
     * Reads a file's header.
     *
     * @param file the file
     * @return its tensors, not yet read
     * @throws DataException if the header is not what it should be
     * @throws IOException if it cannot be read
     */
    public static Safetensors open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < 8) {
                throw new DataException(file, 0, size + " bytes found, at least 8 expected");
            }
            long length = read(file, channel, 0, 8).getLong();
            if (length < 2 || length > HEADER_LIMIT || length > size - 8) {
                throw new DataException(
                        file,
                        0,
                        "header length " + Long.toUnsignedString(length) + " found, from 2 to "
                                + Math.min(HEADER_LIMIT, size - 8) + " expected");
            }
            String text = StandardCharsets.UTF_8
                    .decode(read(file, channel, 8, (int) length))
                    .toString();
            try {
                return parse(file, Json.parse(text), 8 + length, size);
            } catch (IllegalArgumentException e) {
                throw new DataException(file, 8, "bad header: " + e.getMessage());
            }
        }
    }

    private static Safetensors parse(Path file, @Nullable Object header, long data, long size) throws DataException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<?, ?> field : map(header, "header").entrySet()) {
            String name = (String) field.getKey();
            if (name.equals(METADATA)) {
                map(field.getValue(), METADATA)
                        .forEach((key, value) -> metadata.put((String) key, String.valueOf(value)));
                continue;
            }
            Map<?, ?> fields = map(field.getValue(), name);
            List<Long> offsets = numbers(fields.get("data_offsets"), name + ".data_offsets");
            List<Long> dims = numbers(fields.get("shape"), name + ".shape");
            String dtype = String.valueOf(fields.get("dtype"));
            if (offsets.size() != 2
                    || offsets.get(0) < 0
                    || offsets.get(1) < offsets.get(0)
                    || offsets.get(1) > size - data) {
                throw new IllegalArgumentException(
                        name + ": data_offsets " + offsets + " of " + (size - data) + " bytes");
            }
            Shape shape = shape(name, dims);
            if (shape.size() > (size - data) / width(name, dtype)) {
                throw new IllegalArgumentException(
                        name + ": " + shape + " " + dtype + " is more than the file's " + (size - data) + " bytes");
            }
            long bytes = shape.size() * width(name, dtype);
            if (bytes != offsets.get(1) - offsets.get(0)) {
                throw new IllegalArgumentException(
                        name + ": " + shape + " " + dtype + " is " + bytes + " bytes, data_offsets " + offsets);
            }
            entries.put(name, new Entry(dtype, shape, data + offsets.get(0), data + offsets.get(1)));
        }
        List<Entry> inOrder = new ArrayList<>(entries.values());
        // An empty tensor comes before the one that begins where it lies.
        inOrder.sort(Comparator.comparingLong(Entry::start).thenComparingLong(Entry::end));
        long end = data;
        for (Entry entry : inOrder) {
            if (entry.start() < end) {
                throw new IllegalArgumentException("two tensors overlap at offset " + entry.start());
            }
            ends(end, entry.start());
            end = entry.end();
        }
        ends(end, size);
        return new Safetensors(file, entries, metadata);
    }

    /** The format allows no bytes that belong to no tensor. */
    private static void ends(long end, long expected) {
        if (end != expected) {
            throw new IllegalArgumentException("offsets " + end + " to " + expected + " belong to no tensor");
        }
    }

    private static Shape shape(String name, List<Long> dims) {
        try {
            return Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
        } catch (ShapeException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(name + ": shape " + dims + " has more than 2^63 elements", e);
        }
    }

    private static Map<?, ?> map(@Nullable Object value, String name) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalArgumentException(name + " is not an object");
    }

    private static List<Long> numbers(@Nullable Object value, String name) {
        List<Long> numbers = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object element : list) {
                if (!(element instanceof Long number)) {
                    throw new IllegalArgumentException(name + " holds " + element + ", not a whole number");
                }
                numbers.add(number);
            }
            return numbers;
        }
        throw new IllegalArgumentException(name + " is not a list");
    }

    private static int width(String name, String dtype) {
        return switch (dtype) {
            case "F64", "I64" -> 8;
            case "F32", "I32" -> 4;
            case "F16", "BF16" -> 2;
            case "U8" -> 1;
            default -> throw new IllegalArgumentException(name + ": type " + dtype + " is not supported");
        };
    }

    private static ByteBuffer read(Path file, FileChannel channel, long start, int size) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        fill(file, channel, start, buffer);
        return buffer;
    }

    /** Reads as many bytes as the buffer has room for. */
    private static void fill(Path file, FileChannel channel, long start, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, start + buffer.position()) < 0) {
                throw new DataException(
                        file, start + buffer.position(), "end of file, " + buffer.limit() + " bytes expected");
            }
        }
        buffer.flip();
    }

    /**
     * The names of the tensors.
     *
     * @return in the order of the header
     */
    public Set<String> names() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /**
     * The header's remarks.
     *
     * @return key and text
     */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /**
     * The shape of a tensor.
     *
     * @param name one of {@link #names}
     * @return its shape
     */
    public Shape shape(String name) {
        return entry(name).shape();
    }

    /**
     * The type of a tensor's elements, as they are read.
     *
     * @param name one of {@link #names}
     * @return float32 also for F16 and BF16
     */
    public DType dtype(String name) {
        return switch (entry(name).dtype()) {
            case "F64" -> DType.FLOAT64;
            case "I32" -> DType.INT32;
            case "I64" -> DType.INT64;
            case "U8" -> DType.UINT8;
            default -> DType.FLOAT32;
        };
    }

    /**
     * Overwrites a tensor with one of the file, block by block: beside the tensor itself, hardly any memory is needed.
     *
     * @param name one of {@link #names}
     * @param into contiguous, of that shape and type, on any device
     * @throws ShapeException if shape or type differ
     * @throws IOException if the file cannot be read
     */
    public void read(String name, Tensor into) throws IOException {
        Entry entry = entry(name);
        if (!into.shape().equals(entry.shape()) || into.dtype() != dtype(name) || !into.isContiguous()) {
            throw new ShapeException(
                    file + ": '" + name + "' is " + entry.shape() + " " + dtype(name) + ", not " + into);
        }
        int width = width(name, entry.dtype());
        int block = (int) Math.min(BLOCK, into.size());
        ByteBuffer in = ByteBuffer.allocate(block * width).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                Scope scope = new Scope()) {
            Object elements = array(into.dtype(), block);
            for (long done = 0; done < into.size(); done += block) {
                int count = (int) Math.min(block, into.size() - done);
                fill(file, channel, entry.start() + done * width, in.clear().limit(count * width));
                elements = count == block ? elements : array(into.dtype(), count);
                decode(entry.dtype(), in, elements);
                into.view(Shape.of(count), into.offset() + done, 1).set(elements);
            }
        }
    }

    /**
     * Reads a tensor.
     *
     * @param name one of {@link #names}
     * @param device where it goes
     * @return contiguous, owned by the innermost open scope
     * @throws IOException if the file cannot be read
     */
    public Tensor tensor(String name, Device device) throws IOException {
        return Tensor.of(device, array(name), shape(name));
    }

    /**
     * Reads a tensor's elements.
     *
     * @param name one of {@link #names}
     * @return a float[], double[], int[], long[] or byte[]
     * @throws IOException if the file cannot be read
     */
    public Object array(String name) throws IOException {
        Entry entry = entry(name);
        ByteBuffer in;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            in = read(file, channel, entry.start(), Math.toIntExact(entry.end() - entry.start()));
        }
        Object elements = array(dtype(name), Math.toIntExact(entry.shape().size()));
        decode(entry.dtype(), in, elements);
        return elements;
    }

    private static Object array(DType dtype, int count) {
        return switch (dtype) {
            case FLOAT32 -> new float[count];
            case FLOAT64 -> new double[count];
            case INT32 -> new int[count];
            case INT64 -> new long[count];
            case UINT8 -> new byte[count];
        };
    }

    /** Overwrites a whole array. */
    private static void decode(String dtype, ByteBuffer in, Object into) {
        switch (dtype) {
            case "F32" -> in.asFloatBuffer().get((float[]) into);
            case "F64" -> in.asDoubleBuffer().get((double[]) into);
            case "I32" -> in.asIntBuffer().get((int[]) into);
            case "I64" -> in.asLongBuffer().get((long[]) into);
            case "U8" -> in.get((byte[]) into);
            default -> {
                float[] values = (float[]) into;
                for (int i = 0; i < values.length; i++) {
                    short bits = in.getShort(2 * i);
                    values[i] = dtype.equals("BF16") ? Float.intBitsToFloat(bits << 16) : half(bits);
                }
            }
        }
    }

    private Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException(file + ": no tensor '" + name + "'; there are " + entries.keySet());
        }
        return entry;
    }

    /** The value of IEEE 754 binary16. */
    static float half(short bits) {
        int exponent = bits >> 10 & 0x1F;
        int fraction = bits & 0x3FF;
        float magnitude = switch (exponent) {
            case 0 -> fraction * 0x1p-24F;
            case 0x1F -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
            default -> Float.intBitsToFloat((exponent + 112) << 23 | fraction << 13);
        };
        return bits < 0 ? -magnitude : magnitude;
    }

    /**
     * Writes tensors, whole or not at all.
     *
     * @param file the file; one that is there is replaced
     * @param tensors the tensors by name, on any device
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
        StringBuilder header = new StringBuilder("{");
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            header.append(header.length() == 1 ? "" : ",")
                    .append(Json.quote(entry.getKey()))
                    .append(":{\"dtype\":\"")
                    .append(code(tensor.dtype()))
                    .append("\",\"shape\":")
                    .append(tensor.shape())
                    .append(",\"data_offsets\":[")
                    .append(offset)
                    .append(',')
                    .append(offset += tensor.size() * tensor.dtype().bytes())
                    .append("]}");
        }
        byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
        byte[] text = Arrays.copyOf(json, (json.length + 7) / 8 * 8); // readers may map the data
        Arrays.fill(text, json.length, text.length, (byte) ' ');
        AtomicFile.write(file, out -> {
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(text.length)
                    .array());
            out.write(text);
            for (Tensor tensor : tensors.values()) {
                out.write(bytes(tensor)); // one after the other: all together may be more than the Java heap holds
            }
        });
    }

    private static String code(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> "F32";
            case FLOAT64 -> "F64";
            case INT32 -> "I32";
            case INT64 -> "I64";
            case UINT8 -> "U8";
        };
    }

    private static byte[] bytes(Tensor tensor) {
        Object array = tensor.toArray();
        int size = Math.toIntExact(tensor.size() * tensor.dtype().bytes());
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        switch (tensor.dtype()) {
            case FLOAT32 -> out.asFloatBuffer().put((float[]) array);
            case FLOAT64 -> out.asDoubleBuffer().put((double[]) array);
            case INT32 -> out.asIntBuffer().put((int[]) array);
            case INT64 -> out.asLongBuffer().put((long[]) array);
            case UINT8 -> out.put((byte[]) array);
        }
        return out.array();
    }
}
