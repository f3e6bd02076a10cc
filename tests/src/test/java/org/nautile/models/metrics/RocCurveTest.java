package org.nautile.models.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.nautile.Generator;

class RocCurveTest {
    /** Scores 4, 3, 3, 2, 1; the positive ones are 4, one of the two 3s, and 1. */
    @Test
    void byHand() {
        RocCurve curve = new RocCurve(new double[] {3, 1, 4, 2, 3}, new boolean[] {false, true, true, false, true});
        assertArrayEquals(new double[] {0, 1 / 3.0, 2 / 3.0, 2 / 3.0, 1}, curve.recall(), 1e-15);
        assertArrayEquals(new double[] {0, 0, 0.5, 1, 1}, curve.falsePositiveRate(), 1e-15);
        assertArrayEquals(new double[] {1, 1, 2 / 3.0, 0.5, 0.6}, curve.precision(), 1e-15);
        assertEquals(3.5 / 6, curve.auroc(), 1e-15); // of 6 pairs 3 in order, 1 equal
        assertEquals(1 / 3.0 + 2 / 9.0 + 0.6 / 3, curve.averagePrecision(), 1e-15);
    }

    /** The example in scikit-learn's documentation of roc_curve, roc_auc_score and average_precision_score. */
    @Test
    void asInScikitLearn() {
        double[] scores = {0.1, 0.4, 0.35, 0.8};
        RocCurve curve = new RocCurve(scores, new boolean[] {false, false, true, true});
        assertArrayEquals(new double[] {0, 0, 0.5, 0.5, 1}, curve.falsePositiveRate());
        assertArrayEquals(new double[] {0, 0.5, 0.5, 1, 1}, curve.recall());
        assertArrayEquals(new double[] {1, 1, 0.5, 2 / 3.0, 0.5}, curve.precision());
        assertEquals(0.75, curve.auroc());
        assertEquals(0.8333, curve.averagePrecision(), 5e-5);
    }

    /** The sweep puts scores into bins of 1/1000; where that loses nothing, both areas are one. */
    @Test
    void theSweepHasTheSameAveragePrecision() {
        Generator random = new Generator(2, 0);
        double[] scores = new double[500];
        boolean[] positive = new boolean[500];
        ThresholdSweep sweep = new ThresholdSweep();
        for (int i = 0; i < scores.length; i++) {
            positive[i] = random.nextInt(4) == 0;
            scores[i] = (random.nextInt(600) + (positive[i] ? 400 : 0)) / 1000.0;
            sweep.add(positive[i], scores[i]);
        }
        assertEquals(new RocCurve(scores, positive).averagePrecision(), sweep.averagePrecision(), 1e-12);
    }

    @Test
    void areaIsTheChanceThatAPositiveExampleScoresHigher() {
        Generator random = new Generator(1, 0);
        double[] scores = new double[300];
        boolean[] positive = new boolean[300];
        for (int i = 0; i < scores.length; i++) {
            positive[i] = random.nextInt(3) == 0;
            scores[i] = random.nextInt(20) + (positive[i] ? 3 : 0); // many are equal
        }
        double higher = 0;
        int pairs = 0;
        for (int i = 0; i < scores.length; i++) {
            for (int j = 0; j < scores.length; j++) {
                if (positive[i] && !positive[j]) {
                    pairs++;
                    higher += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }
        assertEquals(higher / pairs, new RocCurve(scores, positive).auroc(), 1e-12);
    }

    @Test
    void extremes() {
        boolean[] positive = {true, true, false, false};
        assertEquals(1, new RocCurve(new double[] {3, 4, 1, 2}, positive).auroc());
        assertEquals(1, new RocCurve(new double[] {3, 4, 1, 2}, positive).averagePrecision());
        assertEquals(0, new RocCurve(new double[] {1, 2, 3, 4}, positive).auroc());
        RocCurve nothing = new RocCurve(new double[] {5, 5, 5, 5}, positive);
        assertEquals(0.5, nothing.auroc());
        assertEquals(0.5, nothing.averagePrecision());
    }

    @Test
    void errors() {
        assertThrows(IllegalArgumentException.class, () -> new RocCurve(new double[2], new boolean[] {true, true}));
        assertThrows(IllegalArgumentException.class, () -> new RocCurve(new double[2], new boolean[2]));
        assertThrows(IllegalArgumentException.class, () -> new RocCurve(new double[3], new boolean[] {true, false}));
        assertThrows(
                IllegalArgumentException.class,
                () -> new RocCurve(new double[] {1, Double.NaN}, new boolean[] {true, false}));
    }
}
