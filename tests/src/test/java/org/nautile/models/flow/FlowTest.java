package org.nautile.models.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.autograd.Autograd;
import org.nautile.models.Flow1d;
import org.nautile.models.Flow2d;
import org.nautile.models.points.LineSet;
import org.nautile.models.points.PlaneSet;
import org.nautile.models.points.Points;
import org.nautile.nn.Init;
import org.nautile.optim.Adam;
import org.nautile.optim.Trainer;

/** Flows can be inverted, know their determinants, and have densities. */
@ExtendWith(RestoresDefaults.class)
class FlowTest {
    @BeforeEach
    void oneThread() {
        Threads.set(1); // for such small networks, others only wait
    }

    @Test
    void hasTheStatedParameters() {
        try (Flow line = new MonotoneFlow(12);
                Flow plane = new RealNvp(8, 64, new Generator(0, 0))) {
            assertEquals(new Flow1d().parameters(), line.parameterCount());
            assertEquals(new Flow2d().parameters(), plane.parameterCount());
        }
        assertThrows(IllegalArgumentException.class, () -> new RealNvp(1, 4, new Generator(0, 0)));
    }

    /** A flow far from the identity: all its parameters are drawn. */
    private static <F extends Flow> F shaken(F flow, double deviation) {
        Generator random = new Generator(5, 0);
        flow.parameters().values().forEach(parameter -> Init.normal(parameter.value(), 0, deviation, random));
        return flow;
    }

