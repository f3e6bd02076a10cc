package org.nautile.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel.Function;
import org.nautile.backend.ReduceKernel;
import org.nautile.op.ActivationOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.ConcatOp;
import org.nautile.op.LinearOp;
import org.nautile.op.MatmulOp;
import org.nautile.op.Op;
import org.nautile.op.PermuteOp;
import org.nautile.op.ReduceOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.ScaleOp;
import org.nautile.op.SliceOp;

/** The tape. What each op's gradient is, the tests of the ops show; all numbers here are exact in float32. */
class AutogradTest {
    private static final Op ADD = new BinaryOp(Function.ADD);
    private static final Op MUL = new BinaryOp(Function.MUL);
    private static final Op SUM = ReduceOp.all(ReduceKernel.Function.SUM);

    private final Scope scope = new Scope();

    @AfterEach
    void closeScope() {
        scope.close();
    }

    private static Tensor tensor(Device device, float... values) {
        return Tensor.of(device, values, Shape.of(values.length));
    }

    private static Tensor leaf(Device device, float... values) {
        return Autograd.requireGradient(tensor(device, values));
    }

    private static float[] gradient(Tensor leaf) {
        return Objects.requireNonNull(Autograd.gradient(leaf), "a gradient").toFloatArray();
    }

    private static Tensor apply(Op op, Tensor... inputs) {
        return Autograd.apply(op, inputs);
    }

