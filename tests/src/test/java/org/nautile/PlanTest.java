package org.nautile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.nn.Activation;
import org.nautile.nn.Init;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Parameter;
import org.nautile.nn.Sequential;
import org.nautile.op.BinaryOp;
import org.nautile.op.RandomBitsOp;
import org.nautile.op.ScaleOp;
import org.nautile.optim.Sgd;

class PlanTest {
    private static final int BATCH = 24;
    private static final int STEPS = 12;

    private final int threads = Threads.count();

    @AfterEach
    void restore() {
        Threads.set(threads);
    }

    /** A small classifier, its optimizer, and the tensors that batches go to. */
    private static final class Training implements AutoCloseable {
        private final Generator random = new Generator(5, 0);
        private final Sequential model = new Sequential(
                new Linear(50, 33, random),
                Activation.relu(),
                new Linear(33, 20, random),
                Activation.tanh(),
                new Linear(20, 7, random));
        private final Sgd optimizer;
        private final Tensor x;
        private final Tensor y;

        Training(Device device) {
            model.to(device);
            optimizer = new Sgd(model, 0.05, 0.9, 0.1, 1e-3, false);
            x = Tensor.full(device, DType.FLOAT32, Shape.of(BATCH, 50), 0);
            y = Tensor.full(device, DType.INT64, Shape.of(BATCH), 0);
        }

        void next() {
            float[] values = new float[BATCH * 50];
            long[] labels = new long[BATCH];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat(-1, 1);
            }
            for (int i = 0; i < BATCH; i++) {
                labels[i] = random.nextInt(7);
            }
            x.set(values);
            y.set(labels);
        }

        Tensor step() {
            optimizer.clearGradients();
            Tensor loss = Loss.crossEntropy().of(model.forward(x), y);
            Autograd.backward(loss);
            optimizer.step();
            return loss;
        }

        double eager() {
            next();
            try (Scope scope = new Scope()) {
                return step().item();
            }
        }

