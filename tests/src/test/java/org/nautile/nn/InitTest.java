package org.nautile.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;

/** Mean, deviation and bounds of many values. */
class InitTest {
    private static final Shape CONV = Shape.of(80, 30, 3, 5); // 36 000 values: a deviation is right to 1 %
    private static final double FAN_IN = 30 * 3 * 5;
    private static final double FAN_OUT = 80 * 3 * 5;

    private final Generator random = new Generator(3, 1);

    private static double[] values(Shape shape, UnaryOperator<Tensor> init) {
        try (Tensor tensor = Tensor.full(Devices.reference(), DType.FLOAT32, shape, 0)) {
            assertSame(tensor, init.apply(tensor));
            float[] values = tensor.toFloatArray();
            return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
        }
    }

    private static double deviation(double... values) {
        double mean = IntStream.range(0, values.length)
                .mapToDouble(i -> values[i])
                .average()
                .orElse(0);
        double sum = IntStream.range(0, values.length)
                .mapToDouble(i -> (values[i] - mean) * (values[i] - mean))
                .sum();
        double deviation = Math.sqrt(sum / values.length);
        assertEquals(0, mean, 4 * deviation / Math.sqrt(values.length), "the mean is 0, to four deviations of it");
        return deviation;
    }

    private static void uniform(double bound, UnaryOperator<Tensor> init) {
        double[] values = values(CONV, init);
        assertEquals(bound / Math.sqrt(3), deviation(values), 0.01 * bound);
        double least = IntStream.range(0, values.length)
                .mapToDouble(i -> values[i])
                .min()
                .orElse(0);
        double largest = IntStream.range(0, values.length)
                .mapToDouble(i -> values[i])
                .max()
                .orElse(0);
        assertTrue(least >= (float) -bound && least < -0.99 * bound, least + " and " + bound);
        assertTrue(largest <= (float) bound && largest > 0.99 * bound, largest + " and " + bound);
    }

    private static void normal(double deviation, UnaryOperator<Tensor> init) {
        double[] values = values(CONV, init);
        assertEquals(deviation, deviation(values), 0.02 * deviation);
        double within = IntStream.range(0, values.length)
                        .filter(i -> Math.abs(values[i]) < deviation)
                        .count()
                / (double) values.length;
        assertEquals(0.6827, within, 0.01, "within one deviation");
    }

    @Test
    void xavier() {
        uniform(2 * Math.sqrt(6 / (FAN_IN + FAN_OUT)), weight -> Init.xavierUniform(weight, 2, random));
        normal(2 * Math.sqrt(2 / (FAN_IN + FAN_OUT)), weight -> Init.xavierNormal(weight, 2, random));
    }

    @Test
    void kaiming() {
        uniform(Math.sqrt(6 / FAN_IN), weight -> Init.kaimingUniform(weight, Init.Fan.IN, Init.RELU, random));
        uniform(Math.sqrt(3 / FAN_OUT), weight -> Init.kaimingUniform(weight, Init.Fan.OUT, Init.LINEAR, random));
        normal(Math.sqrt(2 / FAN_IN), weight -> Init.kaimingNormal(weight, Init.Fan.IN, Init.RELU, random));
        normal(5 / 3.0 / Math.sqrt(FAN_OUT), weight -> Init.kaimingNormal(weight, Init.Fan.OUT, Init.TANH, random));
    }

    @Test
    void defaults() {
        uniform(1 / Math.sqrt(FAN_IN), weight -> Init.layer(weight, (long) FAN_IN, random));
        // the same as torch.nn.Linear's own words: Kaiming uniform with a = sqrt 5
        double gain = Init.leakyRelu(Math.sqrt(5));
        uniform(1 / Math.sqrt(FAN_IN), weight -> Init.kaimingUniform(weight, Init.Fan.IN, gain, random));
        normal(1, weight -> Init.embedding(weight, random));
        assertEquals(Init.RELU, Init.leakyRelu(0));
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void everyDeviceGetsTheSame(Device device) {
        try (Tensor tensor = Tensor.full(device, DType.FLOAT32, Shape.of(5, 7), 0)) {
            Init.kaimingNormal(tensor, Init.Fan.IN, Init.RELU, new Generator(9, 0));
            double[] expected =
                    values(Shape.of(5, 7), it -> Init.kaimingNormal(it, Init.Fan.IN, Init.RELU, new Generator(9, 0)));
            float[] found = tensor.toFloatArray();
            assertArrayEquals(
                    expected,
                    IntStream.range(0, found.length).mapToDouble(i -> found[i]).toArray());
        }
    }

    @Test
    void whatIsNoWeightIsRefused() {
        Tensor bias = Tensor.full(Devices.reference(), DType.FLOAT32, Shape.of(3), 0);
        Errors.says(ShapeException.class, () -> Init.xavierUniform(bias, 1, random), "[3]", "[out, in, ...]");
    }
}
