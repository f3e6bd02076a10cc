package org.nautile.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Threads;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.models.TechniqueTrial.Outcome;
import org.nautile.models.TechniqueTrial.Setting;

/** What the course says of each technique holds for three seeds. */
class TechniqueTrialsTest {
    private static final ImageDataset TRAIN = Mnist.generate(1, 1000).flattened();
    private static final ImageDataset TEST = Mnist.generate(2, 1000).flattened();

    private int threads;

    @BeforeEach
    void oneThread() {
        threads = Threads.count();
        Threads.set(1); // for such small models, others only wait
    }

    @AfterEach
    void restore() {
        Threads.set(threads);
    }

    static Stream<Arguments> trials() {
        return TechniqueTrials.all().stream().map(trial -> Arguments.of(trial.name(), trial));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("trials")
    void claimHolds(String name, TechniqueTrial trial) {
        for (int seed = 0; seed < 3; seed++) {
            List<Outcome> outcomes = trial.run().apply(new Setting(TRAIN, TEST, seed));
            assertTrue(outcomes.size() > 1, "with and without");
            Outcome without = outcomes.get(0);
            for (Outcome with : outcomes.subList(1, outcomes.size())) {
                String told = "seed " + seed + ", " + trial.figure() + ": " + without.last() + " without, "
                        + with.last() + " with " + with.name();
                assertTrue(trial.claim().test(without, with), told);
                assertEquals(
                        false,
                        trial.claim().test(with, without),
                        "the claim does not hold the wrong way round: " + told);
            }
        }
    }
}
