package org.nautile.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.Conv2dKernel.Geometry;
import org.nautile.op.Conv2dOp;
import org.nautile.op.ConvTranspose2dOp;
import org.nautile.op.PadOp;

/** The modules of convolutions, and what their padding is made of. What the ops compute is validated elsewhere. */
class Conv2dTest extends OnReference {
    private final Generator random = new Generator(1, 0);

    @Test
    void parametersArePyTorchs() {
        ConvOptions options = ConvOptions.kernel(5, 4)
                .stride(2, 1)
                .padding(1, 2)
                .dilation(1, 2)
                .groups(2);
        Conv2d layer = new Conv2d(6, 8, options, random);
        assertEquals(List.of("weight", "bias"), List.copyOf(layer.parameters().keySet()));
        assertEquals(Shape.of(8, 3, 5, 4), weight(layer).shape());
        double bound = 1 / Math.sqrt(3 * 5 * 4);
        float largest = 0;
        for (float value : weight(layer).toFloatArray()) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertTrue(largest <= bound && largest > 0.98 * bound, "largest of 480: " + largest);
        assertEquals(
                Shape.of(3, 8, 4, 9), layer.forward(Tensor.ones(3, 6, 9, 11)).shape());
        assertEquals("Conv2d(6 -> 8, 5x4, stride 2x1, padding 1x2, 2 groups)", layer.toString());
        assertEquals(
                List.of("weight"),
                List.copyOf(new Conv2d(1, 1, ConvOptions.kernel(3).withoutBias(), random)
                        .parameters()
                        .keySet()));

        ConvTranspose2d back = new ConvTranspose2d(8, 6, options.outputPadding(1, 0), random);
        assertEquals(Shape.of(8, 3, 5, 4), weight(back).shape());
        assertEquals(
                Shape.of(3, 6, 10, 11), back.forward(Tensor.ones(3, 8, 4, 9)).shape());
    }

    private static Tensor weight(Module layer) {
        return Objects.requireNonNull(layer.parameters().get("weight")).value();
    }

    @ParameterizedTest
    @CsvSource({"REFLECT", "REPLICATE", "CIRCULAR"})
    void paddingModesPadBeforehand(PadOp.Mode mode) {
        Conv2d layer = new Conv2d(2, 3, ConvOptions.kernel(3).padding(2, 1).paddingMode(mode), random);
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, 1, 2, 3, 3);
        Tensor padded = new PadOp(mode, 3, 1, 1).apply(new PadOp(mode, 2, 2, 2).apply(x));
        Tensor expected = new Conv2dOp(new Geometry(1, 0))
                .apply(
                        padded,
                        weight(layer),
                        Objects.requireNonNull(layer.parameters().get("bias")).value());
        assertArrayEquals(expected.toFloatArray(), layer.forward(x).toFloatArray());
    }

    /** The border, and how often each line was copied. */
    @ParameterizedTest
    @CsvSource({
        "CONSTANT, 9 9 1 2 3 4 9 9 9, 1 1 1 1",
        "REFLECT, 3 2 1 2 3 4 3 2 1, 2 3 3 1",
        "REPLICATE, 1 1 1 2 3 4 4 4 4, 3 1 1 4",
        "CIRCULAR, 3 4 1 2 3 4 1 2 3, 2 2 3 2"
    })
    void bordersAreCopies(PadOp.Mode mode, String lines, String counts) {
        for (Device device : Devices.usable().toList()) {
            for (int axis = 0; axis < 3; axis++) {
                Shape shape = Shape.of(1, 1, 1).with(axis, 4);
                Tensor x = Tensor.of(device, new float[] {1, 2, 3, 4}, shape);
                Autograd.requireGradient(x);
                Tensor y = Autograd.apply(new PadOp(mode, 9, axis - 3, 2, 3), x);
                assertEquals(shape.with(axis, 9), y.shape());
                assertArrayEquals(numbers(lines), y.toFloatArray());
                Autograd.backward(y, Tensor.full(device, y.dtype(), y.shape(), 1));
                assertArrayEquals(
                        numbers(counts),
                        Objects.requireNonNull(Autograd.gradient(x)).toFloatArray());
            }
        }
    }

    private static float[] numbers(String text) {
        String[] parts = text.split(" ", -1);
        float[] values = new float[parts.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.parseFloat(parts[i]);
        }
        return values;
    }

    @Test
    void paddedPicturesKeepTheirLayout() {
        Tensor x = Tensor.ones(2, 3, 4, 5).channelsLast();
        assertTrue(new PadOp(PadOp.Mode.CONSTANT, 2, 1, 0).apply(x).isChannelsLast());
    }

    @Test
    void mistakesAreNamed() {
        Errors.says(
                IllegalArgumentException.class,
                () -> new Conv2d(3, 4, ConvOptions.kernel(3).groups(2), random),
                "3 channels in",
                "2 groups");
        Errors.says(IllegalArgumentException.class, () -> ConvOptions.kernel(0), "0x0");
        Errors.says(IllegalArgumentException.class, () -> ConvOptions.kernel(1).stride(0), "stride 0x0");
        Errors.says(
                IllegalArgumentException.class,
                () -> new ConvTranspose2dOp(new Geometry(2, 0), 2, 0),
                "output padding 2x0");
        Conv2dOp op = new Conv2dOp(new Geometry(1, 0));
        Errors.says(
                ShapeException.class,
                () -> op.apply(Tensor.ones(1, 3, 4, 4), Tensor.ones(2, 2, 3, 3)),
                "conv2d: x is [1,3,4,4]",
                "weight is [2,2,3,3]",
                "groups (1)");
        Errors.says(ShapeException.class, () -> op.apply(Tensor.ones(1, 3, 2, 4), Tensor.ones(2, 3, 3, 3)), "must fit");
        Errors.says(
                ShapeException.class,
                () -> op.apply(Tensor.ones(1, 3, 4, 4), Tensor.ones(2, 3, 3, 3), Tensor.ones(3)),
                "bias must be [2]");
        Errors.says(
                ShapeException.class,
                () -> new ConvTranspose2dOp(new Geometry(1, 0)).apply(Tensor.ones(1, 3, 4, 4), Tensor.ones(2, 3, 3, 3)),
                "weight must be [3,");
        Errors.says(
                ShapeException.class,
                () -> new PadOp(PadOp.Mode.REFLECT, 0, 3, 0).apply(Tensor.ones(3)),
                "pad: x is [3]",
                "too wide");
    }
}
