package org.nautile.validate;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.nautile.Shape;

/** Every comparison is shown right and wrong answers before it is trusted. */
class CompareTest {
    private static final double[] RIGHT = {1, -2, 3};
    private static final Budget EXACT = Budget.exact("test");
    private static final Budget TWO_ULP = Budget.ulp(2, "test");

    private static Measure close(double[] expected, Object actual, Budget budget) {
        return Compare.close("y", expected, actual, null, budget, false);
    }

    private static void wrong(double[] expected, Object actual, Budget budget, String message) {
        wrong(expected, actual, null, budget, message);
    }

    private static void wrong(
            double[] expected, Object actual, double @Nullable [] magnitude, Budget budget, String message) {
        Mismatch mismatch =
                assertThrows(Mismatch.class, () -> Compare.close("y", expected, actual, magnitude, budget, false));
        assertTrue(String.valueOf(mismatch.getMessage()).contains(message), mismatch::getMessage);
    }

    @Test
    void closeTakesWhatIsRight() {
        for (Budget budget : new Budget[] {EXACT, TWO_ULP, Budget.product(3), EXACT.plus(1e-9)}) {
            Measure measure = close(RIGHT, new float[] {1, -2, 3}, budget);
            assertEquals(0, measure.used());
            assertEquals(0, measure.relative());
        }
        close(RIGHT, new double[] {1, -2, 3}, EXACT);
        close(RIGHT, new int[] {1, -2, 3}, EXACT);
        close(RIGHT, new long[] {1, -2, 3}, EXACT);
        close(new double[] {1, 254, 3}, new byte[] {1, (byte) 254, 3}, EXACT);
    }

    @Test
    void closeRejectsNan() {
        for (Budget budget : new Budget[] {EXACT, TWO_ULP, Budget.product(3), EXACT.plus(1e30)}) {
            wrong(RIGHT, new float[] {1, Float.NaN, 3}, budget, "y at 1: expected -2.0, got NaN");
            wrong(new double[] {1, Double.NaN, 3}, new float[] {1, 2, 3}, budget, "y at 1: expected NaN, got 2.0");
            close(new double[] {1, Double.NaN, 3}, new float[] {1, Float.NaN, 3}, budget);
        }
    }

    @Test
    void closeRejectsInfinities() {
        float infinity = Float.POSITIVE_INFINITY;
        double[] unbounded = {1, Double.POSITIVE_INFINITY, 3};
        for (Budget budget : new Budget[] {EXACT, TWO_ULP, EXACT.plus(1e30)}) {
            wrong(RIGHT, new float[] {1, infinity, 3}, budget, "got Infinity");
            wrong(unbounded, new float[] {1, Float.MAX_VALUE, 3}, budget, "expected Infinity");
            wrong(unbounded, new float[] {1, -infinity, 3}, budget, "expected Infinity");
            wrong(unbounded, new float[] {1, Float.NaN, 3}, budget, "expected Infinity");
            close(unbounded, new float[] {1, infinity, 3}, budget);
            close(new double[] {1, 1e39, 3}, new float[] {1, infinity, 3}, budget); // beyond float32
        }
    }

    @Test
    void closeRejectsWrongValues() {
        float above = Math.nextUp(3F);
        wrong(RIGHT, new float[] {1, -2, above}, EXACT, "y at 2");
        wrong(RIGHT, new float[] {1, 2, 3}, TWO_ULP, "y at 1"); // the sign
        wrong(RIGHT, new float[] {-2, 1, 3}, TWO_ULP, "y at 0"); // the order
        wrong(RIGHT, new float[] {0, 0, 0}, TWO_ULP, "y at 0"); // a kernel that does nothing
        float three = Math.nextUp(Math.nextUp(above));
        wrong(RIGHT, new float[] {1, -2, three}, TWO_ULP, "y at 2");
        Measure two = close(RIGHT, new float[] {1, -2, Math.nextUp(above)}, TWO_ULP);
        assertEquals(2, two.ulp());
        assertEquals(1, two.used());
        wrong(RIGHT, new int[] {1, -2, 4}, EXACT, "y at 2");
        wrong(RIGHT, new long[] {1, -2, 4}, EXACT, "y at 2");
    }

    @Test
    void closeRejectsOtherLengths() {
        wrong(RIGHT, new float[] {1, -2}, TWO_ULP, "expected 3 elements, got 2");
        wrong(RIGHT, new float[] {1, -2, 3, 4}, TWO_ULP, "expected 3 elements, got 4");
        wrong(RIGHT, new float[0], TWO_ULP, "expected 3 elements, got 0");
    }

    @Test
    void closeRejectsZerosAsRight() {
        double[] zeros = new double[3];
        float[] found = new float[3];
        wrong(zeros, found, EXACT, "proves nothing");
        wrong(new double[] {0, -0.0, 0}, found, TWO_ULP, "proves nothing");
        Compare.close("y", zeros, found, null, EXACT, true);
        assertThrows(
                Mismatch.class,
                () -> Compare.close("y", zeros, new float[] {0, Float.MIN_VALUE, 0}, null, EXACT, true));
        close(new double[0], new float[0], EXACT); // nothing cannot be wrong
    }

    @Test
    void exactIsRightRoundedOnce() {
        double third = 1 / 3.0;
        close(new double[] {third}, new float[] {(float) third}, EXACT);
        wrong(new double[] {third}, new float[] {Math.nextDown((float) third)}, EXACT, "y at 0");
        wrong(new double[] {third}, new double[] {(float) third}, EXACT, "y at 0"); // float64 is not rounded
    }

