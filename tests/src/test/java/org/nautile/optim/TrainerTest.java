package org.nautile.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Generator;
import org.nautile.Losses;
import org.nautile.Plan;
import org.nautile.Threads;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.nn.Activation;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;

class TrainerTest {
    private static final ImageDataset DIGITS = Mnist.generate(1, 600);

    private final Device before = Device.defaultDevice();
    private final int threads = Threads.count();

    @AfterEach
    void restore() {
        Device.setDefault(before);
        Threads.set(threads);
    }

    private static Sequential mlp() {
        Generator random = new Generator(42, 0);
        return new Sequential(
                new Flatten(), new Linear(784, 32, random), Activation.relu(), new Linear(32, 10, random));
    }

    private static Trainer.Builder trainer(Sequential model) {
        return Trainer.of(model)
                .optimizer(new Sgd(model, 0.1, 0.9, 0, 1e-4, false))
                .train(DIGITS)
                .batchSize(64);
    }

    /** The loss of every batch of a training. */
    private static List<Double> losses(Device device, long seed) {
        return losses(device, seed, false);
    }

    private static List<Double> losses(Device device, long seed, boolean recorded) {
        Device.setDefault(device);
        try (Sequential model = mlp()) {
            return Losses.of(trainer(model).epochs(3).device(device).seed(seed).recorded(recorded));
        }
    }

    /** Unless told otherwise, each epoch has an order of its own. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ordersOfEpochs(boolean shuffled) {
        List<Long> labels = new ArrayList<>();
        try (Sequential model = mlp()) {
            trainer(model)
                    .epochs(2)
                    .shuffle(shuffled)
                    .recorded(false)
                    .objective(batch -> {
                        Arrays.stream(batch.y().toLongArray()).forEach(labels::add);
                        return Loss.crossEntropy().of(model.forward(batch.x()), batch.y());
                    })
                    .build()
                    .run();
        }
        List<Long> own = new ArrayList<>();
        for (int i = 0; i < DIGITS.size(); i++) {
            long[] label = new long[1];
            DIGITS.target(i, label, 0);
            own.add(label[0]);
        }
        assertEquals(!shuffled, labels.subList(0, own.size()).equals(own));
        assertEquals(!shuffled, labels.subList(own.size(), 2 * own.size()).equals(own));
    }

    /** The last batch of an epoch is smaller, and has a plan of its own when it has come once. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void recordedStepsGiveTheSameBits(Device device) {
        assertEquals(losses(device, 3), losses(device, 3, true));
    }

    /** Of batches and of the smaller last one; the first steps are taken op by op, the others measured. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void plansAreExplained(Device device) {
        Device.setDefault(device);
        List<List<Plan.Part>> plans = new ArrayList<>();
        for (boolean recorded : new boolean[] {true, false}) {
            try (Sequential model = mlp()) {
                trainer(model)
                        .epochs(3)
                        .device(device)
                        .recorded(recorded)
                        .explain(plan -> plans.add(plan.parts()))
                        .build()
                        .run();
            }
        }
        assertEquals(2, plans.size());
        boolean kernels = !device.name().equals("reference"); // where the step itself is run again
        for (List<Plan.Part> parts : plans) {
            String ops = parts.stream()
                    .map(part -> part.name().replace(" + relu", ", activation forward"))
                    .limit(2)
                    .collect(Collectors.joining(", "));
            assertTrue(ops.startsWith(kernels ? "linear forward, activation forward" : ""), ops);
            assertEquals(kernels, parts.stream().anyMatch(part -> part.flops() > 0));
            assertEquals(kernels, parts.stream().anyMatch(part -> part.name().equals("sgd step")));
            assertTrue(parts.stream().allMatch(part -> part.tasks() >= 1 && part.workspace() >= 0));
        }
        if (device.name().equals("cpu")) {
            assertTrue(plans.get(0).stream().allMatch(part -> part.seconds() > 0), plans.get(0)::toString);
        }
    }

    /** All examples in one batch, which comes in new memory each time. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void recordedStepsReadWhatComes(Device device) {
        Device.setDefault(device);
        List<List<EpochResult>> results = new ArrayList<>();
        for (boolean recorded : new boolean[] {false, true}) {
            try (Sequential model = mlp()) {
                results.add(trainer(model)
                        .batchSize(1000)
                        .epochs(5)
                        .device(device)
                        .recorded(recorded)
                        .build()
                        .run());
            }
        }
        for (int epoch = 0; epoch < 5; epoch++) {
            assertEquals(
                    results.get(0).get(epoch).trainLoss(),
                    results.get(1).get(epoch).trainLoss());
        }
    }

    /** A plan reads the learning rate from memory. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void anotherLearningRateIsNoticed(Device device) {
        Device.setDefault(device);
        List<List<Double>> losses = new ArrayList<>();
        for (boolean recorded : new boolean[] {false, true}) {
            List<Double> now = new ArrayList<>();
            try (Sequential model = mlp()) {
                Sgd optimizer = new Sgd(model, 0.1);
                trainer(model)
                        .optimizer(optimizer)
                        .device(device)
                        .recorded(recorded)
                        .listener(new TrainerListener() {
                            @Override
                            public void batchDone(int epoch, int batch, double loss) {
                                now.add(loss);
                                optimizer.setLearningRate(0.1 / batch);
                            }
                        })
                        .build()
                        .run();
            }
            losses.add(now);
        }
        assertEquals(losses.get(0), losses.get(1));
    }

    /** What a training with a schedule brings, op by op and recorded. */
    private static List<EpochResult> scheduled(Device device, UnaryOperator<Trainer.Builder> settings) {
        Device.setDefault(device);
        List<List<EpochResult>> results = new ArrayList<>();
        for (boolean recorded : new boolean[] {false, true}) {
            try (Sequential model = mlp()) {
                Trainer.Builder builder = trainer(model)
                        .train(DIGITS.limit(256))
                        .epochs(3)
                        .device(device)
                        .recorded(recorded);
                results.add(settings.apply(builder).build().run());
            }
        }
        for (int epoch = 0; epoch < 3; epoch++) {
            assertEquals(
                    results.get(0).get(epoch).trainLoss(),
                    results.get(1).get(epoch).trainLoss());
        }
        return results.get(1);
    }

