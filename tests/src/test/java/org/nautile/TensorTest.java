package org.nautile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TensorTest {
    private final Scope scope = new Scope();

    @AfterEach
    void closeScope() {
        scope.close();
    }

    private static float[] count(int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = i;
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void picturesMayLieChannelsLast(Device device) {
        Shape shape = Shape.of(2, 3, 4, 5);
        float[] values = count(120);
        Tensor plain = Tensor.of(device, values, shape);
        Tensor last = plain.channelsLast();
        assertTrue(last.isChannelsLast() && last.isDense() && !last.isContiguous());
        assertArrayEquals(new long[] {60, 1, 15, 3}, last.strides());
        assertArrayEquals(values, last.toFloatArray(), "the same order outside");
        assertSame(last, last.channelsLast());
        assertSame(last, last.laidOutAs(last));
        assertSame(plain, plain.laidOutAs(plain));
        assertTrue(last.laidOutAs(plain).isContiguous() && plain.laidOutAs(last).isChannelsLast());
        assertTrue(last.emptyLike().isChannelsLast() && plain.emptyLike().isContiguous());
        assertArrayEquals(values, last.contiguous().toFloatArray());
        assertEquals(7, last.fill(7).toFloatArray()[119]);
        Tensor half = plain.view(Shape.of(2, 3, 4, 2), 0, 60, 20, 5, 2);
        assertFalse(half.isDense());
        assertTrue(half.emptyLike().isContiguous());
        refused(() -> half.fill(0), "fill: [2,3,4,2] float32", "not dense");
        Tensor gray = Tensor.of(device, values, Shape.of(6, 1, 4, 5));
        assertTrue(gray.isContiguous() && gray.isChannelsLast(), "both at once");
        assertSame(gray, gray.laidOutAs(last.view(Shape.of(6, 1, 4, 5), 0, 20, 20, 5, 1)));
        refused(() -> Tensor.zeros(2, 3).channelsLast(), "channels-last: [2,3]");
    }

    private static void refused(Executable use, String... parts) {
        Errors.says(ShapeException.class, use, parts);
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void everyTypeComesBackAsItWas(Device device) {
        for (Object array : new Object[] {
            new float[] {1.5F, -0.0F, Float.NaN, Float.MIN_VALUE, Float.NEGATIVE_INFINITY, 7},
            new int[] {Integer.MIN_VALUE, -1, 0, 1, 2, Integer.MAX_VALUE},
            new long[] {Long.MIN_VALUE, -1, 0, 1, (1L << 53) + 1, Long.MAX_VALUE},
            new byte[] {-128, -1, 0, 1, 2, 127}
        }) {
            Tensor tensor = Tensor.of(device, array, Shape.of(2, 3));
            assertSameBits(array, tensor.toArray());
            assertSameBits(array, tensor.copy().toArray());
            Tensor turned = tensor.view(Shape.of(3, 2), 0, 1, 3);
            assertSameBits(array, turned.copy().view(Shape.of(2, 3), 0, 1, 2).toArray());
            assertEquals(
                    array.getClass(),
                    Tensor.full(device, tensor.dtype(), Shape.of(1), 3)
                            .toArray()
                            .getClass());
            assertEquals(3, Tensor.full(device, tensor.dtype(), Shape.SCALAR, 3).item());
            assertEquals(0, Tensor.empty(device, tensor.dtype(), Shape.of(0)).toDoubleArray().length);
        }
        assertArrayEquals(
                new double[] {255, 0, 128},
                Tensor.of(device, new byte[] {-1, 0, -128}, Shape.of(3)).toDoubleArray());
    }

    private static void assertSameBits(Object expected, Object found) {
        if (expected instanceof float[] floats) {
            for (int i = 0; i < floats.length; i++) {
                assertEquals(Float.floatToRawIntBits(floats[i]), Float.floatToRawIntBits(((float[]) found)[i]));
            }
        } else if (expected instanceof int[] ints) {
            assertArrayEquals(ints, (int[]) found);
        } else if (expected instanceof long[] longs) {
            assertArrayEquals(longs, (long[]) found);
        } else {
            assertArrayEquals((byte[]) expected, (byte[]) found);
        }
    }

    /** Arrays are copied in pieces of 1 MiB. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void largeArraysComeBackAsTheyWere(Device device) {
        float[] values = count((1 << 19) + 3);
        assertArrayEquals(
                values, Tensor.of(device, values, Shape.of(values.length)).toFloatArray());
    }

    @Test
    void float64LivesOnReferenceAlone() {
        double[] values = {0.1, Double.MIN_VALUE};
        Tensor tensor = Tensor.of(Devices.reference(), values, Shape.of(2));
        assertEquals(DType.FLOAT64, tensor.dtype());
        assertArrayEquals(values, (double[]) tensor.toArray());
        Device cpu = Devices.cpu();
        refused(() -> Tensor.of(cpu, values, Shape.of(2)), "float64", "cpu");
        refused(() -> tensor.to(cpu), "float64", "cpu");
    }

    @Test
    void onlyNumberArraysBecomeTensors() {
        Device device = Devices.reference();
        Errors.says(
                IllegalArgumentException.class,
                () -> Tensor.of(device, new short[2], Shape.of(2)),
                "short[]",
                "float[]");
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void movesBetweenDevices(Device device) {
        Tensor here = Tensor.of(Devices.reference(), count(6), Shape.of(2, 3)).view(Shape.of(3, 2), 0, 1, 3);
        Tensor there = here.to(device);
        assertSame(device, there.device());
        assertArrayEquals(new float[] {0, 3, 1, 4, 2, 5}, there.toFloatArray());
        assertSame(there, there.to(device));
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void viewsShareElements(Device device) {
        Tensor whole = Tensor.of(device, count(12), Shape.of(3, 4));
        Tensor middle = whole.view(Shape.of(3, 2), 1, 4, 1);
        assertEquals("[3,2] float32 on " + device, middle.toString());
        assertFalse(middle.isContiguous());
        assertArrayEquals(new float[] {1, 2, 5, 6, 9, 10}, middle.toFloatArray());
        assertArrayEquals(new long[] {4, 1}, middle.strides());
        assertEquals(4, middle.stride(-2));
        assertEquals(1, middle.offset());
        middle.copyFrom(Tensor.full(device, DType.FLOAT32, Shape.of(3, 2), -1));
        assertArrayEquals(new float[] {0, -1, -1, 3, 4, -1, -1, 7, 8, -1, -1, 11}, whole.toFloatArray());

        Tensor backwards = Tensor.of(device, count(4), Shape.of(4)).view(Shape.of(4), 3, -1);
        assertArrayEquals(new float[] {3, 2, 1, 0}, backwards.toFloatArray());
        Tensor repeated = Tensor.of(device, count(2), Shape.of(2)).view(Shape.of(3, 2), 0, 0, 1);
        assertArrayEquals(new float[] {0, 1, 0, 1, 0, 1}, repeated.toFloatArray());
    }

    @Test
    void viewsOutsideTheStorageAreRefused() {
        Tensor tensor = Tensor.of(Devices.reference(), count(6), Shape.of(6));
        refused(() -> tensor.view(Shape.of(7), 0, 1), "0 to 6", "of 6");
        refused(() -> tensor.view(Shape.of(2), 5, 1), "5 to 6");
        refused(() -> tensor.view(Shape.of(2), 0, -1), "-1 to 0");
        refused(() -> tensor.view(Shape.of(1), -1, 1), "-1");
        refused(() -> tensor.view(Shape.of(2, 2), 0, 4, 2), "0 to 6");
        refused(() -> tensor.view(Shape.of(2, 3), 0, 1), "[2,3]", "1 strides");
        assertThrows( // the sum of both steps is negative when it wraps
                ArithmeticException.class, () -> tensor.view(Shape.of(2, 2), 0, Long.MAX_VALUE, Long.MAX_VALUE));
        assertEquals(0, tensor.view(Shape.of(0), 6, 1).size(), "nothing, at the end");
    }

    @Test
    void stridesOfAViewAreItsOwn() {
        Tensor tensor = Tensor.of(Devices.reference(), count(6), Shape.of(2, 3));
        long[] strides = {1, 3};
        Tensor turned = tensor.view(Shape.of(3, 2), 0, strides);
        strides[1] = 1_000_000;
        turned.strides()[0] = 1_000_000;
        assertArrayEquals(new float[] {0, 3, 1, 4, 2, 5}, turned.toFloatArray());
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void reshapeIsAViewWhereStridesAllowIt(Device device) {
        Tensor tensor = Tensor.of(device, count(6), Shape.of(2, 3));
        Tensor line = tensor.reshape(Shape.of(6));
        assertSame(tensor.storage(), line.storage());
        Tensor copied = tensor.view(Shape.of(3, 2), 0, 1, 3).reshape(Shape.of(6));
        assertNotSame(tensor.storage(), copied.storage());
        assertArrayEquals(new float[] {0, 3, 1, 4, 2, 5}, copied.toFloatArray());
        line.fill(9);
        assertEquals(9, tensor.view(Shape.SCALAR, 0).item());
        assertEquals(0, copied.view(Shape.SCALAR, 0).item(), "a copy does not change with the original");
        refused(() -> tensor.reshape(Shape.of(5)), "[2,3]", "[5]", "6");
    }

    @Test
    void contiguityIgnoresAxesOfOneElement() {
        Tensor tensor = Tensor.of(Devices.reference(), count(6), Shape.of(6));
        assertTrue(tensor.view(Shape.of(2, 1, 3), 0, 3, 99, 1).isContiguous());
        assertTrue(tensor.view(Shape.of(0, 3), 0, 7, 7).isContiguous());
        assertFalse(tensor.view(Shape.of(2, 3), 0, 1, 2).isContiguous());
        assertSame(tensor, tensor.contiguous());
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void errorsNameBothSides(Device device) {
        Tensor tensor = Tensor.of(device, count(6), Shape.of(2, 3));
        Tensor turned = tensor.view(Shape.of(3, 2), 0, 1, 3);
        refused(() -> Tensor.of(device, count(5), Shape.of(2, 3)), "[2,3] float32 on " + device, "5 elements of float");
        refused(() -> tensor.set(new int[6]), "[2,3] float32", "6 elements of int");
        refused(() -> turned.set(count(6)), "not contiguous", "[1, 3]");
        refused(() -> turned.fill(1), "not dense", "[1, 3]");
        refused(() -> tensor.item(), "[2,3]", "6");
        Tensor other = Tensor.of(device, count(6), Shape.of(3, 2));
        refused(() -> tensor.copyFrom(other), "[3,2] float32", "[2,3] float32");
        Tensor ints = Tensor.of(device, new int[6], Shape.of(2, 3));
        refused(() -> tensor.copyFrom(ints), "[2,3] int32", "[2,3] float32");
    }

    @Test
    void copyingBetweenDevicesWantsTo() {
        Tensor here = Tensor.of(Devices.reference(), count(2), Shape.of(2));
        Tensor there = Tensor.of(Devices.cpu(), count(2), Shape.of(2));
        refused(() -> here.copyFrom(there), "[2] float32 on cpu", "[2] float32 on reference");
    }

    /** A shape that does not fit is found before memory is asked for. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void hugeShapesAreRefusedAsShapes(Device device) {
        refused(() -> Tensor.of(device, count(3), Shape.of(1L << 50)), "3 elements");
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void closedTensorsThrow(Device device) {
        Tensor tensor = Tensor.of(device, count(6), Shape.of(2, 3));
        Tensor open = Tensor.of(device, count(6), Shape.of(2, 3));
        Tensor view = tensor.view(Shape.of(3), 0, 1);
        tensor.close();
        tensor.close();
        assertTrue(tensor.isClosed());
        assertEquals("[2,3] float32 on " + device, tensor.toString());
        for (Executable use : List.<Executable>of(
                tensor::toArray,
                tensor::copy,
                tensor::detach,
                tensor::address,
                () -> tensor.fill(1),
                () -> tensor.set(count(6)),
                () -> tensor.copyFrom(open),
                () -> open.copyFrom(tensor),
                () -> tensor.reshape(Shape.of(6)),
                () -> tensor.view(Shape.of(1), 0, 1),
                () -> tensor.view(Shape.of(0), 0, 1))) {
            Errors.says(IllegalStateException.class, use, "[2,3] float32", "closed");
        }
        assertArrayEquals(new float[] {0, 1, 2}, view.toFloatArray(), "a view keeps the elements");
    }
}
