package org.nautile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.models.Unet;
import org.nautile.nn.Activation;
import org.nautile.nn.BatchNorm2d;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.Dropout;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.MaxPool2d;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;
import org.nautile.op.BinaryOp;
import org.nautile.optim.Sgd;

@ExtendWith(RestoresDefaults.class)
class PlanFusionTest {
    private static final String PROPERTY = "nautile.plan.fuse";
    private static final int STEPS = 6;

    @AfterEach
    void on() {
        System.clearProperty(PROPERTY);
    }

    /** Losses of a training, and the kernels of its plan. */
    private record Course(double[] losses, List<String> kernels, long bytes) {}

    private static Course course(
            Device device, boolean fuse, int batch, Function<Generator, Module> network, long... picture) {
        System.setProperty(PROPERTY, fuse ? "on" : "off");
        Generator random = new Generator(3, 0);
        try (Module module = network.apply(random);
                Scope scope = new Scope()) {
            module.to(device);
            Sgd optimizer = new Sgd(module, 0.05, 0.9, 0, 0, false);
            Shape shape = picture.length == 1
                    ? Shape.of(batch, picture[0])
                    : Shape.of(batch, picture[0], picture[1], picture[2]);
            Tensor x = shape.rank() == 2
                    ? Tensor.empty(device, DType.FLOAT32, shape)
                    : Tensor.emptyChannelsLast(device, DType.FLOAT32, shape);
            Tensor y = Tensor.full(device, DType.INT64, Shape.of(batch), 0);
            Runnable next = () -> {
                float[] values = new float[Math.toIntExact(shape.size())];
                long[] labels = new long[batch];
                for (int i = 0; i < values.length; i++) {
                    values[i] = random.nextFloat(-1, 1);
                }
                for (int i = 0; i < batch; i++) {
                    labels[i] = random.nextInt(5);
                }
                x.copyFrom(Tensor.of(device, values, shape));
                y.set(labels);
            };
            Supplier<Tensor> step = () -> {
                optimizer.clearGradients();
                Tensor loss = Loss.crossEntropy().of(module.forward(x), y);
                Autograd.backward(loss);
                optimizer.step();
                return loss;
            };
            double[] losses = new double[STEPS];
            next.run();
            losses[0] = step.get().item();
            next.run();
            try (Plan plan = Plan.record(device, step)) {
                losses[1] = plan.result().item();
                for (int i = 2; i < STEPS; i++) {
                    next.run();
                    losses[i] = plan.run().item();
                }
                List<String> kernels =
                        plan.parts().stream().map(Plan.Part::name).toList();
                return new Course(losses, kernels, plan.bytes());
            }
        }
    }

    private static Module classifier(Generator random) {
        return new Sequential(
                new Linear(37, 40, random),
                Activation.relu(),
                new Linear(40, 31, random),
                Activation.relu(),
                new Dropout(0.3, random),
                new Linear(31, 23, random),
                Activation.tanh(),
                new Linear(23, 20, random),
                new Activation(ActivationKernel.Function.GELU),
                new Linear(20, 5, random));
    }

    private static Module lenet(Generator random) {
        return new Sequential(
                new Conv2d(3, 6, 5, random),
                Activation.relu(),
                new MaxPool2d(2),
                new Conv2d(6, 10, 5, random), // [N, 6, 8, 8] -> [N, 10, 4, 4]
                Activation.relu(),
                new MaxPool2d(2),
                new Flatten(),
                new Linear(40, 5, random));
    }

    /** Wide, with normalisation, a stride, and pooling that nothing can be fused with. */
    private static Module wide(Generator random) {
        return new Sequential(
                new Conv2d(3, 32, 3, random),
                Activation.relu(),
                new Conv2d(32, 40, ConvOptions.kernel(3).stride(2), random), // 18 -> 8
                new BatchNorm2d(40),
                Activation.relu(),
                new Conv2d(40, 33, 3, random), // 8 -> 6
                Activation.relu(),
                new MaxPool2d(3),
                new Flatten(),
                new Linear(132, 5, random));
    }

