package org.nautile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.Conv2dKernel.Geometry;
import org.nautile.backend.UnaryKernel;
import org.nautile.op.ActivationOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.Conv2dOp;
import org.nautile.op.DropoutOp;
import org.nautile.op.MatmulOp;
import org.nautile.op.MaxPool2dOp;
import org.nautile.op.Op;
import org.nautile.op.ScaleOp;
import org.nautile.op.SoftmaxOp;
import org.nautile.op.UnaryOp;

/** Results of more than 8 million elements, which the processor's kernels write past its caches: the same as those of parts. */
@Timeout(120)
class StreamedTest {
    private static final int SIZE = (1 << 23) + 35; // the last vector is not whole
    private static final int COLUMNS = 77;

    private static float[] values(int size, long stream) {
        Generator random = new Generator(9, stream);
        float[] values = new float[size];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat(-4, 4);
        }
        return values;
    }

    /** y and the gradients of all inputs, one after the other; dy is the first input. */
    private static float[][] results(Op op, Shape shape, float[]... inputs) {
        Device device = Devices.cpu();
        try (Scope scope = new Scope()) {
            Tensor[] tensors = new Tensor[inputs.length];
            for (int i = 0; i < tensors.length; i++) {
                tensors[i] = Autograd.requireGradient(Tensor.of(device, inputs[i], shape));
            }
            Tensor y = Autograd.apply(op, tensors);
            Autograd.backward(y, Tensor.of(device, inputs[0], shape));
            float[][] results = new float[1 + inputs.length][];
            results[0] = y.toFloatArray();
            for (int i = 0; i < tensors.length; i++) {
                results[1 + i] = gradient(tensors[i]);
            }
            return results;
        }
    }

    private static float[] gradient(Tensor leaf) {
        return Objects.requireNonNull(Autograd.gradient(leaf)).toFloatArray();
    }

    private static void requireTheSameAsParts(Op op, int columns, float[]... inputs) {
        int rows = inputs[0].length / columns;
        int half = rows / 2 * columns;
        float[][] whole = results(op, Shape.of(rows, columns), inputs);
        for (int[] part : new int[][] {{0, half}, {half, rows * columns}}) {
            float[][] some = cut(inputs, part);
            float[][] expected = results(op, Shape.of(some[0].length / columns, columns), some);
            float[][] found = cut(whole, part);
            for (int i = 0; i < expected.length; i++) {
                assertArrayEquals(expected[i], found[i], op + ", result " + i);
            }
        }
    }

    private static float[][] cut(float[][] arrays, int[] part) {
        return Arrays.stream(arrays)
                .map(array -> Arrays.copyOfRange(array, part[0], part[1]))
                .toArray(float[][]::new);
    }

    @Test
    void elements() {
        float[] x = values(SIZE, 0);
        float[] second = values(SIZE, 1);
        requireTheSameAsParts(new ActivationOp(ActivationKernel.Function.GELU), 1, x);
        requireTheSameAsParts(new UnaryOp(UnaryKernel.Function.EXP), 1, x);
        requireTheSameAsParts(new ScaleOp(0.5, 0.25), 1, x);
        requireTheSameAsParts(new BinaryOp(BinaryKernel.Function.MUL), 1, x, second);
    }

    @Test
    void rows() {
        requireTheSameAsParts(new SoftmaxOp(-1), COLUMNS, values(SIZE / COLUMNS * COLUMNS, 2));
    }

    @Test
    void products() {
        for (int columns : new int[] {1024, 1025}) { // rows of whole cache lines, and others
            int rows = (1 << 23) / columns + 30;
            float[] b = values(3 * columns, 4);
            requireTheSameAsParts(
                    new MatmulOp(), values(3 * rows, 5), Shape.of(rows, 3), b, Shape.of(3, columns), rows / 2 * 3);
        }
    }

    @Test
    void convolution() {
        Shape images = Shape.of(4, 16, 256, 257);
        float[] x = values((int) images.size(), 6);
        Op op = new Conv2dOp(new Geometry(1, 0));
        requireTheSameAsParts(op, x, images, values(32 * 16, 7), Shape.of(32, 16, 1, 1), x.length / 2);
    }

    /** Half as many elements are enough to have their gradients written in the order of memory. */
    @Test
    void windows() {
        float[] x = values(4 * 19 * 240 * 240, 8);
        float[] dy = values(x.length / 9, 9);
        float[] whole = byWindows(x, dy, 4);
        for (int half : new int[] {0, 1}) {
            float[] found = Arrays.copyOfRange(whole, half * x.length / 2, (half + 1) * x.length / 2);
            float[] some = Arrays.copyOfRange(x, half * x.length / 2, (half + 1) * x.length / 2);
            float[] outer = Arrays.copyOfRange(dy, half * dy.length / 2, (half + 1) * dy.length / 2);
            assertArrayEquals(byWindows(some, outer, 2), found, "half " + half);
        }
    }

    private static float[] byWindows(float[] x, float[] dy, int images) {
        Device device = Devices.cpu();
        try (Scope scope = new Scope()) {
            Tensor in = Autograd.requireGradient(Tensor.of(device, x, Shape.of(images, 19, 240, 240)));
            Autograd.backward(
                    Autograd.apply(new MaxPool2dOp(3), in), Tensor.of(device, dy, Shape.of(images, 19, 80, 80)));
            return gradient(in);
        }
    }

    /** y = op(x, second) for all of x, and for what comes before and after a place between two rows or images. */
    private static void requireTheSameAsParts(
            Op op, float[] x, Shape shape, float[] second, Shape secondShape, int place) {
        float[] whole = result(op, x, shape, second, secondShape);
        int[][] parts = {{0, place}, {place, x.length}};
        int from = 0;
        for (int[] part : parts) {
            float[] some = Arrays.copyOfRange(x, part[0], part[1]);
            long[] sizes = shape.dims();
            sizes[0] = sizes[0] * some.length / x.length;
            float[] expected = result(op, some, Shape.of(sizes), second, secondShape);
            assertArrayEquals(expected, Arrays.copyOfRange(whole, from, from + expected.length), op.toString());
            from += expected.length;
        }
        assertEquals(whole.length, from);
    }

    private static float[] result(Op op, float[] x, Shape shape, float[] second, Shape secondShape) {
        Device device = Devices.cpu();
        try (Scope scope = new Scope()) {
            return Autograd.apply(op, Tensor.of(device, x, shape), Tensor.of(device, second, secondShape))
                    .toFloatArray();
        }
    }

    @Test
    void dropout() {
        float[] x = values(SIZE, 3);
        Device device = Devices.cpu();
        try (Scope scope = new Scope()) {
            Tensor in = Autograd.requireGradient(Tensor.of(device, x, Shape.of(SIZE)));
            Tensor position = Tensor.full(device, DType.INT64, Shape.of(1), 0);
            Tensor y = Autograd.apply(new DropoutOp(0.5, 1, 2), in, position);
            Autograd.backward(y, Tensor.full(device, DType.FLOAT32, y.shape(), 1));
            float[] found = y.toFloatArray();
            float[] gradient = gradient(in);
            int kept = 0;
            for (int i = 0; i < SIZE; i++) {
                boolean keeps = gradient[i] != 0;
                assertEquals(keeps ? 2 * x[i] : 0, found[i], 0, "element " + i);
                kept += keeps ? 1 : 0;
            }
            assertEquals(0.5, (double) kept / SIZE, 1e-3);
        }
    }
}
