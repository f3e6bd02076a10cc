package org.nautile.validate;

import org.jspecify.annotations.Nullable;
import org.nautile.Shape;

/**
 * Comparisons. Each is written so that NaN fails ({@code !(error <= allowed)}), and refuses data that prove nothing: where all
 * that was expected is zero, a kernel that does nothing looks right.
 */
public final class Compare {
    private Compare() {}

    /**
     * Checks that a result is near enough to right.
     *
     * @param what the result's name, for the message
     * @param expected the right elements
     * @param actual the elements found, an array; where the budget is exact and this is a {@code float[]}, right is rounded
     * @param magnitude for budgets that count in terms; null otherwise
     * @param budget how near is near enough
     * @param zeros whether all zeros are what is expected
     * @return how near it is
     * @throws Mismatch if it is not
     */
    public static Measure close(
            String what,
            double[] expected,
            Object actual,
            double @Nullable [] magnitude,
            Budget budget,
            boolean zeros) {
        requireLength(what, expected.length, Elements.length(actual));
        requireInformation(what, expected, zeros);
        boolean rounded = budget.isExact() && actual instanceof float[];
        double maxUlp = 0;
        double used = 0;
        double squares = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            double right = expected[i];
            double found = Elements.get(actual, i);
            requireWritten(what, actual, i);
            if (Double.isNaN(right) || Double.isInfinite((float) right)) {
                if (Double.compare((float) right, found) != 0) {
                    throw new Mismatch(text(what, i, right, found, "the same"));
                }
                continue;
            }
            double target = rounded ? (float) right : right;
            double error = Math.abs(found - target);
            double allowed = budget.allowed(right, magnitude == null ? 0 : magnitude[i]);
            if (!(error <= allowed)) {
                throw new Mismatch(text(what, i, right, found, Budget.number(allowed) + " (" + budget + ")"));
            }
            double ulp = Math.ulp((float) Math.abs(right));
            if (budget.ulps() * ulp >= budget.absolute()) { // elsewhere the budget is about absolute distance
                maxUlp = Math.max(maxUlp, error / ulp);
            }
            used = Math.max(used, error == 0 ? 0 : error / allowed);
            squares += error * error;
            norm += right * right;
        }
        double relative = squares == 0 ? 0 : Math.sqrt(squares / norm);
        if (!(relative <= budget.norm()) && norm > 0) {
            throw new Mismatch(what + ": relative distance in the norm " + Budget.number(relative) + ", allowed "
                    + Budget.number(budget.norm()));
        }
        if (budget.norm() > 0 && norm > 0) {
            used = Math.max(used, relative / budget.norm());
        }
        boolean counted = budget.terms() == 0 && (budget.ulps() > 0 || budget.isExact());
        boolean large = norm > expected.length * budget.absolute() * budget.absolute();
        return new Measure(counted ? maxUlp : Double.NaN, large ? relative : 0, used, budget);
    }

    /**
     * Checks that two results have the same bits; all NaN are alike.
     *
     * @param what the result's name, for the message
     * @param expected the elements of one, an array
     * @param actual the elements of the other, an array of the same type
     * @param zeros whether all zeros are what is expected
     * @throws Mismatch if a bit differs
     */
    public static void same(String what, Object expected, Object actual, boolean zeros) {
        if (expected.getClass() != actual.getClass()) {
            throw new Mismatch(what + ": expected " + expected.getClass().getSimpleName() + ", got "
                    + actual.getClass().getSimpleName());
        }
        int length = Elements.length(expected);
        requireLength(what, length, Elements.length(actual));
        requireInformation(what, expected, zeros);
        for (int i = 0; i < length; i++) {
            requireWritten(what, actual, i);
            if (Elements.canonicalBits(expected, i) != Elements.canonicalBits(actual, i)) {
                throw new Mismatch(text(what, i, Elements.get(expected, i), Elements.get(actual, i), "the same bits"));
            }
        }
    }

    /**
     * Checks a shape.
     *
     * @param what the result's name, for the message
     * @param expected the right shape
     * @param actual the shape found
     * @throws Mismatch if they differ
     */
    public static void shape(String what, Shape expected, Shape actual) {
        if (!expected.equals(actual)) {
            throw new Mismatch(what + ": expected shape " + expected + ", got " + actual);
        }
    }

    private static void requireLength(String what, int expected, int actual) {
        if (expected != actual) {
            throw new Mismatch(what + ": expected " + expected + " elements, got " + actual);
        }
    }

    private static void requireWritten(String what, Object actual, int index) {
        if (Elements.isPoison(actual, index)) {
            throw new Mismatch(what + " at " + index + ": nothing was written, or something outside was read");
        }
    }

    private static void requireInformation(String what, Object expected, boolean zeros) {
        int length = Elements.length(expected);
        int zero = 0;
        while (zero < length && Elements.get(expected, zero) == 0) {
            zero++;
        }
        if (!zeros && length > 0 && zero == length) {
            throw new Mismatch(what + ": all " + length + " elements expected are zero, which proves nothing");
        }
    }

    private static String text(String what, int index, double expected, double actual, String allowed) {
        return what + " at " + index + ": expected " + expected + ", got " + actual + ", allowed " + allowed;
    }
}
