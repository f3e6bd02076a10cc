package org.nautile.models.expressivity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What no polynomial can reach. */
public final class Alternation {
    private Alternation() {}

    /**
     * How near a polynomial of a degree can come to a function at best: not nearer than this. By the theorem of de la
     * Vallee Poussin: where the error of one such polynomial has {@code degree + 2} values of alternating sign, every
     * other has an error as large as the least of them at one of these places.
     *
     * @param error of a polynomial of the degree at rising places; that of the best in least squares changes its sign
     *     often enough
     * @param degree of the polynomial, {@code >= 0}
     * @return a lower bound of the largest error of every polynomial of this degree; 0 where the signs say nothing
     */
    public static double bound(double[] error, int degree) {
        List<Double> extremes = new ArrayList<>(); // the largest errors between changes of sign
        double before = 0;
        for (double value : error) {
            if (value * before > 0) {
                int last = extremes.size() - 1;
                extremes.set(last, Math.max(extremes.get(last), Math.abs(value)));
            } else if (value != 0) {
                extremes.add(Math.abs(value));
            }
            before = value == 0 ? before : value;
        }
        double best = 0;
        for (int from = 0; from + degree + 2 <= extremes.size(); from++) {
            best = Math.max(
                    best,
                    extremes.subList(from, from + degree + 2).stream()
                            .mapToDouble(Double::doubleValue)
                            .min()
                            .orElse(0));
        }
        return best;
    }

    /**
     * The error of the polynomial of a degree that is best in least squares.
     *
     * @param x places from -1 to 1
     * @param y what is approximated at each
     * @param degree of the polynomial, {@code >= 0}
     * @return the polynomial less y, at each place
     */
    public static double[] leastSquaresError(double[] x, double[] y, int degree) {
        double[][] powers = new double[degree + 1][];
        for (int d = 0; d <= degree; d++) {
            int power = d;
            powers[d] = Arrays.stream(x).map(place -> Math.pow(place, power)).toArray();
        }
        double[] factors = LeastSquares.solve(powers, y);
        double[] error = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            error[i] = -y[i];
            for (int d = 0; d <= degree; d++) {
                error[i] += factors[d] * powers[d][i];
            }
        }
        return error;
    }
}
