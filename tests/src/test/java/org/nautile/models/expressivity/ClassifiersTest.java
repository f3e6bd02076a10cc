package org.nautile.models.expressivity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.models.Classify2d;
import org.nautile.models.points.PlaneSet;
import org.nautile.models.points.Points;
import org.nautile.optim.Adam;
import org.nautile.optim.Score;
import org.nautile.optim.Trainer;

/** Features are what they are called, and models express what they can. */
@ExtendWith(RestoresDefaults.class)
class ClassifiersTest {
    @BeforeEach
    void oneThread() {
        Threads.set(1); // for such small networks, others only wait
    }

    @Test
    void polynomialFeaturesAreProducts() {
        try (Scope scope = new Scope()) {
            Tensor x = Tensor.of(new float[] {2, -3, 0.5F, 4}, 2, 2);
            assertArrayEquals(
                    new float[] {2, -3, 0.5F, 4},
                    new PolynomialFeatures(1).forward(x).toFloatArray());
            assertArrayEquals(
                    new float[] {2, -3, 4, -6, 9, 0.5F, 4, 0.25F, 2, 16},
                    new PolynomialFeatures(2).forward(x).toFloatArray());
            assertArrayEquals(
                    new float[] {2, -3, 4, -6, 9, 8, -12, 18, -27, 0.5F, 4, 0.25F, 2, 16, 0.125F, 1, 8, 64},
                    new PolynomialFeatures(3).forward(x).toFloatArray());
            for (int degree = 1; degree <= 5; degree++) {
                PolynomialFeatures features = new PolynomialFeatures(degree);
                assertEquals(Shape.of(2, features.size()), features.forward(x).shape());
                assertEquals(0, features.parameterCount());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new PolynomialFeatures(0));
    }

    @Test
    void radialFeaturesFallWithTheDistance() {
        try (Scope scope = new Scope();
                RadialFeatures features = new RadialFeatures(new float[] {1, 2, 1, -1, 4, 6}, 2)) {
            Tensor x = Tensor.of(new float[] {1, 2, 0, 0}, 2, 2);
            // squared distances 0, 9, 25 and 5, 2, 52
            double[] expected = {0, 9, 25, 5, 2, 52};
            assertArrayEquals(
                    Arrays.stream(expected).map(d -> Math.exp(-d / 8)).toArray(),
                    features.forward(x).toDoubleArray(),
                    1e-6);
            assertEquals(List.of("centres"), List.copyOf(features.state().keySet())); // so that weights are complete
        }
    }

    @Test
    void hasTheStatedParameters() {
        Map<PlaneSet, Points> sets = new TreeMap<>();
        for (PlaneSet set : List.of(PlaneSet.MOONS, PlaneSet.CIRCLES, PlaneSet.XOR, PlaneSet.SPIRALS)) {
            sets.put(set, set.draw(100, 1));
        }
        try (PlaneClassifiers networks =
                new PlaneClassifiers(PlaneModel.growing(50, 1, List.of(4, 16, 64)), sets, new Generator(0, 0))) {
            assertEquals(new Classify2d().parameters(), networks.parameterCount());
            assertTrue(networks.parameters().containsKey("logistic.moons.weight"));
            assertTrue(networks.parameters().containsKey("MLP-16.spirals.2.bias"));
        }
    }

    private static final class Learnt implements AutoCloseable {
        final Map<PlaneSet, Points> test = new TreeMap<>();
        final PlaneClassifiers networks;

        Learnt(List<PlaneModel> models, PlaneSet... sets) {
            Map<PlaneSet, Points> train = new TreeMap<>();
            for (PlaneSet set : sets) {
                train.put(set, set.draw(300, 1));
                test.put(set, set.draw(400, 2));
            }
            networks = new PlaneClassifiers(models, train, new Generator(0, 0));
            Trainer.of(networks)
                    .optimizer(new Adam(networks, 0.03))
                    .train(PlaneClassifiers.beside(train))
                    .objective(networks::loss)
                    .batchSize(50)
                    .epochs(40)
                    .build()
                    .run();
        }

        double[][] accuracies() {
            return networks.accuracies(test, Device.defaultDevice());
        }

        @Override
        public void close() {
            networks.close();
        }
    }

    /** No line has more than three of the four clouds of XOR on the right sides; x y > 0 has all. */
    @Test
    void aLineCannotSolveXorAndDegreeTwoCan() {
        List<PlaneModel> models = List.of(PlaneModel.logistic(), PlaneModel.polynomial(2), PlaneModel.radial(40, 0.5));
        try (Learnt learnt = new Learnt(models, PlaneSet.CIRCLES, PlaneSet.XOR)) {
            double[][] right = learnt.accuracies();
            String text = Arrays.deepToString(right);
            assertTrue(right[0][0] < 0.7, text);
            assertTrue(right[0][1] < 0.8, text);
            for (int model = 1; model < 3; model++) {
                assertTrue(right[model][0] > 0.97, text);
                assertTrue(right[model][1] > 0.97, text);
            }
            Score score = learnt.networks.score(learnt.test, Device.defaultDevice());
            double mean = Arrays.stream(right)
                    .flatMapToDouble(Arrays::stream)
                    .average()
                    .orElseThrow();
            assertEquals(mean, score.metric(), 1e-12);
            // of six networks together, not their mean; that they have learnt is in the accuracies
            assertTrue(score.loss() > 2 * 0.6 && score.loss() < 6 * 0.6, score::toString);

            // probabilities at the middles of the clouds
            double[] said = learnt.networks.probabilities(
                    1, 1, new float[] {1, 1, -1, 1, -1, -1, 1, -1}, Device.defaultDevice());
            for (int i = 0; i < 4; i++) {
                assertEquals(i % 2, said[i], 0.1);
            }
        }
    }

    /** A sum of losses has the gradients of each. */
    @Test
    void networksDoNotDisturbEachOther() {
        List<PlaneModel> first = List.of(PlaneModel.logistic());
        List<PlaneModel> both = List.of(PlaneModel.logistic(), PlaneModel.perceptron(3));
        try (Learnt alone = new Learnt(first, PlaneSet.MOONS);
                Learnt beside = new Learnt(both, PlaneSet.MOONS);
                Scope scope = new Scope()) {
            float[] one = value(alone);
            assertArrayEquals(one, value(beside), 1e-5F);
            assertTrue(Math.abs(one[1]) > 0.5, "it has learnt");
        }
    }

    private static float[] value(Learnt learnt) {
        return Objects.requireNonNull(learnt.networks.state().get("logistic.moons.weight"))
                .toFloatArray();
    }
}