    /** ReLU between convolutions of every kind: few channels, one a group, many (squares). */
    private static Module deep(Generator random) {
        return new Sequential(
                new Conv2d(3, 6, 3, random),
                Activation.relu(),
                new Conv2d(6, 10, 3, random),
                Activation.relu(),
                new Conv2d(10, 16, 3, random),
                Activation.relu(),
                new Conv2d(16, 16, ConvOptions.kernel(3).groups(16), random),
                Activation.relu(),
                new Conv2d(16, 32, ConvOptions.kernel(3).padding(1), random),
                Activation.relu(),
                new Conv2d(32, 16, ConvOptions.kernel(3).padding(1), random),
                Activation.relu(),
                new Flatten(),
                new Linear(2304, 5, random));
    }

    /** Batch norms before ReLU, which one layer reads, or a pooling and a layer beside it. */
    private static Module normed(Generator random) {
        return new Sequential(
                new Unet.Network(1, 20, 2, true, random), // [N, 1, 12, 12] -> [N, 2, 12, 12]
                new Flatten(),
                new Linear(288, 5, random));
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void normsBeforeReluKeepTheirBits(Device device) {
        boolean cpu = device.name().equals("cpu");
        Course off = course(device, false, 3, PlanFusionTest::normed, 1, 12, 12);
        for (int threads = 1; threads <= (cpu ? 3 : 1); threads++) {
            if (cpu) { // those of OpenBLAS change its bits
                Threads.set(threads);
            }
            Course on = course(device, true, 3, PlanFusionTest::normed, 1, 12, 12);
            assertArrayEquals(off.losses, on.losses, threads + " threads");
            assertEquals(
                    device.name().equals("reference") ? 0 : 6,
                    on.kernels.stream()
                            .filter("batch_norm forward + relu"::equals)
                            .count(),
                    on.kernels::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void aNormBeforeReluKeepsNan(Device device) {
        BatchNorm2d norm = new BatchNorm2d(19);
        float[] values = new float[2 * 19 * 9];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 29 % 31 - 15) / 8F;
        }
        values[40] = Float.NaN;
        values[100] = Float.NEGATIVE_INFINITY;
        try (norm;
                Tensor x = Tensor.emptyChannelsLast(device, DType.FLOAT32, Shape.of(2, 19, 3, 3))) {
            norm.to(device);
            for (boolean training : new boolean[] {false, true}) {
                norm.train(training);
                float[][] found = new float[2][];
                for (String fuse : List.of("off", "on")) {
                    System.setProperty(PROPERTY, fuse);
                    try (Plan plan = Plan.record(device, () -> Activation.relu().forward(norm.forward(x)))) {
                        x.copyFrom(Tensor.of(device, values, x.shape()));
                        found[fuse.length() - 2] = plan.run().toFloatArray();
                    }
                }
                assertArrayEquals(found[1], found[0]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void gradientsBetweenConvolutionsKeepTheirBits(Device device) {
        boolean cpu = device.name().equals("cpu");
        for (int batch : cpu ? new int[] {6, 16} : new int[] {2}) {
            Course off = course(device, false, batch, PlanFusionTest::deep, 3, 20, 20);
            Course on = course(device, true, batch, PlanFusionTest::deep, 3, 20, 20);
            assertArrayEquals(off.losses, on.losses, batch + " pictures");
            long fused =
                    on.kernels.stream().filter("conv2d backward + relu"::equals).count();
            assertEquals(cpu ? 5 : 0, fused, on.kernels::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void aClassifierKeepsItsBits(Device device) {
        Course off = course(device, false, 24, PlanFusionTest::classifier, 37);
        for (int threads = 1; threads <= 3; threads++) {
            Threads.set(threads);
            Course on = course(device, true, 24, PlanFusionTest::classifier, 37);
            assertArrayEquals(off.losses, on.losses, threads + " threads");
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void convolutionsAndPoolingsKeepTheirLosses(Device device) {
        boolean cpu = device.name().equals("cpu"); // where the number of pictures chooses the kernels
        for (int batch : cpu ? new int[] {1, 3, 16, 33} : new int[] {3}) {
            Course off = course(device, false, batch, PlanFusionTest::lenet, 3, 20, 20);
            for (int threads = 1; threads <= (cpu ? 3 : 1); threads++) {
                Threads.set(threads);
                Course on = course(device, true, batch, PlanFusionTest::lenet, 3, 20, 20);
                // the bias gradient of pooled results is added up in another order
                assertArrayEquals(off.losses, on.losses, 1e-6, batch + " pictures, " + threads + " threads");
            }
        }
        Course off = course(device, false, 4, PlanFusionTest::wide, 3, 20, 20);
        assertArrayEquals(off.losses, course(device, true, 4, PlanFusionTest::wide, 3, 20, 20).losses);
    }

    @Test
    void neighboursBecomeOneKernel() {
        Device cpu = Device.of("cpu");
        Course off = course(cpu, false, 16, PlanFusionTest::lenet, 3, 20, 20);
        Course on = course(cpu, true, 16, PlanFusionTest::lenet, 3, 20, 20);
        assertTrue(off.kernels.contains("activation forward"), off.kernels::toString);
        assertTrue(off.kernels.stream().noneMatch(name -> name.contains("+")), off.kernels::toString);
        assertTrue(
                on.kernels.stream().noneMatch(name -> name.startsWith("activation") || name.startsWith("max_pool2d")),
                on.kernels::toString);
        assertTrue(on.bytes < off.bytes, on.bytes + " bytes, " + off.bytes + " without");
        List<String> kernels = course(cpu, true, 24, PlanFusionTest::classifier, 37).kernels;
        assertTrue(kernels.contains("linear forward + relu"), kernels::toString);
        assertTrue(kernels.contains("linear forward + activation"), kernels::toString); // tanh
        assertTrue(kernels.contains("linear backward + relu"), kernels::toString);
        assertTrue(kernels.contains("linear backward + dropout + relu"), kernels::toString);
        assertTrue(kernels.contains("activation forward"), kernels::toString); // gelu: its derivative needs its input
    }

    /** What a layer gives is used by another, too, or kept: it must stay in memory. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void resultsThatOthersReadStay(Device device) {
        BinaryOp add = new BinaryOp(BinaryKernel.Function.ADD);
        BiFunction<Linear, Tensor, Tensor> both = (layer, x) -> {
            Tensor before = layer.forward(x);
            return Autograd.apply(add, before, Activation.relu().forward(before));
        };
        Tensor[] kept = new Tensor[1];
        BiFunction<Linear, Tensor, Tensor> keeps = (layer, x) -> {
            if (kept[0] != null) {
                kept[0].close();
            }
            kept[0] = Scope.disown(layer.forward(x));
            return Activation.relu().forward(kept[0]);
        };
        for (BiFunction<Linear, Tensor, Tensor> step : List.of(both, keeps)) {
            try (Linear layer = new Linear(4, 3, new Generator(1, 0));
                    Tensor x = Tensor.full(device, DType.FLOAT32, Shape.of(2, 4), 1)) {
                layer.to(device);
                try (Plan plan = Plan.record(device, () -> step.apply(layer, x))) {
                    x.set(new float[] {1, -2, 3, -4, -5, 6, -7, 8});
                    float[] found = plan.run().toFloatArray();
                    try (Scope scope = new Scope()) {
                        Tensor before = layer.forward(x);
                        if (kept[0] != null && !device.name().equals("reference")) {
                            assertArrayEquals(before.toFloatArray(), kept[0].toFloatArray());
                        }
                        assertArrayEquals(step.apply(layer, x).toFloatArray(), found);
                    }
                }
            }
        }
        kept[0].close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "", "ON"})
    void anotherValueIsRefused(String value) {
        System.setProperty(PROPERTY, value);
        Device cpu = Device.of("cpu");
        try (Tensor x = Tensor.full(cpu, DType.FLOAT32, Shape.of(3), 1)) {
            Errors.says(
                    IllegalArgumentException.class,
                    () -> Plan.record(cpu, x::copy).close(),
                    "not on or off");
            System.clearProperty(PROPERTY);
            try (Plan plan = Plan.record(cpu, x::copy)) { // the thread can record again
                assertEquals(1, plan.run().toFloatArray()[0]);
            }
        }
    }
}
