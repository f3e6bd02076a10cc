package org.nautile.models.expressivity;

import java.util.Locale;
import org.nautile.models.points.Points;

/** Continuous functions on the interval from -1 to 1. */
public enum Target {
    /** A fast wave on a slow one. */
    WAVE("sin(2 pi x) + cos(5 pi x) / 4") {
        @Override
        public double of(double x) {
            return Math.sin(2 * Math.PI * x) + Math.cos(5 * Math.PI * x) / 4;
        }
    },
    /** A function with a bend. */
    BEND("|x|") {
        @Override
        public double of(double x) {
            return Math.abs(x);
        }
    },
    /** A steep step. */
    STEP("tanh(20 x)") {
        @Override
        public double of(double x) {
            return Math.tanh(20 * x);
        }
    };

    private final String formula;

    Target(String formula) {
        this.formula = formula;
    }

    /**
     * What it is.
     *
     * @return for example {@code "|x|"}
     */
    public String formula() {
        return formula;
    }

    /**
     * The function.
     *
     * @param x from -1 to 1
     * @return its value
     */
    public abstract double of(double x);

    /**
     * Examples at even distances, from one end of the interval to the other.
     *
     * @param size their number, {@code >= 2}
     * @return points of two coordinates, a number and the function of it, and one class
     */
    public Points examples(int size) {
        float[] pairs = new float[2 * size];
        for (int i = 0; i < size; i++) {
            pairs[2 * i] = (float) (2.0 * i / (size - 1) - 1);
            pairs[2 * i + 1] = (float) of(pairs[2 * i]);
        }
        return new Points(pairs, new int[size], 1);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
