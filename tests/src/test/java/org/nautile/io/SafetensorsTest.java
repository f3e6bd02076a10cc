package org.nautile.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;

/** Weights go out and come back with the same bits; headers that lie are refused. */
class SafetensorsTest {
    private static final Device REFERENCE = Device.of("reference");

    @TempDir
    private Path folder = Path.of("");

    private Path file(String header, byte... data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return file(text.length, text, data);
    }

    private Path file(long length, byte[] header, byte... data) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        return Files.write(
                folder.resolve("file.safetensors"),
                out.putLong(length).put(header).put(data).array());
    }

    @Test
    void everyTypeComesBackAsItWas() throws IOException {
        try (Scope scope = new Scope()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put(
                    "w\u00E4ght \"0\"",
                    Tensor.of(
                            REFERENCE, new float[] {1, -0.0F, Float.NaN, Float.MIN_VALUE, 1e38F, -3}, Shape.of(2, 3)));
            tensors.put("b", Tensor.of(REFERENCE, new byte[] {0, 127, -128}, Shape.of(3)));
            tensors.put("empty", Tensor.of(REFERENCE, new float[0], Shape.of(0, 5)));
            tensors.put("d", Tensor.of(REFERENCE, new double[] {Math.PI}, Shape.SCALAR));
            tensors.put("i", Tensor.of(REFERENCE, new int[] {Integer.MIN_VALUE, 7}, Shape.of(1, 2, 1)));
            tensors.put("l", Tensor.of(REFERENCE, new long[] {Long.MAX_VALUE}, Shape.of(1)));
            Path file = folder.resolve("all.safetensors");
            Safetensors.write(file, tensors);

            Safetensors read = Safetensors.open(file);
            assertEquals(new ArrayList<>(tensors.keySet()), new ArrayList<>(read.names()));
            tensors.forEach((name, tensor) -> {
                Tensor back = tensor(read, name);
                assertEquals(tensor.dtype(), back.dtype());
                assertEquals(tensor.shape(), back.shape());
                assertArrayEquals(bits(tensor.toArray()), bits(back.toArray()), name);
            });
            long header = ByteBuffer.wrap(Files.readAllBytes(file))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            assertEquals(0, header % 8, "the data is aligned");
        }
    }

    private static Tensor tensor(Safetensors file, String name) {
        try {
            return file.tensor(name, REFERENCE);
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }

    /** Floats by their bits: assertEquals takes all NaN for one and tells zeros apart only sometimes. */
    private static Object[] bits(Object array) {
        Object[] result = new Object[java.lang.reflect.Array.getLength(array)];
        for (int i = 0; i < result.length; i++) {
            Object value = java.lang.reflect.Array.get(array, i);
            result[i] = value instanceof Float number ? (Object) Float.floatToRawIntBits(number) : value;
        }
        return result;
    }

    @Test
    void halfPrecisionIsReadAsFloat() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(4 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int twice = 0; twice < 2; twice++) {
            for (int bits = 0; bits < 1 << 16; bits++) {
                all.putShort((short) bits);
            }
        }
        Safetensors read = Safetensors.open(file(
                "{\"b\":{\"dtype\":\"BF16\",\"shape\":[65536],\"data_offsets\":[131072,262144]},"
                        + "\"h\":{\"dtype\":\"F16\",\"shape\":[256,256],\"data_offsets\":[0,131072]},"
                        + "\"__metadata__\":{\"format\":\"pt\"}}",
                all.array()));
        assertEquals(Map.of("format", "pt"), read.metadata());
        assertEquals(Shape.of(256, 256), read.shape("h"));
        float[] halves = (float[]) read.array("h");
        float[] brains = (float[]) read.array("b");
        for (int bits = 0; bits < 1 << 16; bits++) {
            assertEquals(Float.intBitsToFloat(bits << 16), brains[bits]);
            // IEEE 754, in double: sign, exponent of 5 bits with bias 15, fraction of 10 bits
            int exponent = bits >> 10 & 31;
            double fraction = (bits & 1023) / 1024.0;
            double magnitude = exponent == 31
                    ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                    : exponent == 0 ? Math.scalb(fraction, -14) : Math.scalb(1 + fraction, exponent - 15);
            assertEquals((float) (bits >> 15 == 1 ? -magnitude : magnitude), halves[bits]);
        }
    }

    /** Of more than one block. */
    @Test
    void readsIntoATensor() throws IOException {
        float[] values = new float[600_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Path file = folder.resolve("long.safetensors");
        try (Scope scope = new Scope()) {
            Safetensors.write(file, Map.of("a", Tensor.of(values, values.length), "b", Tensor.zeros(2)));
            Safetensors saved = Safetensors.open(file);
            Tensor into = Tensor.zeros(values.length);
            saved.read("a", into);
            assertArrayEquals(values, into.toFloatArray());
            String message = assertThrows(ShapeException.class, () -> saved.read("b", into))
                    .getMessage();
            assertTrue(message.contains("'b' is [2] float32, not [600001]"), message);
        }
    }

    @Test
    void emptyTensorsAndAnyOrderAreAllowed() throws IOException {
        Safetensors read = Safetensors.open(file(
                "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
                        + "\"none\":{\"dtype\":\"F32\",\"shape\":[2,0],\"data_offsets\":[1,1]},"
                        + "\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}",
                (byte) 5,
                (byte) 6));
        assertArrayEquals(new byte[] {5}, (byte[]) read.array("a"));
        assertArrayEquals(new byte[] {6}, (byte[]) read.array("b"));
        assertArrayEquals(new float[0], (float[]) read.array("none"));
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> read.array("c"))
                .getMessage());
        assertTrue(message.contains("no tensor 'c'; there are [b, none, a]"), message);
    }

    private static String tensor(String name, String dtype, String shape, String offsets) {
        return String.format("\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}", name, dtype, shape, offsets);
    }

    private static String a(String dtype, String shape, String offsets) {
        return "{" + tensor("a", dtype, shape, offsets) + "}";
    }

    /** Each with eight bytes of data. */
    static Stream<Arguments> hostileHeaders() {
        String good = tensor("a", "F32", "[2]", "[0,8]");
        return Stream.of(
                arguments("no JSON at all", "character 0 of the JSON"),
                arguments("[]", "header is not an object"),
                arguments("{" + good + "," + good + "}", "'a' is there twice"),
                arguments("[".repeat(100_000), "at most 64 levels"),
                arguments("{\"a\":" + "{\"a\":".repeat(100_000), "at most 64 levels"),
                arguments("{\"a\":7}", "a is not an object"),
                arguments("{\"a\":{}}", "a.data_offsets is not a list"),
                arguments("{" + good + ",\"__metadata__\":[]}", "__metadata__ is not an object"),
                arguments(a("F31", "[2]", "[0,8]"), "a: type F31 is not supported"),
                arguments(a("F32", "2", "[0,8]"), "a.shape is not a list"),
                arguments(a("F32", "[2.5]", "[0,8]"), "a.shape holds 2.5, not a whole number"),
                arguments(a("F32", "[-2]", "[0,8]"), "a: shape [-2]: extent 0 is negative"),
                arguments(a("F32", "[4294967296,4294967296]", "[0,8]"), "has more than 2^63 elements"),
                arguments(a("F64", "[999999999999999999]", "[0,8]"), "is more than the file's 8 bytes"),
                arguments(a("F32", "[3]", "[0,8]"), "a: [3] F32 is more than the file's 8 bytes"),
                arguments(a("F32", "[1]", "[0,8]"), "a: [1] F32 is 4 bytes, data_offsets [0, 8]"),
                arguments(a("F32", "[2]", "[0,9]"), "a: data_offsets [0, 9] of 8 bytes"),
                arguments(a("F32", "[2]", "[8,0]"), "a: data_offsets [8, 0] of 8 bytes"),
                arguments(a("F32", "[2]", "[-8,0]"), "a: data_offsets [-8, 0] of 8 bytes"),
                arguments(a("F32", "[2]", "[8]"), "a: data_offsets [8] of 8 bytes"),
                arguments(a("F32", "[2]", "[0,9223372036854775807]"), "a.data_offsets holds 9.22"),
                arguments("{" + good + "," + tensor("b", "U8", "[1]", "[7,8]") + "}", "two tensors overlap at offset"),
                arguments("{" + good + "," + tensor("b", "U8", "[0]", "[4,4]") + "}", "two tensors overlap at offset"),
                arguments(a("F32", "[1]", "[4,8]"), "belong to no tensor"),
                arguments(a("F32", "[1]", "[0,4]"), "belong to no tensor"),
                arguments("{}", "belong to no tensor"));
    }

    @ParameterizedTest
    @MethodSource("hostileHeaders")
    void refusesHeadersThatDoNotFit(String header, String expected) throws IOException {
        refused(file(header, new byte[8]), "offset 8: bad header: ", expected);
    }

    @Test
    void refusesImpossibleLengths() throws IOException {
        byte[] header = a("F32", "[0]", "[0,0]").getBytes(StandardCharsets.UTF_8);
        assertEquals(1, Safetensors.open(file(header.length, header)).names().size());
        for (long length : new long[] {0, 1, header.length + 1L, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            refused(
                    file(length, header),
                    "offset 0: ",
                    "header length " + Long.toUnsignedString(length) + " found, from 2 to " + header.length
                            + " expected");
        }
        refused(Files.write(folder.resolve("short"), new byte[7]), "offset 0: ", "7 bytes found, at least 8 expected");
    }

    private static void refused(Path file, String place, String problem) {
        String message = String.valueOf(
                assertThrows(DataException.class, () -> Safetensors.open(file)).getMessage());
        assertTrue(message.startsWith(file + ": " + place), message);
        assertTrue(message.contains(problem), message);
    }
}
