package org.nautile.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.nautile.Errors;

/** The formulas; PyTorch's rates are golden cases. */
class ScheduleTest {
    private static void follows(Schedule schedule, double... rates) {
        double[] found = LongStream.range(0, rates.length)
                .mapToDouble(time -> schedule.rate(2, time))
                .toArray();
        for (int i = 0; i < rates.length; i++) {
            assertEquals(rates[i], found[i], 1e-12, "at " + i);
        }
    }

    @Test
    void formulas() {
        follows(Schedule.step(2, 0.5), 2, 2, 1, 1, 0.5);
        follows(Schedule.multiStep(0.1, 1, 3), 2, 0.2, 0.2, 0.02, 0.02);
        follows(Schedule.multiStep(0.1, 3, 1, 1), 2, 0.02, 0.02, 0.002);
        follows(Schedule.exponential(0.5), 2, 1, 0.5);
        follows(Schedule.cosine(4, 1), 2, 1.5 + Math.sqrt(0.125), 1.5, 1.5 - Math.sqrt(0.125), 1);
        follows(Schedule.linearWarmup(0.5, 2), 1, 1.5, 2, 2, 2);
        follows(Schedule.oneCycle(7, 3.0 / 7, 2, 4), 1, 1.5, 2, 0.25 + 1.75 * (1 + Math.sqrt(0.5)) / 2);
        follows((base, time) -> base + time, 2, 3, 4);
    }

    @Test
    void oneCycleHasEnds() {
        for (double up : new double[] {0, 0.25, 1}) {
            Schedule schedule = Schedule.oneCycle(4, up, 10, 100);
            assertTrue(
                    LongStream.range(0, 9).mapToDouble(t -> schedule.rate(1, t)).allMatch(rate -> rate > 0));
            assertEquals(up == 1 ? 1 : 0.001, schedule.rate(1, 3), 1e-12);
            assertEquals(schedule.rate(1, 3), schedule.rate(1, 100), "stays");
        }
        assertEquals(1, Schedule.oneCycle(1).rate(1, 0) * 25e4, 1e-9);
    }

    @Test
    void plateau() {
        ReduceOnPlateau rule = new ReduceOnPlateau(0.5, 1, 0.1, 0.2);
        double rate = 1;
        double[] losses = {1, 0.95, 0.89, Double.NaN, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
        double[] rates = {1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2};
        for (int i = 0; i < losses.length; i++) {
            rate = rule.next(rate, losses[i]);
            assertEquals(rates[i], rate, "after loss " + i);
        }
    }

    @Test
    void settingsAreChecked() {
        Errors.says(IllegalArgumentException.class, () -> Schedule.step(0, 1), "step size 0");
        Errors.says(IllegalArgumentException.class, () -> Schedule.exponential(-1), "gamma -1");
        Errors.says(IllegalArgumentException.class, () -> Schedule.multiStep(Double.NaN, 1), "gamma NaN");
        Errors.says(IllegalArgumentException.class, () -> Schedule.cosine(0, 1), "length 0");
        Errors.says(IllegalArgumentException.class, () -> Schedule.linearWarmup(-1, 1), "start -1");
        Errors.says(IllegalArgumentException.class, () -> Schedule.oneCycle(3, 2, 1, 1), "up 2");
        for (Executable wrong : List.<Executable>of(
                () -> new ReduceOnPlateau(1, 0, 0, 0),
                () -> new ReduceOnPlateau(0.1, -1, 0, 0),
                () -> new ReduceOnPlateau(0.1, 0, -1, 0),
                () -> new ReduceOnPlateau(0.1, 0, 0, Double.NaN))) {
            Errors.says(IllegalArgumentException.class, wrong, "ReduceOnPlateau");
        }
    }
}
