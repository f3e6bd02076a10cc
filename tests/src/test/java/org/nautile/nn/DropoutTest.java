package org.nautile.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Generator;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;

class DropoutTest {
    private static Tensor ones(Device device, long... dims) {
        return Tensor.full(device, DType.FLOAT32, Shape.of(dims), 1);
    }

    private static int zeros(float... values) {
        int count = 0;
        for (float value : values) {
            count += value == 0 ? 1 : 0;
        }
        return count;
    }

    /** A deviation of more than 5 standard deviations would come once in two million. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void theRateIsP(Device device) {
        int size = 200_003;
        for (double p : List.of(0.1, 0.5, 0.9)) {
            try (Scope scope = new Scope();
                    Dropout dropout = new Dropout(p, new Generator(7, 0))) {
                dropout.to(device);
                float[] y = dropout.forward(ones(device, size)).toFloatArray();
                double deviation = Math.sqrt(size * p * (1 - p));
                assertEquals(size * p, zeros(y), 5 * deviation, "p=" + p);
                for (float value : y) {
                    assertTrue(value == 0 || value == (float) (1 / (1 - p)));
                }
            }
        }
    }

    /** The next mask is another one, the gradient has the mask of its own forward pass, and all devices have the same. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void masksOfAllDevices(Device device) {
        try (Scope scope = new Scope();
                Dropout dropout = new Dropout(new Generator(7, 0));
                Dropout expected = new Dropout(new Generator(7, 0))) {
            dropout.to(device);
            expected.to(Devices.reference());
            Tensor x = Autograd.requireGradient(ones(device, 3, 37));
            Tensor first = dropout.forward(x);
            Tensor second = dropout.forward(x);
            assertFalse(Arrays.equals(first.toFloatArray(), second.toFloatArray()));
            Tensor plain = ones(Devices.reference(), 3, 37);
            assertArrayEquals(expected.forward(plain).toFloatArray(), first.toFloatArray());
            assertArrayEquals(expected.forward(plain).toFloatArray(), second.toFloatArray());
            Autograd.backward(first, ones(device, 3, 37));
            Tensor gradient = Objects.requireNonNull(Autograd.gradient(x));
            assertArrayEquals(first.toFloatArray(), gradient.toFloatArray());
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void aRecordedStepDrawsAnotherMaskEachTime(Device device) {
        try (Dropout dropout = new Dropout(new Generator(7, 0));
                Dropout eager = new Dropout(new Generator(7, 0));
                Tensor x = ones(device, 1031)) {
            dropout.to(device);
            eager.to(device);
            try (Plan plan = Plan.record(device, () -> dropout.forward(x))) {
                for (int run = 0; run < 4; run++) {
                    Tensor y = run == 0 ? plan.result() : plan.run();
                    try (Scope scope = new Scope()) {
                        assertArrayEquals(eager.forward(x).toFloatArray(), y.toFloatArray(), "run " + run);
                    }
                }
            }
        }
    }

    @Test
    void inUseNothingIsDropped() {
        try (Scope scope = new Scope();
                Sequential model =
                        new Sequential(new Dropout(new Generator(1, 0)), new Dropout2d(new Generator(1, 0)))) {
            model.to(Devices.reference());
            Tensor x = ones(Devices.reference(), 2, 3, 5, 7);
            model.train(false);
            assertSame(x, model.forward(x));
            assertTrue(model.state().isEmpty());
            assertTrue(model.toString().contains("Dropout(p=0.5)"), model::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void wholeChannels(Device device) {
        try (Scope scope = new Scope();
                Dropout2d dropout = new Dropout2d(0.25, new Generator(3, 0))) {
            dropout.to(device);
            float[] y = dropout.forward(ones(device, 20, 30, 3, 5)).toFloatArray();
            for (int i = 0; i < y.length; i++) {
                assertEquals(y[i / 15 * 15], y[i]);
            }
            assertEquals(y.length * 0.25, zeros(y), 15 * 5 * Math.sqrt(600 * 0.25 * 0.75));
            assertThrows(ShapeException.class, () -> dropout.forward(ones(device, 3, 5)));
        }
    }

    @Test
    void badProbability() {
        assertThrows(IllegalArgumentException.class, () -> new Dropout(1.5, new Generator(1, 0)));
        assertThrows(IllegalArgumentException.class, () -> new Dropout(Double.NaN, new Generator(1, 0)));
    }
}
