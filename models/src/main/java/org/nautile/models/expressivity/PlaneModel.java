package org.nautile.models.expressivity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.nautile.Generator;
import org.nautile.models.points.Points;
import org.nautile.nn.Activation;
import org.nautile.nn.Linear;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;

/**
 * A way to tell two classes in the plane apart: f(x), positive for the second class; 1 / (1 + e^-f(x)) is its
 * probability.
 *
 * @param name for example {@code "degree 2"}
 * @param network makes one for points to learn from, with first weights that the generator draws: [B, 2] to [B, 1]
 */
public record PlaneModel(String name, BiFunction<Points, Generator, Module> network) {
    /**
     * Logistic regression, f(x) = Ax + b: the border is a line.
     *
     * @return the way
     */
    public static PlaneModel logistic() {
        return new PlaneModel("logistic", (points, random) -> new Linear(2, 1, random));
    }

    /**
     * Logistic regression on the products of the coordinates.
     *
     * @param degree the highest degree of the products, {@code >= 1}
     * @return the way
     */
    public static PlaneModel polynomial(int degree) {
        return new PlaneModel("degree " + degree, (points, random) -> {
            PolynomialFeatures features = new PolynomialFeatures(degree);
            return new Sequential(features, new Linear(features.size(), 1, random));
        });
    }

    /**
     * Logistic regression on radial basis functions, whose centres are the first of the points to learn from.
     *
     * @param centres their number, {@code >= 1}, as in the name; fewer where there are fewer points
     * @param radius how far a centre reaches, {@code > 0}
     * @return the way
     */
    public static PlaneModel radial(int centres, double radius) {
        return new PlaneModel("radial " + centres, (points, random) -> {
            int count = Math.min(centres, points.size());
            float[] first = Arrays.copyOf(points.places(), 2 * count);
            return new Sequential(new RadialFeatures(first, radius), new Linear(count, 1, random));
        });
    }

    /**
     * A perceptron with two hidden layers and ReLU: it learns its features.
     *
     * @param width units of each hidden layer, {@code >= 1}
     * @return the way
     */
    public static PlaneModel perceptron(int width) {
        return new PlaneModel(
                "MLP " + width,
                (points, random) -> new Sequential(
                        new Linear(2, width, random),
                        Activation.relu(),
                        new Linear(width, width, random),
                        Activation.relu(),
                        new Linear(width, 1, random)));
    }

    /**
     * All of them, the least expressive first.
     *
     * @param centres of the radial basis functions
     * @param radius of the radial basis functions
     * @param widths of the perceptrons
     * @return logistic regression, polynomials of degree 2 and 3, radial basis functions, perceptrons
     */
    public static List<PlaneModel> growing(int centres, double radius, List<Integer> widths) {
        List<PlaneModel> models =
                new ArrayList<>(List.of(logistic(), polynomial(2), polynomial(3), radial(centres, radius)));
        widths.forEach(width -> models.add(perceptron(width)));
        return models;
    }
}
