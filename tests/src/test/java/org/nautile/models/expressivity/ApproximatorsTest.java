package org.nautile.models.expressivity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.models.Approximate;
import org.nautile.models.expressivity.Approximators.Fit;
import org.nautile.models.points.Points;
import org.nautile.optim.Adam;
import org.nautile.optim.Trainer;

/** Networks with one hidden layer come near to functions, but not with a polynomial in it. */
@ExtendWith(RestoresDefaults.class)
class ApproximatorsTest {
    private static final double[] X =
            IntStream.rangeClosed(0, 1000).mapToDouble(i -> i / 500.0 - 1).toArray();

    @BeforeEach
    void oneThread() {
        Threads.set(1); // for such small networks, others only wait
    }

    @Test
    void hasTheStatedParameters() {
        try (Approximators model =
                new Approximators(List.of(Sigma.values()), List.of(1, 2, 4, 8, 16, 32, 64), new Generator(0, 0))) {
            assertEquals(new Approximate().parameters(), model.parameterCount());
            assertTrue(model.parameters().containsKey("tanh16.hidden.weight"));
        }
    }

    @Test
    void sigmasAreWhatTheyAreCalled() {
        try (Scope scope = new Scope()) {
            Tensor x = Tensor.of(new float[] {-1.5F, 0.5F}, 2);
            double[] e = {Math.exp(-1.5), Math.exp(0.5)};
            double[] sigmoid = {e[0] / (1 + e[0]), e[1] / (1 + e[1])};
            assertArrayEquals(sigmoid, Sigma.SIGMOID.of(x).toDoubleArray(), 1e-6);
            assertArrayEquals(
                    new double[] {Math.tanh(-1.5), Math.tanh(0.5)},
                    Sigma.TANH.of(x).toDoubleArray(),
                    1e-6);
            assertArrayEquals(new double[] {0, 0.5}, Sigma.RELU.of(x).toDoubleArray(), 1e-6);
            assertArrayEquals(
                    new double[] {-1.5 * sigmoid[0], 0.5 * sigmoid[1]},
                    Sigma.SWISH.of(x).toDoubleArray(),
                    1e-6);
            assertArrayEquals(new double[] {-3.375, 0.125}, Sigma.CUBE.of(x).toDoubleArray(), 1e-6);
        }
    }

    @ParameterizedTest
    @EnumSource(Target.class)
    void examplesReachFromEndToEnd(Target target) {
        float[] pairs = target.examples(5).places();
        for (int i = 0; i < 5; i++) {
            assertEquals(i / 2.0 - 1, pairs[2 * i], 1e-7);
            assertEquals(target.of(pairs[2 * i]), pairs[2 * i + 1], 1e-6);
        }
    }

    @Test
    void theErrorFallsWithTheWidthUnlessThereIsAPolynomial() {
        Points train = Target.WAVE.examples(600);
        double[] y = Arrays.stream(X).map(Target.WAVE::of).toArray();
        double bound = Alternation.bound(Alternation.leastSquaresError(X, y, 3), 3);
        try (Approximators model =
                new Approximators(List.of(Sigma.values()), List.of(3, 12, 48), new Generator(0, 0))) {
            double before = model.score(train, Device.defaultDevice()).loss();
            Trainer.of(model)
                    .optimizer(new Adam(model, 0.01))
                    .train(train)
                    .objective(batch -> model.loss(batch.x()))
                    .epochs(40)
                    .build()
                    .run();
            assertTrue(model.score(train, Device.defaultDevice()).loss() < 0.5 * before, "it has learnt");
            List<Fit> fits = model.fits(train, X, Device.defaultDevice());
            for (Sigma sigma : Sigma.values()) {
                double[] errors = fits.stream()
                        .filter(fit -> fit.sigma() == sigma)
                        .mapToDouble(fit -> Fit.error(fit.refitted(), y))
                        .toArray();
                double[] learnt = fits.stream()
                        .filter(fit -> fit.sigma() == sigma)
                        .mapToDouble(fit -> Fit.error(fit.learnt(), y))
                        .toArray();
                String text = sigma + " " + Arrays.toString(errors) + ", as learnt " + Arrays.toString(learnt);
                if (sigma == Sigma.CUBE) {
                    Arrays.stream(errors).forEach(error -> assertTrue(error >= bound, text));
                    Arrays.stream(learnt).forEach(error -> assertTrue(error >= bound, text));
                    assertEquals(errors[1], errors[2], 1e-3, text); // both are the best cubic
                } else {
                    assertTrue(errors[1] < errors[0] && errors[2] < errors[1] / 2 && errors[2] < 0.1, text);
                    assertTrue(learnt[2] < learnt[0] / 2, text);
                }
            }
        }
    }

    /** Chebyshev: of all cubics the nearest to x^4 is x^2 - 1/8, with an error of 1/8. */
    @Test
    void boundsAreThoseOfChebyshev() {
        double[] power = Arrays.stream(X).map(x -> x * x * x * x).toArray();
        double[] nearest =
                Arrays.stream(X).map(x -> x * x - 0.125 - x * x * x * x).toArray();
        assertEquals(0.125, Alternation.bound(nearest, 3), 1e-5);
        double[] error = Alternation.leastSquaresError(X, power, 3);
        double largest = Arrays.stream(error).map(Math::abs).max().orElseThrow();
        double bound = Alternation.bound(error, 3);
        assertTrue(bound < 0.125 && bound > 0.05 && largest > 0.125, bound + " and " + largest);
        // a fourth degree meets it, and then no sign alternates often enough
        assertEquals(0, Alternation.bound(Alternation.leastSquaresError(X, power, 4), 4), 1e-9);
        assertEquals(0, Alternation.bound(new double[] {1, 2, 0, 3, -1}, 1));
        assertEquals(1, Alternation.bound(new double[] {1, 2, 0, -3, 1}, 1));
    }

    @Test
    void leastSquaresSolvesWhatCanBeSolved() {
        // 3 - 2 x at 0, 1, 2, 3
        double[][] matrix = {{1, 1, 1, 1}, {0, 1, 2, 3}};
        assertArrayEquals(new double[] {3, -2}, LeastSquares.solve(matrix, 3, 1, -1, -3), 1e-9);
        // the line nearest to 0, 0, 0, 1 by the normal equations: -0.2 + 0.3 x
        assertArrayEquals(new double[] {-0.2, 0.3}, LeastSquares.solve(matrix, 0, 0, 0, 1), 1e-9);
        // twice the same column shares what one would have, and a column of zeros has nothing
        double[][] dependent = {{1, 2}, {1, 2}, {0, 0}};
        assertArrayEquals(new double[] {1.5, 1.5, 0}, LeastSquares.solve(dependent, 3, 6), 1e-5);
        assertArrayEquals(new double[] {0}, LeastSquares.solve(new double[][] {{0, 0}}, 3, 6));
    }
}