    private static void assertRates(List<EpochResult> results, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], results.get(i).learningRate(), 1e-12);
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void schedules(Device device) {
        assertRates(scheduled(device, it -> it.schedule(Schedule.step(2, 0.5))), 0.1, 0.1, 0.05);
        List<EpochResult> warm = scheduled(device, it -> it.scheduleSteps(Schedule.linearWarmup(0, 10)));
        assertRates(warm, 0.03, 0.07, 0.1); // four steps an epoch
        ReduceOnPlateau never = new ReduceOnPlateau(0.5, 0, 1, 0); // no loss is below 0
        assertRates(scheduled(device, it -> it.reduceOnPlateau(never)), 0.1, 0.05, 0.025);
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void clippedGradientsChangeLess(Device device) {
        List<EpochResult> free = scheduled(device, it -> it);
        List<EpochResult> loose = scheduled(device, it -> it.clipGradNorm(1e6));
        List<EpochResult> tight = scheduled(device, it -> it.clipGradNorm(1e-6));
        assertEquals(free.get(2).trainLoss(), loose.get(2).trainLoss());
        assertEquals(tight.get(0).trainLoss(), tight.get(2).trainLoss(), 1e-3, "next to nothing");
        assertTrue(free.get(2).trainLoss() < 0.9 * tight.get(2).trainLoss());
    }

    /** Writes down what it is told. */
    private static final class Diary implements TrainerListener {
        private final List<String> lines = new ArrayList<>();

        @Override
        public void started(int epochs, int batches) {
            lines.add("started " + epochs + " x " + batches);
        }

        @Override
        public void batchDone(int epoch, int batch, double loss) {
            assertTrue(Double.isFinite(loss));
            lines.add("batch " + epoch + "." + batch);
        }

        @Override
        public void epochDone(EpochResult result) {
            lines.add("epoch " + result.epoch());
        }

        @Override
        public void finished(List<EpochResult> results) {
            lines.add("finished " + results.size());
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void tellsWhatHappensInOrder(Device device) {
        Device.setDefault(device);
        Diary diary = new Diary();
        try (Sequential model = mlp()) {
            List<EpochResult> results = trainer(model)
                    .train(DIGITS.limit(100))
                    .test(DIGITS.limit(50))
                    .epochs(2)
                    .listener(diary)
                    .build()
                    .run();
            assertEquals(
                    List.of(
                            "started 2 x 2",
                            "batch 1.1",
                            "batch 1.2",
                            "epoch 1",
                            "batch 2.1",
                            "batch 2.2",
                            "epoch 2",
                            "finished 2"),
                    diary.lines);
            EpochResult last = results.get(1);
            assertEquals(2, last.epoch());
            assertTrue(last.trainLoss() < results.get(0).trainLoss(), results::toString);
            assertTrue(last.seconds() > 0 && last.samplesPerSecond() > 0, results::toString);
            Evaluation measured = Evaluation.of(model, Loss.crossEntropy(), DIGITS.limit(50), device);
            assertEquals(measured.loss(), last.testLoss());
            assertEquals(measured.accuracy(), last.testMetric());
            assertTrue(model.training());
        }
    }

    @Test
    void stopsAfterTheStepThatRuns() {
        Device.setDefault(Devices.reference());
        try (Sequential model = mlp()) {
            Diary diary = new Diary();
            List<Trainer> self = new ArrayList<>();
            Trainer trainer = trainer(model)
                    .epochs(3)
                    .listener(diary)
                    .listener(new TrainerListener() {
                        @Override
                        public void batchDone(int epoch, int batch, double loss) {
                            if (epoch == 2 && batch == 2) {
                                self.get(0).stop();
                            }
                        }
                    })
                    .train(DIGITS.limit(192))
                    .build();
            self.add(trainer);
            assertFalse(trainer.stopped());
            assertEquals(1, trainer.run().size());
            assertTrue(trainer.stopped());
            assertEquals(
                    List.of(
                            "started 3 x 3",
                            "batch 1.1",
                            "batch 1.2",
                            "batch 1.3",
                            "epoch 1",
                            "batch 2.1",
                            "batch 2.2",
                            "finished 1"),
                    diary.lines);
        }
    }

    @Test
    void sameSeedSameBitsForAnyNumberOfThreads() {
        Device cpu = Devices.cpu();
        Threads.set(1);
        List<Double> first = losses(cpu, 5);
        assertEquals(30, first.size());
        assertNotEquals(first, losses(cpu, 6), "another order of the examples");
        for (int count : new int[] {1, 2, 3}) {
            Threads.set(count);
            assertEquals(first, losses(cpu, 5), count + " threads");
        }
    }

    @Test
    void cpuTrainsLikeReference() {
        List<Double> right = losses(Devices.reference(), 5);
        List<Double> found = losses(Devices.cpu(), 5);
        assertTrue(right.get(9) < 0.9 * right.get(0), "it learns: " + right);
        for (int i = 0; i < right.size(); i++) {
            assertEquals(right.get(i), found.get(i), 1e-4, "batch " + (i + 1));
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void batchesOfOne(Device device) {
        Device.setDefault(device);
        try (Sequential model = mlp()) {
            Diary diary = new Diary();
            EpochResult result = trainer(model)
                    .optimizer(new Sgd(model, 0.01))
                    .train(DIGITS.limit(60))
                    .batchSize(1)
                    .listener(diary)
                    .build()
                    .run()
                    .get(0);
            assertEquals(60 + 3, diary.lines.size());
            assertTrue(result.trainLoss() < 5 && Double.isNaN(result.testLoss()), result::toString);
        }
    }

    @Test
    void settingsAreChecked() {
        Device.setDefault(Devices.reference());
        try (Sequential model = mlp()) {
            Errors.says(IllegalStateException.class, () -> Trainer.of(model).build(), "optimizer", "training data");
            Trainer.Builder two =
                    trainer(model).schedule(Schedule.exponential(0.5)).reduceOnPlateau(new ReduceOnPlateau());
            Errors.says(IllegalStateException.class, two::build, "one schedule");
            Errors.says(IllegalArgumentException.class, () -> Trainer.of(model).clipGradNorm(-1), "norm -1");
            Errors.says(IllegalArgumentException.class, () -> Trainer.of(model).epochs(0), "epochs 0");
            Errors.says(IllegalArgumentException.class, () -> Trainer.of(model).batchSize(-1), "batch size -1");
        }
    }
}