    private static Tensor sum(Tensor x) {
        return apply(SUM, x);
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void anInputUsedTwiceGetsBothGradients(Device device) {
        Tensor x = leaf(device, 2, 3);
        Autograd.backward(sum(apply(MUL, x, x)));
        assertArrayEquals(new float[] {4, 6}, gradient(x));

        Tensor a = leaf(device, 1, 1);
        Autograd.backward(sum(apply(ADD, a, a)));
        assertArrayEquals(new float[] {2, 2}, gradient(a));

        Tensor square = leaf(device, 1, 2, 3, 4);
        Tensor matrix = apply(new ReshapeOp(2, 2), square);
        Autograd.backward(sum(apply(new LinearOp(), matrix, matrix)));
        // d/dx sum(x x^T): the column sums of x, twice, in every row
        assertArrayEquals(new float[] {8, 12, 8, 12}, gradient(square));

        Tensor m = leaf(device, 1, 2, 3, 4);
        Tensor mm = apply(new ReshapeOp(2, 2), m);
        Autograd.backward(sum(apply(new MatmulOp(), mm, mm)));
        // row sums of x (3, 7) in every row, and column sums (4, 6) down every column
        assertArrayEquals(new float[] {7, 11, 9, 13}, gradient(m));
    }

    /** y = x + x^2 by two paths of different length that meet, twice over. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void diamonds(Device device) {
        Tensor x = leaf(device, 1, 2, 3);
        Tensor square = apply(MUL, x, x);
        Tensor y = apply(ADD, x, apply(new ScaleOp(1, 5), square));
        Tensor z = apply(ADD, apply(new ScaleOp(2, 0), y), apply(MUL, y, square));
        Autograd.backward(sum(z));
        // z = 2 y + y x^2 with y = x + x^2 + 5, dz = (2 + x^2)(1 + 2 x) + 2 x y
        float[] expected = new float[3];
        for (int i = 0; i < 3; i++) {
            float v = i + 1;
            expected[i] = (2 + v * v) * (1 + 2 * v) + 2 * v * (v + v * v + 5);
        }
        assertArrayEquals(expected, gradient(x));
    }

    /** The gradient of an addition is shared by its inputs; adding to one must not change the other. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void sharedGradientsDoNotLeakIntoEachOther(Device device) {
        Tensor a = leaf(device, 1, 2);
        Tensor b = leaf(device, 3, 4);
        Tensor left = apply(new ScaleOp(3, 0), a);
        Tensor right = apply(new ScaleOp(5, 0), b);
        Tensor extra = apply(MUL, left, left); // left gets another gradient after the shared one
        Tensor both = apply(ADD, left, right);
        Autograd.backward(sum(apply(ADD, both, extra)));
        assertArrayEquals(new float[] {3 + 18, 3 + 36}, gradient(a));
        assertArrayEquals(new float[] {5, 5}, gradient(b));
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void gradientsPassThroughViews(Device device) {
        Tensor x = leaf(device, 0, 1, 2, 3, 4, 5);
        Tensor turned = apply(new PermuteOp(1, 0), apply(new ReshapeOp(2, 3), x)); // [[0,3],[1,4],[2,5]]
        Tensor rows = apply(new SliceOp(0, 1, 3), turned); // [[1,4],[2,5]]
        Tensor again = apply(new ConcatOp(0), rows, turned);
        Tensor weights = Tensor.of(device, new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Shape.of(5, 2));
        Autograd.backward(sum(apply(MUL, again, weights)));
        assertArrayEquals(new float[] {5, 8, 12, 6, 10, 14}, gradient(x));
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void leavesAddUpUntilCleared(Device device) {
        Tensor x = leaf(device, 2, 3);
        assertNull(Autograd.gradient(x));
        for (int i = 1; i <= 3; i++) {
            Autograd.backward(sum(apply(MUL, x, x)));
            assertArrayEquals(new float[] {4 * i, 6 * i}, gradient(x));
        }
        Autograd.clearGradient(x);
        assertNull(Autograd.gradient(x));
        Autograd.backward(sum(apply(MUL, x, x)));
        assertArrayEquals(new float[] {4, 6}, gradient(x));
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void picturesKeepTheirLayout(Device device) {
        float[] values = new float[24];
        for (int i = 0; i < values.length; i++) {
            values[i] = i - 11.5F;
        }
        Shape shape = Shape.of(2, 3, 2, 2);
        float[][] gradients = new float[2][];
        try (Scope scope = new Scope()) {
            for (int layout = 0; layout < 2; layout++) {
                Tensor plain = Tensor.of(device, values, shape);
                Tensor x = Autograd.requireGradient(layout == 0 ? plain : plain.channelsLast());
                Tensor bias = Autograd.requireGradient(Tensor.of(device, new float[] {1, 2, 3}, Shape.of(3, 1, 1)));
                Tensor shifted = Autograd.apply(ADD, x, bias);
                Tensor y = Autograd.apply(new ActivationOp(ActivationKernel.Function.RELU), shifted);
                Tensor square = Autograd.apply(MUL, y, y);
                Tensor half = Autograd.apply(new ScaleOp(0.5, 0), square);
                assertTrue(half.isContiguous() == (layout == 0) && half.isDense(), half.toString());
                Autograd.backward(half, Tensor.full(device, DType.FLOAT32, shape, 1));
                float[] dx = Objects.requireNonNull(Autograd.gradient(x)).toFloatArray();
                assertArrayEquals(y.toFloatArray(), dx);
                gradients[layout] =
                        Objects.requireNonNull(Autograd.gradient(bias)).toFloatArray();
            }
        }
        assertArrayEquals(gradients[0], gradients[1]);
    }

    @Test
    void aLeafMayItselfBeTheOutput() {
        Tensor x = leaf(Devices.reference(), 2, 3);
        Autograd.backward(x, tensor(Devices.reference(), 7, 8));
        assertArrayEquals(new float[] {7, 8}, gradient(x));
    }

    @Test
    void theGradientGoesWhereItIsWanted() {
        Tensor x = tensor(Devices.reference(), 2, 3);
        Tensor place = tensor(Devices.reference(), 99, 99);
        Autograd.requireGradient(x, place);
        Autograd.backward(sum(apply(MUL, x, x)));
        assertSame(place, Autograd.gradient(x));
        assertArrayEquals(new float[] {4, 6}, place.toFloatArray());
        Errors.says(
                ShapeException.class,
                () -> Autograd.requireGradient(x, tensor(Devices.reference(), 1)),
                "[2] float32",
                "[1] float32");
    }

    @Test
    void whatWasUsedIsForgotten() {
        Tensor x = leaf(Devices.reference(), 2);
        Tensor square = apply(MUL, x, x);
        Tensor loss = sum(square);
        Autograd.backward(loss);
        Errors.says(IllegalStateException.class, () -> Autograd.backward(loss), "reduce", "already used");
        Tensor other = sum(apply(new ScaleOp(2, 0), square));
        Errors.says(IllegalStateException.class, () -> Autograd.backward(other), "binary", "already used");
        assertArrayEquals(new float[] {4}, gradient(x), "as the first pass left it");
    }

    @Test
    void nothingIsRememberedWhilePaused() {
        Tensor x = leaf(Devices.reference(), 2);
        Tensor y;
        Tensor nested;
        try (Autograd.Pause pause = Autograd.noGrad()) {
            y = apply(MUL, x, x);
            try (Autograd.Pause again = Autograd.noGrad()) {
                again.close(); // closing twice counts once
            }
            nested = apply(MUL, x, x);
            CompletableFuture.runAsync(() -> {
                        try (Scope own = new Scope()) {
                            Tensor other = apply(MUL, x, x);
                            assertFalse(other.tapeNode() == null, "another thread is not paused");
                        }
                    })
                    .join();
        }
        assertNull(y.tapeNode());
        assertNull(nested.tapeNode());
        Errors.says(IllegalStateException.class, () -> Autograd.backward(y), "depends on no tensor");
        Autograd.backward(apply(MUL, x, x)); // remembered again
        assertArrayEquals(new float[] {4}, gradient(x));
    }

    @Test
    void detachedTensorsAreConstants() {
        Tensor x = leaf(Devices.reference(), 2, 3);
        Tensor constant = apply(MUL, x, x).detach();
        assertNull(constant.tapeNode());
        Autograd.backward(sum(apply(MUL, constant, x)));
        assertArrayEquals(new float[] {4, 9}, gradient(x));
        Errors.says(IllegalStateException.class, () -> Autograd.backward(sum(constant)), "depends on no tensor");
    }

    @Test
    void moreThanOneElementNeedsAGradient() {
        Tensor x = leaf(Devices.reference(), 2, 3);
        Errors.says(ShapeException.class, () -> Autograd.backward(apply(MUL, x, x)), "[2] float32", "not a scalar");
        Errors.says(
                ShapeException.class,
                () -> Autograd.backward(apply(MUL, x, x), tensor(Devices.reference(), 1)),
                "output is [2]",
                "dy is [1]");
        Autograd.backward(apply(MUL, x, x), tensor(Devices.reference(), 10, 100));
        assertArrayEquals(new float[] {40, 600}, gradient(x));
    }

    @Test
    void onlyFloatingDenseLeaves() {
        Device device = Devices.reference();
        Errors.says(
                ShapeException.class,
                () -> Autograd.requireGradient(Tensor.of(device, new int[2], Shape.of(2))),
                "[2] int32");
        Tensor turned = Tensor.of(device, new float[6], Shape.of(2, 3)).view(Shape.of(3, 2), 0, 1, 3);
        Errors.says(ShapeException.class, () -> Autograd.requireGradient(turned), "[3,2]", "dense");
        Tensor result = apply(MUL, leaf(device, 1), leaf(device, 1));
        Errors.says(IllegalStateException.class, () -> Autograd.requireGradient(result), "not a leaf");
    }

    /** Only what is wanted is computed: constants get no gradient, and ops on constants are not remembered. */
    @Test
    void constantsGetNoGradient() {
        Device device = Devices.reference();
        Tensor x = leaf(device, 2, 3);
        Tensor c = tensor(device, 5, 7);
        assertNull(apply(MUL, c, c).tapeNode());
        Autograd.backward(sum(apply(MUL, x, c)));
        assertArrayEquals(new float[] {5, 7}, gradient(x));
        assertNull(Autograd.gradient(c));
    }

    /** Longer than any stack would allow. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void aChainOfTwentyThousandOps(Device device) {
        Tensor x = leaf(device, 1, -1);
        Tensor y = x;
        for (int i = 0; i < 20_000; i++) {
            y = apply(new ScaleOp(i % 2 == 0 ? 2 : 0.5, 0.25), y);
        }
        Autograd.backward(sum(apply(new ActivationOp(ActivationKernel.Function.RELU), y)));
        assertArrayEquals(new float[] {1, 1}, gradient(x));
    }

    /** The pass happens inside a step's scope, its results are used after it. */
    @Test
    void gradientsOfLeavesOutliveTheScope() {
        Tensor x = leaf(Devices.reference(), 2);
        Tensor inside;
        try (Scope inner = new Scope()) {
            inside = apply(MUL, x, x);
            Autograd.backward(inside);
        }
        Tensor kept = Objects.requireNonNull(Autograd.gradient(x));
        assertFalse(kept.isClosed(), "a leaf's gradient outlives the scope of the pass");
        assertEquals(4, kept.item());
        kept.close();
    }
}
