package org.nautile.models.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.nautile.Phase;

/** Which steps count, and where their time goes. */
class StepClockTest {
    private static void step(StepClock clock, int batch, Phase... phases) {
        for (Phase phase : phases) {
            ended(clock, phase);
        }
        clock.batchDone(1, batch, 1);
    }

    private static void ended(StepClock clock, Phase phase) {
        long now = System.nanoTime();
        clock.ended(phase, now, now);
    }

    @Test
    void warmUpAndTheFirstStepOfAnEpochDoNotCount() {
        StepClock clock = new StepClock(() -> {}, 2, 0);
        clock.started(2, 5);
        for (int epoch = 1; epoch <= 2; epoch++) {
            for (int batch = 1; batch <= 5; batch++) {
                step(clock, batch, Phase.values());
            }
        }
        assertEquals(10, clock.all().steps().size());
        assertEquals(3 + 4, clock.timed().steps().size());
        assertEquals(
                clock.timed().steps(),
                clock.all().steps().stream()
                        .filter(clock.timed().steps()::contains)
                        .toList());
    }

    @Test
    void stepsOfEpochsOfOneStepCountAll() {
        StepClock clock = new StepClock(() -> {}, 0, 0);
        clock.started(3, 1);
        step(clock, 1);
        step(clock, 1);
        assertEquals(2, clock.timed().steps().size());
    }

    @Test
    void nothingCountsBeforeTheSecondsOfWarmUp() {
        StepClock clock = new StepClock(() -> {}, 0, 3600);
        clock.started(1, 3);
        step(clock, 1);
        step(clock, 2);
        assertEquals(0, clock.timed().steps().size());
    }

    /** A network that goes to its device before training begins is copied, too. */
    @Test
    void nothingCountsBeforeTheStart() {
        StepClock clock = new StepClock(() -> {}, 0, 0);
        ended(clock, Phase.COPY);
        clock.started(1, 2);
        step(clock, 2, Phase.COPY, Phase.DATA, Phase.FORWARD);
        assertEquals(0, clock.all().whole().median(), 1);
    }

    /** What comes after the last part is the loss's way back; where no part is told, it is the step. */
    @Test
    void theTimeOfTheBarrierIsThatOfThePartBefore() {
        long[] wait = {0};
        StepClock clock = new StepClock(() -> sleep(wait[0]), 0, 0);
        clock.started(1, 2);
        ended(clock, Phase.COPY);
        ended(clock, Phase.DATA);
        ended(clock, Phase.FORWARD);
        wait[0] = 20;
        ended(clock, Phase.BACKWARD);
        wait[0] = 0;
        step(clock, 2, Phase.OPTIMIZER);
        assertTrue(clock.timed().split());
        assertTrue(clock.timed().part(Phase.BACKWARD).median() >= 0.02);
        assertTrue(clock.timed().part(Phase.FORWARD).median()
                < clock.timed().part(Phase.BACKWARD).median());
        assertEquals(
                clock.timed().whole().median(),
                StepTimes.sum(clock.timed().steps().get(0)),
                "the parts are the whole");

        StepClock whole = new StepClock(() -> sleep(wait[0]), 0, 0);
        whole.started(1, 2);
        ended(whole, Phase.DATA);
        wait[0] = 20;
        step(whole, 2);
        assertFalse(whole.timed().split());
        assertTrue(whole.timed().whole().median() >= 0.02);
        assertTrue(whole.timed().part(Phase.COPY).median() < 0.02);
    }

    /** The examples are waited for until the first copy begins; copies of later phases are theirs. */
    @Test
    void onlyCopiesOfTheBatchAreApart() {
        StepClock clock = new StepClock(() -> {}, 0, 0);
        clock.started(1, 2);
        sleep(20);
        ended(clock, Phase.COPY);
        ended(clock, Phase.DATA);
        sleep(20);
        ended(clock, Phase.COPY);
        long end = System.nanoTime();
        clock.ended(Phase.FORWARD, end - 20_000_000, end);
        step(clock, 2, Phase.BACKWARD, Phase.OPTIMIZER);
        StepTimes times = clock.timed();
        assertTrue(times.part(Phase.DATA).median() >= 0.02, "data");
        assertTrue(times.part(Phase.FORWARD).median() >= 0.02, "forward");
        assertTrue(times.part(Phase.COPY).median() < 0.02, "copy");
    }

    private static void sleep(long milliseconds) {
        long end = System.nanoTime() + 1_000_000 * milliseconds;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
