package org.nautile.models.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.nautile.Generator;

/** The course's two worked examples, and sweeps that can be counted by hand. */
class MetricsTest {
    /** 100 patients, 20 of them ill: 10 are found, and one healthy person is alarmed. */
    @Test
    void patients() {
        Confusion patients = new Confusion(10, 1, 10, 79);
        assertEquals(0.89, patients.accuracy());
        assertEquals(0.909, patients.precision(), 0.0005);
        assertEquals(0.5, patients.recall());
        assertEquals(20.0 / 31, patients.f1(), 1e-15);
        assertEquals(10.0 / 21, patients.iou(), 1e-15);
    }

    /** 100 operations, 20 of them with a high reward: 19 are found, with 15 that lose. */
    @Test
    void operations() {
        Confusion operations = new Confusion(19, 15, 1, 65);
        assertEquals(0.84, operations.accuracy());
        assertEquals(0.559, operations.precision(), 0.0005);
        assertEquals(0.95, operations.recall());
    }

    @Test
    void answersAreCounted() {
        boolean[] truth = {true, true, true, false, false, true, false};
        boolean[] answers = {true, false, true, true, false, false, true};
        Confusion counts = Confusion.of(truth, answers);
        assertEquals(new Confusion(2, 2, 2, 1), counts);
        assertEquals(new Confusion(4, 4, 4, 2), counts.plus(counts));
        assertTrue(Double.isNaN(Confusion.NONE.iou()));
        assertThrows(IllegalArgumentException.class, () -> Confusion.of(truth, new boolean[3]));
    }

    /**
     * Shares of nothing are NaN where scikit-learn has zero_division; F1 is 0, not NaN, as soon as something was said
     * or is.
     */
    @Test
    void sharesOfNothing() {
        Confusion neverSaid = new Confusion(0, 0, 3, 7);
        assertTrue(Double.isNaN(neverSaid.precision()));
        assertEquals(0, neverSaid.recall());
        assertEquals(0, neverSaid.f1());
        assertEquals(0, neverSaid.iou());
        Confusion nothingThere = new Confusion(0, 4, 0, 6);
        assertEquals(0, nothingThere.precision());
        assertTrue(Double.isNaN(nothingThere.recall()));
        assertEquals(0, nothingThere.f1());
        Confusion allNo = new Confusion(0, 0, 0, 5);
        assertTrue(Double.isNaN(allNo.f1()));
        assertTrue(Double.isNaN(allNo.iou()));
        assertEquals(1, allNo.accuracy());
        assertTrue(Double.isNaN(Confusion.NONE.accuracy()));
    }

    /** The example in scikit-learn's documentation of precision_score, recall_score and f1_score. */
    @Test
    void severalClasses() {
        int[] truth = {0, 1, 2, 0, 1, 2};
        ClassConfusion counts = new ClassConfusion(truth, new int[] {0, 2, 1, 0, 0, 1}, 3);
        assertEquals(2, counts.count(0, 0));
        assertEquals(1, counts.count(1, 0));
        assertEquals(2, counts.count(2, 1));
        assertEquals(new Confusion(2, 1, 0, 3), counts.of(0));
        assertEquals(2 / 3.0, counts.of(0).precision());
        assertEquals(0.8, counts.of(0).f1(), 1e-15);
        assertEquals(2 / 9.0, counts.macro(Confusion::precision, 0), 1e-15); // 0.22
        assertEquals(1 / 3.0, counts.macro(Confusion::recall, 0), 1e-15); // 0.33
        assertEquals(0.8 / 3, counts.macro(Confusion::f1, 0), 1e-15); // 0.26
        assertEquals(2 / 9.0, counts.macro(Confusion::iou, 0), 1e-15);
        assertEquals(1 / 3.0, counts.micro().precision());
        assertEquals(1 / 3.0, counts.micro().recall());
        assertEquals(1 / 3.0, counts.micro().f1());
        assertEquals(1 / 3.0, counts.accuracy());
        assertThrows(IllegalArgumentException.class, () -> new ClassConfusion(truth, new int[2], 3));
    }

    /** The same documentation's example for zero_division, precisions 1/3 and twice nothing; and a class of no examples. */
    @Test
    void classesThatAreNeverSaid() {
        ClassConfusion counts = new ClassConfusion(new int[] {0, 1, 2, 0, 1, 2}, new int[6], 4);
        assertEquals(1 / 3.0 / 4, counts.macro(Confusion::precision, 0), 1e-15);
        assertEquals((1 / 3.0 + 3) / 4, counts.macro(Confusion::precision, 1), 1e-15);
        assertEquals(1 / 3.0, counts.macro(Confusion::precision, Double.NaN), 1e-15);
        assertEquals(1 / 3.0, counts.macro(Confusion::recall, Double.NaN), 1e-15); // 1, 0, 0
        assertEquals(0.5 / 3, counts.macro(Confusion::f1, Double.NaN), 1e-15);
        assertTrue(Double.isNaN(new ClassConfusion(new int[0], new int[0], 2).macro(Confusion::f1, Double.NaN)));
    }

    @Test
    void sweepIsTheConfusionAtEachThreshold() {
        Generator random = new Generator(3, 0);
        int count = 2000;
        boolean[] truth = new boolean[count];
        double[] p = new double[count];
        ThresholdSweep sweep = new ThresholdSweep();
        for (int i = 0; i < count; i++) {
            truth[i] = random.nextInt(3) == 0;
            p[i] = Math.sqrt(random.nextDouble()) * (truth[i] ? 1 : 0.7);
            sweep.add(truth[i], p[i]);
        }
        double best = 0;
        for (int t = 0; t <= 10; t++) {
            boolean[] answers = new boolean[count];
            for (int i = 0; i < count; i++) {
                answers[i] = p[i] >= t / 10.0;
            }
            assertEquals(Confusion.of(truth, answers), sweep.at(t / 10.0), "at " + t / 10.0);
            best = Math.max(best, sweep.at(t / 10.0).iou());
        }
        assertTrue(sweep.at(sweep.best(Confusion::iou)).iou() >= best);
        double[] thresholds = ThresholdSweep.thresholds(4);
        assertArrayEquals(new double[] {0, 0.25, 0.5, 0.75, 1}, thresholds);
        assertEquals(1, sweep.curve(thresholds, Confusion::recall)[0]);
        assertThrows(IllegalArgumentException.class, () -> sweep.add(true, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> sweep.add(true, 1.001));
    }

    /** By hand: 0.9 yes, 0.8 no, 0.7 yes, 0.1 no has precision 1 up to recall 1/2, and 2/3 at recall 1. */
    @Test
    void averagePrecision() {
        ThresholdSweep sweep = new ThresholdSweep();
        sweep.add(true, 0.9);
        sweep.add(false, 0.8);
        sweep.add(true, 0.7);
        sweep.add(false, 0.1);
        assertEquals(0.5 + 0.5 * 2 / 3, sweep.averagePrecision(), 1e-12);
        ThresholdSweep perfect = new ThresholdSweep();
        perfect.add(true, 1);
        perfect.add(false, 0);
        assertEquals(1, perfect.averagePrecision());
    }

    /** Of 1, 2, 3, 6, and of three times that. */
    @Test
    void meansAndTheirErrors() {
        Moments moments = new Moments(2);
        for (int value : new int[] {1, 2, 3, 6}) {
            moments.add(value, 3 * value);
        }
        double error = Math.sqrt(14.0 / 3 / 4);
        assertArrayEquals(new double[] {3, 9}, moments.mean(), 1e-12);
        assertArrayEquals(new double[] {error, 3 * error}, moments.standardError(), 1e-12);
    }
}
