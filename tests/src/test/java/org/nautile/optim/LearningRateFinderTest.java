package org.nautile.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.nautile.Errors;
import org.nautile.Generator;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.nn.Activation;
import org.nautile.nn.BatchNorm1d;
import org.nautile.nn.Dropout;
import org.nautile.nn.Linear;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;

/** The finder sees the loss fall and explode, and leaves no trace. */
class LearningRateFinderTest {
    private static final ImageDataset DIGITS = Mnist.generate(1, 600).flattened();

    private static Sequential model() {
        Generator random = new Generator(3, 0);
        return new Sequential(
                new Linear(784, 32, random),
                new BatchNorm1d(32),
                Activation.relu(),
                new Dropout(0.2, random),
                new Linear(32, 10, random));
    }

    private static Trainer.Builder trainer(Module model, Optimizer optimizer) {
        return Trainer.of(model)
                .optimizer(optimizer)
                .train(DIGITS)
                .batchSize(20)
                .epochs(2);
    }

    @Test
    void seesTheLossFallAndExplode() {
        try (Sequential model = model()) {
            Trainer trainer = trainer(model, new Sgd(model, 0.01)).build();
            LearningRateFinder.Result found = LearningRateFinder.find(trainer, 1e-5, 1e6);
            double[] rates = found.rates();
            assertEquals(rates.length, found.losses().length);
            assertEquals(1e-5, rates[0], 1e-15);
            assertEquals(Math.pow(1e11, 1.0 / 99), rates[1] / rates[0], 1e-9, "an exponential ramp of 100 steps");
            assertEquals(Math.log(10), found.losses()[0], 0.5);
            double least = DoubleStream.of(found.losses()).min().orElseThrow();
            assertTrue(least < 0.8 * found.losses()[0], "it fell to " + least);
            assertTrue(rates.length < 100, "it exploded, so the search ended early");
            assertTrue(found.suggestion() > 1e-3 && found.suggestion() < 1, "the suggestion is " + found.suggestion());
        }
    }

    /** With every kind of memory there is: averages, running statistics, random masks. */
    @Test
    void leavesNoTrace() {
        for (Function<Module, Optimizer> kind : List.<Function<Module, Optimizer>>of(
                model -> new Adam(model, 0.01), model -> new Sgd(model, 0.01, 0.9, 0, 0, true))) {
            double[][] losses = new double[2][];
            for (int i = 0; i < 2; i++) {
                try (Sequential model = model()) {
                    Trainer.Builder trainer = trainer(model, kind.apply(model));
                    List<LearningRateFinder.Result> found = new ArrayList<>();
                    if (i == 1) {
                        trainer.before(built -> found.add(LearningRateFinder.find(built)));
                    }
                    losses[i] = trainer.build().run().stream()
                            .mapToDouble(EpochResult::trainLoss)
                            .toArray();
                    assertEquals(i, found.size());
                }
            }
            assertArrayEquals(losses[0], losses[1]);
        }
    }

    /** The optimizer had no state yet when the epoch began that is undone. */
    @Test
    void divergenceInTheFirstEpochIsFound() {
        try (Sequential model = model()) {
            Trainer trainer = trainer(model, new Adam(model, 1e38)).build();
            Errors.says(DivergedException.class, trainer::run, "epoch 1");
        }
    }

    @Test
    void badRangesAreRefused() {
        try (Sequential model = model()) {
            Trainer trainer = trainer(model, new Sgd(model, 0.01)).build();
            for (double[] range :
                    new double[][] {{0, 1}, {-1, 1}, {1, 1}, {1, Double.NaN}, {1, Double.POSITIVE_INFINITY}}) {
                assertThrows(
                        IllegalArgumentException.class, () -> LearningRateFinder.find(trainer, range[0], range[1]));
            }
        }
    }
}