        @Override
        public void close() {
            model.close();
            x.close();
            y.close();
        }
    }

    private static double[] eager(Device device) {
        double[] losses = new double[STEPS];
        try (Training training = new Training(device)) {
            for (int i = 0; i < STEPS; i++) {
                losses[i] = training.eager();
            }
        }
        return losses;
    }

    private static double[] recorded(Device device) {
        double[] losses = new double[STEPS];
        try (Training training = new Training(device)) {
            losses[0] = training.eager(); // the first step makes the momentum's buffer
            training.next();
            try (Plan plan = Plan.record(device, training::step)) {
                losses[1] = plan.result().item();
                for (int i = 2; i < STEPS; i++) {
                    training.next();
                    losses[i] = plan.run().item();
                }
            }
        }
        return losses;
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void aRecordedStepGivesTheSameBits(Device device) {
        double[] expected = eager(device);
        assertNotEquals(expected[0], expected[STEPS - 1], "a training, not a constant");
        for (int count = 1; count <= 3; count++) {
            Threads.set(count);
            assertArrayEquals(expected, recorded(device), 0, count + " threads");
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void theResultIsOneTensor(Device device) {
        try (Tensor x = Tensor.full(device, DType.FLOAT32, Shape.of(3), 1);
                Plan plan = Plan.record(device, () -> new ScaleOp(2, 1).apply(x))) {
            assertArrayEquals(new float[] {3, 3, 3}, plan.result().toFloatArray());
            x.set(new float[] {0, 1, 2});
            assertSame(plan.result(), plan.run());
            assertArrayEquals(new float[] {1, 3, 5}, plan.result().toFloatArray());
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void intermediateResultsShareMemory(Device device) {
        assumeRecords(device);
        int size = 100_000;
        try (Tensor x = Tensor.full(device, DType.FLOAT32, Shape.of(size), 1);
                Plan plan = Plan.record(device, () -> {
                    Tensor y = x.copy();
                    for (int i = 0; i < 10; i++) {
                        Tensor sum = new BinaryOp(BinaryKernel.Function.ADD).apply(y, x);
                        y.close();
                        y = sum;
                    }
                    return y;
                })) {
            assertEquals(11, plan.run().toFloatArray()[size - 1]);
            assertEquals(11, plan.calls());
            assertTrue(
                    plan.bytes() <= 3L * 4 * size,
                    plan.bytes() + " bytes for the result and two blocks of " + 4 * size);
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void whatTheHostDoesIsRefused(Device device) {
        assumeRecords(device);
        try (Tensor x = Tensor.full(device, DType.FLOAT32, Shape.of(3), 1)) {
            refused("read or written", device, nothing -> Tensor.of(device, x.toFloatArray(), x.shape()));
            refused("read or written", device, nothing -> Tensor.of(device, new float[3], x.shape()));
            refused("after scale forward", device, nothing -> {
                Tensor twice = new ScaleOp(2, 0).apply(x);
                return Tensor.of(device, twice.toFloatArray(), twice.shape());
            });
            refused("same numbers", device, nothing -> RandomBitsOp.draw(device, Shape.of(4), 1, 2, 0));
            refused("recording", device, nothing -> {
                try (Plan inner = Plan.record(device, x::copy)) {
                    return inner.result().copy();
                }
            });
            try (Plan plan = Plan.record(device, x::copy)) { // and the thread can record again
                assertEquals(1, plan.run().toFloatArray()[0]);
            }
        }
    }

    /** A hundred bytes lost in each run would show: 10 MB. */
    @Test
    void aHundredThousandRunsNeedNoMoreMemory() throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.exists(status), "no /proc here");
        try (Training training = new Training(Device.of("cpu"))) {
            training.eager();
            training.next();
            try (Plan plan = Plan.record(Device.of("cpu"), training::step)) {
                for (int i = 0; i < 10_000; i++) { // until the JVM has compiled what runs
                    assertTrue(Double.isFinite(plan.run().item()));
                }
                System.gc();
                long before = resident(status);
                for (int i = 0; i < 100_000; i++) {
                    plan.run().item();
                }
                System.gc();
                long grown = resident(status) - before;
                assertTrue(grown < 10_000, grown + " KB");
            }
        }
    }

    /** KB of memory that the process has. */
    private static long resident(Path status) throws IOException {
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static void refused(String reason, Device device, Function<Device, Tensor> step) {
        Errors.says(
                IllegalStateException.class,
                () -> Plan.record(device, () -> step.apply(device)).close(),
                reason);
    }

    private static void assumeRecords(Device device) {
        assumeTrue(!device.name().equals("reference"), "reference runs the step again and records nothing");
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void theFirstStepOfAnOptimizerIsNotRecorded(Device device) {
        assumeRecords(device);
        try (Training training = new Training(device)) {
            training.next();
            Errors.says(
                    IllegalStateException.class,
                    () -> Plan.record(device, training::step).close(),
                    "first step");
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void aLabelOutOfRangeIsReported(Device device) {
        try (Training training = new Training(device)) {
            training.eager();
            training.next();
            try (Plan plan = Plan.record(device, training::step)) {
                long[] labels = new long[BATCH];
                labels[9] = 7;
                labels[20] = -3;
                training.y.set(labels);
                Errors.says(IllegalArgumentException.class, () -> plan.run().item(), "target[9] is 7");
                training.next();
                Errors.says(
                        IllegalArgumentException.class,
                        () -> {
                            training.y.set(labels);
                            plan.run().item();
                        },
                        "target[9] is 7"); // each time
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void tensorsOfTheStepMayOutliveThePlan(Device device) {
        Tensor[] kept = new Tensor[1];
        try (Tensor x = Tensor.full(device, DType.FLOAT32, Shape.of(1000), 1)) {
            Plan.record(device, () -> {
                        kept[0] = Scope.disown(x.copy());
                        return x.copy();
                    })
                    .close();
        }
        assertEquals(1, kept[0].toFloatArray()[999]);
        kept[0].close();
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void aClosedPlanCannotRun(Device device) {
        assumeRecords(device);
        try (Tensor x = Tensor.full(device, DType.FLOAT32, Shape.of(3), 1)) {
            Plan plan = Plan.record(device, x::copy);
            plan.close();
            plan.close();
            Errors.says(IllegalStateException.class, plan::run, "closed");
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void weightsThatAreConstantGiveTheSameBits(Device device) {
        Generator random = new Generator(3, 0);
        for (int rows : new int[] {2, 40, 150}) {
            try (Sequential model =
                            new Sequential(new Linear(500, 97, random), Activation.relu(), new Linear(97, 33, random));
                    Tensor x = Init.uniform(Tensor.empty(device, DType.FLOAT32, Shape.of(rows, 500)), -1, 1, random)) {
                model.to(device);
                List<Tensor> weights = model.parameters().values().stream()
                        .map(Parameter::value)
                        .toList();
                for (int count = 1; count <= 3; count++) {
                    Threads.set(count);
                    try (Autograd.Pause pause = Autograd.noGrad();
                            Plan plain = Plan.record(device, () -> model.forward(x));
                            Plan packed = Plan.record(device, weights, () -> model.forward(x))) {
                        assertArrayEquals(
                                plain.run().toFloatArray(), packed.run().toFloatArray(), 0, rows + " rows, " + count);
                        boolean said = packed.parts().stream()
                                .allMatch(part -> part.algorithm().startsWith("packed"));
                        assertEquals(device.name().equals("cpu"), said && packed.bytes() > plain.bytes());
                    }
                }
            }
        }
    }

    /** A single row's sums may be rounded otherwise. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void aSingleRowMeetsConstantWeights(Device device) {
        Generator random = new Generator(4, 0);
        try (Linear model = new Linear(1000, 77, random);
                Tensor x = Init.uniform(Tensor.empty(device, DType.FLOAT32, Shape.of(1, 1000)), -1, 1, random)) {
            model.to(device);
            List<Tensor> weights =
                    model.parameters().values().stream().map(Parameter::value).toList();
            try (Autograd.Pause pause = Autograd.noGrad();
                    Plan packed = Plan.record(device, weights, () -> model.forward(x));
                    Tensor expected = model.forward(x)) {
                assertArrayEquals(expected.toFloatArray(), packed.run().toFloatArray(), 1e-5F);
            }
        }
    }

    @Test
    void aStepThatChangesAConstantIsRefused() {
        Device device = Device.of("cpu");
        try (Tensor x = Tensor.full(device, DType.FLOAT32, Shape.of(3), 1)) {
            Errors.says(
                    IllegalArgumentException.class,
                    () -> Plan.record(
                                    device,
                                    List.of(x),
                                    () -> new ScaleOp(2, 0).applyInto(x, x).copy())
                            .close(),
                    "changes a constant");
            Errors.says(
                    IllegalArgumentException.class,
                    () -> Plan.record(Device.of("reference"), List.of(x), x::copy)
                            .close(),
                    "not on reference");
            try (Plan plan = Plan.record(device, List.of(x), x::copy)) { // and the thread can record again
                assertEquals(2, plan.run().toFloatArray()[0]);
            }
        }
    }
}
