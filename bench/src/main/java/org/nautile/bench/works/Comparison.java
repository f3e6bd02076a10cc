package org.nautile.bench.works;

import java.util.Locale;
import org.nautile.MatmulPrecision;
import org.nautile.Tensor;

/** A wrong answer has no speed. */
public final class Comparison {
    private Comparison() {}

    /** Largest relative difference (Frobenius norms) from the reference: above rounding, far below a mistake. */
    static double tolerance() {
        return switch (MatmulPrecision.current()) {
            case HIGHEST -> 1e-5;
            case HIGH -> 1e-3;
            case MEDIUM -> 8e-3;
        };
    }

    /** A result that is not timed. */
    static final class Mismatch extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Mismatch(String message) {
            super(message);
        }
    }

    /**
     * Throws if two tensors differ by more than rounding.
     *
     * @param name what was computed, for the message
     * @param expected the reference's result
     * @param actual the result that is to be timed
     */
    public static void requireClose(String name, Tensor expected, Tensor actual) {
        if (!expected.shape().equals(actual.shape()) || expected.dtype() != actual.dtype()) {
            throw new Mismatch(name + ": " + actual + " instead of " + expected + ", not timed");
        }
        Object right = expected.toArray();
        Object found = actual.toArray();
        double error = 0;
        double norm = 0;
        int size = Math.toIntExact(expected.size());
        for (int i = 0; i < size; i++) {
            double e = element(right, i);
            double difference = element(found, i) - e;
            error += difference * difference;
            norm += e * e;
        }
        requireSmall(name, error, norm, expected.dtype().isFloating());
    }

    /** Throws unless the squared error is small beside the squared norm, which must not be 0 for a floating result. */
    static void requireSmall(String name, double error, double norm, boolean floating) {
        if (!(Math.sqrt(error) <= tolerance() * Math.sqrt(norm)) || !(norm > 0 || !floating)) { // also for NaN
            throw new Mismatch(
                    String.format(Locale.ROOT, "%s: relative error %.2g, not timed", name, Math.sqrt(error / norm)));
        }
    }

    private static double element(Object array, int i) {
        if (array instanceof float[] floats) {
            return floats[i];
        } else if (array instanceof double[] doubles) {
            return doubles[i];
        } else if (array instanceof int[] ints) {
            return ints[i];
        } else if (array instanceof long[] longs) {
            return longs[i];
        }
        return ((byte[]) array)[i] & 0xFF;
    }
}
