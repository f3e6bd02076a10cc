package org.nautile.validate;

import java.util.Locale;

/**
 * How far a result may be from right. Element i may differ by {@code ulps * ulp(expected[i]) + absolute + terms * 2^-24 *
 * magnitude[i]}, where the magnitude is the result for the absolute values of the inputs: the size of what was added up, which
 * is what rounding errors grow with. All elements together may differ by {@code norm}, relative, in the Euclidean norm.
 *
 * @param ulps distance in units of the last place of the right float32 result
 * @param absolute distance
 * @param terms distance in float32 roundings of the magnitude
 * @param norm relative distance of all elements together; infinite for no such limit
 * @param reason why so much, and no more
 */
public record Budget(double ulps, double absolute, double terms, double norm, String reason) {
    /** Half the last place of float32, relative: the largest error of one rounding. */
    static final double ROUNDING = 0x1p-24;

    /**
     * Nothing: the result is the right one rounded to float32, or the right integer.
     *
     * @param reason why that is possible
     * @return the budget
     */
    public static Budget exact(String reason) {
        return new Budget(0, 0, 0, 0, reason);
    }

    /**
     * Some units of the last place.
     *
     * @param ulps their number
     * @param reason why so many
     * @return the budget
     */
    public static Budget ulp(double ulps, String reason) {
        return new Budget(ulps, 0, 0, Double.POSITIVE_INFINITY, reason);
    }

    /**
     * For sums of products.
     *
     * @param length the products in one sum
     * @return 8 roundings of the sum of absolute values (observed: 0.5 at 4096 products), and 5e-7 of the norm, growing with
     *     the root of the length beyond 4096
     */
    public static Budget product(long length) {
        double norm = 5e-7 * Math.max(1, Math.sqrt(length / 4096.0));
        return new Budget(0, 0, 8, norm, "sums of " + length + " products in float32");
    }

    /**
     * This budget and some absolute distance.
     *
     * @param distance the distance
     * @return the sum of both
     */
    public Budget plus(double distance) {
        return new Budget(ulps, absolute + distance, terms, norm, reason);
    }

    /**
     * This budget with a limit for all elements together.
     *
     * @param limit relative, in the Euclidean norm
     * @return the budget
     */
    public Budget within(double limit) {
        return new Budget(ulps, absolute, terms, limit, reason);
    }

    /** For what is only to be computed, whatever comes out. */
    static Budget unlimited() {
        return new Budget(0, Double.POSITIVE_INFINITY, 0, Double.POSITIVE_INFINITY, "tried alone");
    }

    /** Whether not a bit may differ. */
    boolean isExact() {
        return ulps == 0 && absolute == 0 && terms == 0;
    }

    /** What an element may differ by. */
    double allowed(double expected, double magnitude) {
        double rounded = Math.min(Math.abs(expected), Float.MAX_VALUE);
        double ulp = Double.isNaN(expected) ? 0 : Math.ulp((float) rounded);
        double rounding = terms == 0 ? 0 : terms * ROUNDING * magnitude; // the magnitude may be NaN
        return ulps * ulp + absolute + rounding;
    }

    /** For example {@code "2 ulp + 1e-7, norm 1e-6"}. */
    @Override
    public String toString() {
        if (isExact()) {
            return "exact";
        }
        StringBuilder text = new StringBuilder();
        if (ulps > 0) {
            text.append(number(ulps)).append(" ulp");
        }
        if (absolute > 0) {
            text.append(text.isEmpty() ? "" : " + ").append(number(absolute));
        }
        if (terms > 0) {
            text.append(text.isEmpty() ? "" : " + ").append(number(terms)).append("u of |terms|");
        }
        if (norm < Double.POSITIVE_INFINITY) {
            text.append(", norm ").append(number(norm));
        }
        return text.toString();
    }

    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e6
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.2g", value);
    }
}
