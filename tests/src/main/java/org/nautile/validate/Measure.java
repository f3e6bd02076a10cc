package org.nautile.validate;

/**
 * How far a result was from right.
 *
 * @param ulp the largest distance of an element in units of the last place, where they are the larger part of the budget; NaN if
 *     they are no part of it
 * @param relative the distance of all elements together, relative, in the Euclidean norm; 0 where all are smaller than what
 *     the budget allows absolutely
 * @param used the part of the budget that was used, 1 for all
 * @param budget the budget
 */
public record Measure(double ulp, double relative, double used, Budget budget) {
    /** Nothing was measured. */
    static final Measure NONE = new Measure(Double.NaN, 0, 0, Budget.exact("the same computation twice"));

    /** The worse of two. */
    static Measure worse(Measure a, Measure b) {
        double ulp = Double.isNaN(a.ulp) ? b.ulp : Double.isNaN(b.ulp) ? a.ulp : Math.max(a.ulp, b.ulp);
        Measure worst = b.used > a.used || a.equals(NONE) ? b : a;
        return new Measure(ulp, Math.max(a.relative, b.relative), worst.used, worst.budget);
    }
}