    private static float[] normal(int size, double deviation) {
        Generator random = new Generator(6, 0);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    /** The determinants that the flow states, against those of autograd's Jacobian. */
    private static void checkDeterminants(Flow flow, int dimension, int count) {
        Device device = Device.defaultDevice();
        double[][][] jacobians = new double[count][dimension][dimension];
        float[] stated;
        try (Scope scope = new Scope()) {
            Tensor x = Tensor.of(device, normal(count * dimension, 1.5), Shape.of(count, dimension));
            stated = flow.normalise(x).logDet().toFloatArray();
            Autograd.requireGradient(x);
            for (int out = 0; out < dimension; out++) {
                float[] chosen = new float[count * dimension];
                for (int i = 0; i < count; i++) {
                    chosen[i * dimension + out] = 1;
                }
                Autograd.clearGradient(x);
                Autograd.backward(flow.forward(x), Tensor.of(device, chosen, x.shape()));
                float[] row = Objects.requireNonNull(Autograd.gradient(x)).toFloatArray();
                for (int i = 0; i < row.length; i++) {
                    jacobians[i / dimension][out][i % dimension] = row[i];
                }
            }
        }
        assertEquals(count, stated.length);
        double largest = 0;
        for (int i = 0; i < count; i++) {
            double[][] j = jacobians[i];
            double determinant = dimension == 1 ? j[0][0] : j[0][0] * j[1][1] - j[0][1] * j[1][0];
            assertEquals(Math.log(Math.abs(determinant)), stated[i], 1e-4, "point " + i); // float32
            largest = Math.max(largest, Math.abs(stated[i]));
        }
        assertTrue(largest > 0.3, "determinants that say something: " + largest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void determinantsAreThoseOfTheJacobian(String device) {
        Device.setDefault(Device.of(device));
        try (Flow plane = shaken(new RealNvp(5, 9, new Generator(0, 0)), 0.5);
                Flow line = shaken(new MonotoneFlow(7), 0.7)) {
            checkDeterminants(plane, 2, 50);
            checkDeterminants(line, 1, 50);
        }
    }

    @Test
    void inverseLeadsBack() {
        Device device = Device.defaultDevice();
        try (Flow plane = shaken(new RealNvp(6, 9, new Generator(0, 0)), 0.4);
                Flow line = shaken(new MonotoneFlow(7), 0.7)) {
            float[] points = normal(2 * 5000, 1.5); // more than are done at once
            assertTrue(plane.returnError(points, device) < 1e-4);
            assertTrue(line.returnError(points, device) < 1e-4);
            float[] latent = plane.normalise(plane.generate(points, device), device);
            for (int i = 0; i < latent.length; i++) {
                assertEquals(points[i], latent[i], 1e-3, "the other way round, at " + i);
            }
        }
    }

    /** The formula of the flow on the line, and of the density, in doubles. */
    @Test
    void densityIsThatOfTheFormula() {
        Device device = Device.defaultDevice();
        try (Flow line = shaken(new MonotoneFlow(3), 0.7)) {
            float[] slope = value(line, "slope");
            float[] shift = value(line, "shift");
            float[] heights = value(line, "heights");
            float[] centres = value(line, "centres");
            float[] widths = value(line, "widths");
            float[] x = normal(20, 2);
            float[] logs = line.logDensities(x, device);
            float[] latent = line.normalise(x, device);
            double sum = 0;
            for (int i = 0; i < x.length; i++) {
                double z = Math.exp(slope[0]) * x[i] + shift[0];
                double rise = Math.exp(slope[0]);
                for (int k = 0; k < 3; k++) {
                    double step = Math.tanh((x[i] - centres[k]) / Math.exp(widths[k]));
                    z += Math.exp(heights[k]) * step;
                    rise += Math.exp(heights[k] - widths[k]) * (1 - step * step);
                }
                double log = Math.log(rise * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI));
                assertEquals(z, latent[i], 1e-4);
                assertEquals(log, logs[i], 1e-4 * Math.max(1, Math.abs(log)));
                sum -= log / x.length;
            }
            assertEquals(sum, line.negativeLogLikelihood(x, device), 1e-4 * sum);
        }
    }

    private static float[] value(Flow flow, String name) {
        return Objects.requireNonNull(flow.parameters().get(name)).value().toFloatArray();
    }

    private static void train(Flow flow, Points points, int epochs, double rate) {
        Trainer.of(flow)
                .optimizer(new Adam(flow, rate))
                .train(points)
                .objective(batch -> flow.loss(batch.x()))
                .epochs(epochs)
                .batchSize(128)
                .build()
                .run();
    }

    /** A flow trained on moons is far better than a normal distribution, is a density, and can be inverted. */
    @Test
    void learnsMoons() {
        Device device = Device.defaultDevice();
        float[] test = PlaneSet.MOONS.draw(4000, 2).places();
        try (Flow flow = new RealNvp(6, 32, new Generator(0, 0))) {
            double before = Density.of(flow, 10, 400, device).integral();
            assertEquals(1, before, 0.01);
            train(flow, PlaneSet.MOONS.draw(4000, 1), 20, 0.005);
            double likelihood = flow.negativeLogLikelihood(test, device);
            assertTrue(likelihood < 1.25, "nats: " + likelihood); // the best normal distribution has 1.91
            assertTrue(likelihood > 0.9, "nats: " + likelihood); // their own density has 0.99
            assertTrue(flow.returnError(test, device) < 1e-4);
            assertEquals(1, Density.of(flow, 6, 600, device).integral(), 0.01);

            // where points are counted, the density is
            Density counted = Density.of(PlaneSet.MOONS.draw(200_000, 3).places(), 2, 20);
            Density learnt = Density.of(flow, 2, 20, device);
            double same = 0;
            for (int i = 0; i < 400; i++) {
                same += Math.min(counted.values()[i], learnt.values()[i]) * 0.2 * 0.2;
            }
            assertTrue(same > 0.75, "overlap: " + same);
        }
    }

    /** For distributions of known density, the flow comes near their entropy, and the integral is 1. */
    @ParameterizedTest
    @EnumSource(LineSet.class)
    void learnsTheLine(LineSet set) {
        Device device = Device.defaultDevice();
        float[] test = set.draw(4000, 2).places();
        double right = 0;
        for (float x : test) {
            right -= Math.log(set.density(x)) / test.length;
        }
        try (Flow flow = new MonotoneFlow(12)) {
            train(flow, set.draw(4000, 1), 20, 0.02);
            double likelihood = flow.negativeLogLikelihood(test, device);
            // the best normal distribution is 0.18 nats (uniform) to 0.42 (exponential) above
            assertTrue(Math.abs(likelihood - right) < 0.12, set + ": " + likelihood + ", true density: " + right);
            assertTrue(flow.returnError(test, device) < 1e-4);

            int count = 20_000;
            float[] places = new float[count];
            for (int i = 0; i < count; i++) {
                places[i] = (i + 0.5F) / count * 40 - 20;
            }
            double integral = 0;
            float before = Float.NEGATIVE_INFINITY;
            float[] latent = flow.normalise(places, device);
            float[] logs = flow.logDensities(places, device);
            for (int i = 0; i < count; i++) {
                integral += Math.exp(logs[i]) * 40 / count;
                assertTrue(latent[i] >= before, "rises");
                before = latent[i];
            }
            assertEquals(1, integral, 0.01);
        }
    }

    @Test
    void gridsHaveTheirFirstRowAtTheTop() {
        Density counted = Density.of(new float[] {-0.9F, 0.9F, -0.9F, 0.9F, 0.9F, -0.9F, 5, 0}, 1, 2);
        assertEquals(0.5, counted.values()[0]);
        assertEquals(0.25, counted.values()[3]);
        assertEquals(0.75, counted.integral(), 1e-12, "a point is outside");
        float[] pixels = counted.pixels(0.5);
        assertEquals(1, pixels[1], "white");
        assertTrue(pixels[0] < 0.1 && pixels[8] < 0.5, "dark blue");
        assertTrue(pixels[0] < pixels[3], "darker");
    }
}
