package org.nautile.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.nautile.Errors;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.UpsampleKernel.Mode;
import org.nautile.backend.Window;
import org.nautile.op.AvgPool2dOp;
import org.nautile.op.MaxPool2dOp;
import org.nautile.op.Squeeze2dOp;

class PoolingTest extends OnReference {
    /** 0, 1, 2, ... */
    private static Tensor counting(long... dims) {
        float[] values = new float[Math.toIntExact(Shape.of(dims).size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return Tensor.of(values, dims);
    }

    @Test
    void layersPool() {
        Tensor x = counting(1, 1, 4, 4);
        assertArrayEquals(
                new float[] {5, 7, 13, 15}, new MaxPool2d(2).forward(x).toFloatArray());
        assertArrayEquals(
                new float[] {2.5F, 4.5F, 10.5F, 12.5F},
                new AvgPool2d(2).forward(x).toFloatArray());
        assertEquals(Shape.of(1, 1, 2, 2), new MaxPool2d(3, 2, 1).forward(x).shape());
        assertEquals(Shape.of(1, 1, 2, 2), new AvgPool2d(3, 2, 1).forward(x).shape());
        Window up = new Window(3, 2, 0, 1, true);
        assertArrayEquals(
                new float[] {10, 11, 14, 15}, new MaxPool2d(up, up).forward(x).toFloatArray());
        assertArrayEquals(
                new float[] {45, 39, 66, 50},
                new AvgPool2d(up, up, false, 1).forward(x).toFloatArray());
        assertTrue(new Sequential(new MaxPool2d(2), new AvgPool2d(3, 2, 1))
                .toString()
                .contains("AvgPool2d(3 x 3)"));
    }

    @Test
    void adaptiveWindowsDivideThePicture() {
        Tensor x = counting(2, 3, 4, 6);
        Tensor global = new AdaptiveAvgPool2d(1).forward(x);
        assertEquals(Shape.of(2, 3, 1, 1), global.shape());
        assertArrayEquals(new float[] {11.5F, 35.5F, 59.5F, 83.5F, 107.5F, 131.5F}, global.toFloatArray());
        Tensor y = new AdaptiveAvgPool2d(2, 3).forward(x);
        assertArrayEquals(new AvgPool2d(2).forward(x).toFloatArray(), y.toFloatArray());
        Errors.says(ShapeException.class, () -> new AdaptiveAvgPool2d(3).forward(x), "[2,3,4,6]", "a multiple of 3");
        Errors.says(IllegalArgumentException.class, () -> new AdaptiveAvgPool2d(0), "empty");
    }

    @Test
    void shufflingUndoesUnshuffling() {
        Tensor x = counting(2, 3, 4, 6);
        Tensor y = new PixelUnshuffle(2).forward(x);
        assertEquals(Shape.of(2, 12, 2, 3), y.shape());
        assertArrayEquals(x.toFloatArray(), new PixelShuffle(2).forward(y).toFloatArray());
        Errors.says(ShapeException.class, () -> new PixelUnshuffle(3).forward(x), "squeeze2d", "multiples of 3");
        Errors.says(ShapeException.class, () -> new PixelShuffle(2).forward(x), "unsqueeze2d", "a multiple of 4");
        Errors.says(IllegalArgumentException.class, () -> new Squeeze2dOp(0, false), "below 1");
    }

    @Test
    void picturesGrow() {
        Tensor x = counting(1, 1, 2, 2);
        assertArrayEquals(
                new float[] {0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3},
                new Upsample(2).forward(x).toFloatArray());
        assertArrayEquals(
                new float[] {0, 0.5F, 1, 1, 1.5F, 2, 2, 2.5F, 3},
                new Upsample(3, 3, Mode.BILINEAR_ALIGNED).forward(x).toFloatArray());
        assertEquals(
                Shape.of(1, 1, 3, 3),
                new Upsample(1.5, Mode.BILINEAR).forward(x).shape());
        Errors.says(ShapeException.class, () -> new Upsample(0.3).forward(x), "upsample", "may be 0");
        Errors.says(IllegalArgumentException.class, () -> new Upsample(-1), "factor -1");
    }

    @Test
    void errorsNameTheOp() {
        Window three = new Window(3);
        Errors.says(ShapeException.class, () -> new MaxPool2dOp(2).apply(counting(2, 3)), "max_pool2d", "[N,C,H,W]");
        Errors.says(
                ShapeException.class,
                () -> new AvgPool2dOp(three, three).apply(counting(1, 1, 2, 5)),
                "avg_pool2d",
                "no window");
        Errors.says(IllegalArgumentException.class, () -> new Window(3, 1, 2), "padding 2");
        Errors.says(IllegalArgumentException.class, () -> new Window(0), "kernel 0");
        Window apart = new Window(2, 1, 0, 2, false);
        Errors.says(IllegalArgumentException.class, () -> new AvgPool2dOp(apart, apart), "no dilation");
    }

    @Test
    void largeWindowsHaveNoGradient() {
        Tensor x = counting(1, 1, 17, 17);
        MaxPool2d pool = new MaxPool2d(17);
        assertEquals(288, pool.forward(x).item());
        Autograd.requireGradient(x);
        Errors.says(ShapeException.class, () -> pool.forward(x), "256 places", "17 x 17");
    }

    @Test
    void windowsAreCountedAsInPyTorch() {
        assertEquals(3, new Window(2).count(7));
        assertEquals(4, new Window(2, 2, 0, 1, true).count(7));
        assertEquals(
                2, new Window(2, 3, 1, 1, true).count(5), "a window that starts in the padding behind is left out");
        assertEquals(4, new Window(3, 2, 1, 2, false).count(10));
        assertEquals(0, new Window(5).count(4));
    }
}
