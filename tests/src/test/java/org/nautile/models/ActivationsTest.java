package org.nautile.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nautile.RestoresDefaults;
import org.nautile.models.Activations.Curve;
import org.nautile.models.Activations.Page;

/** Activation functions and their derivatives are the ones of the books. */
@ExtendWith(RestoresDefaults.class)
class ActivationsTest {
    private static final float[] X = {-3, -0.75F, 0.25F, 1.5F}; // nowhere a bend

    private record Known(DoubleUnaryOperator function, DoubleUnaryOperator derivative) {}

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double softmax(double x) {
        return Math.exp(x) / (Math.exp(x) + 2);
    }

    private static final Map<String, Known> KNOWN = Map.of(
            "linear",
            new Known(x -> x, x -> 1),
            "sigmoid",
            new Known(ActivationsTest::sigmoid, x -> sigmoid(x) * (1 - sigmoid(x))),
            "softmax",
            new Known(ActivationsTest::softmax, x -> softmax(x) * (1 - softmax(x))),
            "tanh",
            new Known(Math::tanh, x -> 1 - Math.tanh(x) * Math.tanh(x)),
            "ReLU",
            new Known(x -> Math.max(0, x), x -> x > 0 ? 1 : 0),
            "leaky ReLU",
            new Known(x -> Math.max(0.1 * x, x), x -> x > 0 ? 1 : 0.1),
            "ELU",
            new Known(x -> x < 0 ? Math.exp(x) - 1 : x, x -> x < 0 ? Math.exp(x) : 1),
            "swish",
            new Known(x -> x * sigmoid(x), x -> sigmoid(x) * (1 + x * (1 - sigmoid(x)))));

    @Test
    void valuesAndDerivativesAreTheKnownOnes() {
        List<Page> pages = Activations.all();
        assertEquals(KNOWN.keySet().size(), pages.size());
        for (Page page : pages) {
            Known known = Objects.requireNonNull(KNOWN.get(page.name()), page.name());
            Curve curve = page.at(X);
            assertArrayEquals(at(known.function()), curve.values(), 1e-6, page.name());
            assertArrayEquals(at(known.derivative()), curve.derivatives(), 1e-6, page.name());
        }
    }

    private static double[] at(DoubleUnaryOperator function) {
        double[] x = new double[X.length];
        Arrays.setAll(x, i -> X[i]);
        return Arrays.stream(x).map(function).toArray();
    }
}