    @Test
    void termsCountInMagnitudes() {
        Budget terms = Budget.product(3);
        double[] expected = {1e-3, 1};
        double[] magnitude = {1000, 1};
        float near = (float) (1e-3 + 7 * Budget.ROUNDING * 1000);
        float far = (float) (1e-3 + 9 * Budget.ROUNDING * 1000);
        Budget elements = terms.within(1);
        Compare.close("y", expected, new float[] {near, 1}, magnitude, elements, false);
        wrong(expected, new float[] {far, 1}, magnitude, elements, "y at 0");
        wrong(expected, new float[] {1e-3F, 1 + 10 * (float) Budget.ROUNDING}, magnitude, elements, "y at 1");
        wrong(expected, new float[] {near, 1}, magnitude, terms, "norm"); // near enough one by one, not together
    }

    @Test
    void normLimitsAllTogether() {
        double[] expected = new double[100];
        float[] found = new float[100];
        for (int i = 0; i < found.length; i++) {
            expected[i] = 1;
            found[i] = 1 + 1e-6F;
        }
        Budget loose = Budget.ulp(0, "test").plus(2e-6);
        assertEquals(1e-6, close(expected, found, loose).relative(), 1e-7);
        close(expected, found, loose.within(2e-6));
        wrong(expected, found, loose.within(5e-7), "norm");
    }

    @Test
    void sameWantsTheSameBits() {
        float[] expected = {1, -0.0F, Float.NaN};
        Compare.same("y", expected, expected.clone(), false);
        float[][] wrongs = {
            {Math.nextUp(1F), -0.0F, Float.NaN},
            {1, 0, Float.NaN},
            {1, -0.0F, Float.intBitsToFloat(0x7FC0DEAD)},
            {1, -0.0F}
        };
        for (float[] found : wrongs) {
            assertThrows(Mismatch.class, () -> Compare.same("y", expected, found, false));
        }
        assertThrows(Mismatch.class, () -> Compare.same("y", expected, new double[] {1, -0.0, Double.NaN}, false));
        Compare.same("y", new long[] {1, Long.MAX_VALUE}, new long[] {1, Long.MAX_VALUE}, false);
        assertThrows( // equal as double
                Mismatch.class,
                () -> Compare.same("y", new long[] {1, Long.MAX_VALUE}, new long[] {1, Long.MAX_VALUE - 1}, false));
        assertThrows(Mismatch.class, () -> Compare.same("y", new int[] {1}, new int[] {2}, false));
        assertThrows(Mismatch.class, () -> Compare.same("y", new byte[] {1}, new byte[] {-1}, false));
        assertThrows(Mismatch.class, () -> Compare.same("y", new float[2], new float[2], false)); // proves nothing
        Compare.same("y", new float[2], new float[2], true);
        assertThrows(Mismatch.class, () -> Compare.same("y", new float[2], new float[] {0, -0.0F}, true));
    }

    @Test
    void shapesMustBeEqual() {
        Compare.shape("y", Shape.of(2, 3), Shape.of(2, 3));
        for (Shape shape : new Shape[] {Shape.of(3, 2), Shape.of(6), Shape.of(2, 3, 1), Shape.SCALAR}) {
            Mismatch mismatch = assertThrows(Mismatch.class, () -> Compare.shape("y", Shape.of(2, 3), shape));
            assertTrue(String.valueOf(mismatch.getMessage()).contains(shape.toString()), mismatch::getMessage);
        }
    }

    @Test
    void budgetsAreSums() {
        Budget all = new Budget(2, 1e-6, 8, 1e-5, "test");
        assertEquals(2 * Math.ulp(4F) + 1e-6 + 8 * 0x1p-24 * 10, all.allowed(4, 10), 1e-15);
        assertEquals(1e-6, new Budget(0, 1e-6, 0, 1, "test").allowed(4, 10));
        assertEquals(0, EXACT.allowed(4, 10));
        assertEquals(3e-6, all.plus(2e-6).absolute(), 1e-18);
        assertEquals(0.1, all.within(0.1).norm());
        assertEquals(5e-7, Budget.product(4096).norm());
        assertEquals(1e-6, Budget.product(4 * 4096).norm(), 1e-12);
        assertTrue(EXACT.isExact() && !all.isExact() && !EXACT.plus(1e-9).isExact());
        assertEquals("exact", EXACT.toString());
        assertEquals("2 ulp + 1.0e-06 + 8u of |terms|, norm 1.0e-05", all.toString());
    }

    /** Expectations without neighbours in float32 allow nothing that is not asked for, and no NaN. */
    @Test
    void budgetsOfExtremes() {
        assertEquals(0, TWO_ULP.allowed(Double.NaN, 0));
        assertEquals(2 * Math.ulp(Float.MAX_VALUE), TWO_ULP.allowed(Double.POSITIVE_INFINITY, 0));
        assertEquals(2 * Math.ulp(Float.MAX_VALUE), TWO_ULP.allowed(-1e300, 0));
        assertEquals(2 * 0x1p-149, TWO_ULP.allowed(0, 0));
        assertDoesNotThrow(() -> close(new double[] {1, 0}, new float[] {1, 0x1p-148F}, TWO_ULP));
        wrong(new double[] {1, 0}, new float[] {1, 0x1.8p-148F}, TWO_ULP, "y at 1");
    }
}
