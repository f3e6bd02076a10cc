package org.nautile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeTest {
    private static Shape shape(String text) {
        String inside = text.substring(1, text.length() - 1);
        return inside.isEmpty()
                ? Shape.SCALAR
                : Shape.of(Arrays.stream(inside.split(" ", -1))
                        .mapToLong(Long::parseLong)
                        .toArray());
    }

    @Test
    void sizes() {
        assertEquals(1, Shape.SCALAR.size());
        assertEquals(0, Shape.SCALAR.rank());
        assertEquals(24, Shape.of(2, 3, 4).size());
        assertEquals(0, Shape.of(3, 0, 5).size());
        assertEquals("[2,0,3]", Shape.of(2, 0, 3).toString());
        assertEquals(Shape.SCALAR, Shape.of());
        assertEquals(Shape.of(2, 3), Shape.of(2, 3));
        assertEquals(Shape.of(2, 3).hashCode(), Shape.of(2, 3).hashCode());
        assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
    }

    @Test
    void negativeExtentsAreNamed() {
        Errors.says(ShapeException.class, () -> Shape.of(2, -1), "[2, -1]", "extent 1");
    }

    @Test
    void tooManyElementsAreAnErrorNotAWrappedNumber() {
        assertEquals(Long.MAX_VALUE, Shape.of(Long.MAX_VALUE).size());
        assertThrows(ArithmeticException.class, () -> Shape.of(1L << 32, 1L << 31));
        assertThrows(ArithmeticException.class, () -> Shape.of(1L << 32, 1L << 32)); // would wrap to 0
    }

    @Test
    void axesCountFromBothEnds() {
        Shape shape = Shape.of(2, 3, 4);
        assertEquals(4, shape.dim(-1));
        assertEquals(2, shape.dim(-3));
        assertEquals(1, shape.axis(-2));
        assertEquals(Shape.of(2, 3, 7), shape.with(-1, 7));
        assertEquals(Shape.of(2, 4), shape.without(1));
        assertEquals(Shape.SCALAR, Shape.of(5).without(0));
        for (int axis : new int[] {3, -4}) {
            Errors.says(ShapeException.class, () -> shape.dim(axis), axis + " of shape [2,3,4]");
        }
    }

    @Test
    void immutable() {
        long[] dims = {2, 3};
        Shape shape = Shape.of(dims);
        dims[0] = 9;
        shape.dims()[1] = 9;
        assertArrayEquals(new long[] {2, 3}, shape.dims());
    }

    @ParameterizedTest
    @CsvSource({
        "[2 3], [2 3], [2 3]",
        "[2 3], [3], [2 3]",
        "[3], [2 1], [2 3]",
        "[], [2 3], [2 3]",
        "[4 1 3], [5 1], [4 5 3]",
        "[0], [1], [0]",
        "[2 0], [1 1], [2 0]"
    })
    void broadcastsAsNumPyDoes(String a, String b, String result) {
        assertEquals(shape(result), Shape.broadcast("add", shape(a), shape(b)));
        assertEquals(shape(result), Shape.broadcast("add", shape(b), shape(a)));
    }

    @ParameterizedTest
    @CsvSource({"[2 3], [2], -1", "[2 3], [3 3], -2", "[0], [2], -1"})
    void refusedBroadcastsNameOpBothSidesAndAxis(String a, String b, String axis) {
        Errors.says(
                ShapeException.class,
                () -> Shape.broadcast("add", shape(a), shape(b)),
                "add",
                shape(a).toString(),
                shape(b).toString(),
                "axis " + axis);
    }
}
