package org.nautile.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Plan;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.op.BatchNormOp;

class NormTest extends OnReference {
    private static float[] state(Module module, String name) {
        return Objects.requireNonNull(module.state().get(name)).toFloatArray();
    }

    private static long batches(Module module) {
        return Objects.requireNonNull(module.state().get("num_batches_tracked")).toLongArray()[0];
    }

    @Test
    void namesAndShapesArePyTorchs() {
        assertEquals(
                List.of("weight", "bias", "running_mean", "running_var", "num_batches_tracked"),
                List.copyOf(new BatchNorm2d(3).state().keySet()));
        assertEquals(
                List.of("weight", "bias"),
                List.copyOf(new BatchNorm1d(3).parameters().keySet()));
        assertEquals(6, new BatchNorm1d(3).parameterCount());
        assertEquals(
                List.of(),
                List.copyOf(new BatchNorm1d(3, 1e-5, 0.1, false, false).state().keySet()));
        assertEquals(
                List.of("0.weight", "0.bias", "1.weight", "1.bias"),
                List.copyOf(new Sequential(new LayerNorm(2, 3), new GroupNorm(2, 4))
                        .state()
                        .keySet()));
        assertEquals(List.of(), List.copyOf(new InstanceNorm2d(3).state().keySet()));
        assertEquals(
                Shape.of(2, 3),
                Objects.requireNonNull(new LayerNorm(2, 3).parameters().get("weight"))
                        .value()
                        .shape());
        assertEquals(
                List.of("weight"),
                List.copyOf(new LayerNorm(Shape.of(3), 1e-5, true, false)
                        .parameters()
                        .keySet()));
    }

    @Test
    void trainingMovesTheRunningStatisticsAndUseTakesThem() {
        BatchNorm1d norm = new BatchNorm1d(2);
        Tensor x = Tensor.of(new float[] {1, 10, 3, 30}, 2, 2);
        assertArrayEquals(new float[] {-1, -1, 1, 1}, norm.forward(x).toFloatArray(), 1e-4F);
        assertArrayEquals(new float[] {0.2F, 2}, state(norm, "running_mean"), 1e-6F);
        assertArrayEquals(new float[] {0.9F + 0.2F, 0.9F + 20}, state(norm, "running_var"), 1e-5F);
        assertEquals(1, batches(norm));
        norm.train(false);
        double[] y = norm.forward(x).toDoubleArray();
        assertEquals((1 - 0.2) / Math.sqrt(1.1), y[0], 1e-5);
        assertEquals((30 - 2) / Math.sqrt(20.9), y[3], 1e-5);
        assertEquals(1, batches(norm));
    }

    @Test
    void averagesOverAllBatches() {
        BatchNorm1d norm = new BatchNorm1d(1, 1e-5, BatchNormOp.AVERAGE, false, true);
        for (float first : new float[] {1, 2, 6}) {
            norm.forward(Tensor.of(new float[] {first, first + 2}, 2, 1));
        }
        assertArrayEquals(new float[] {4}, state(norm, "running_mean"), 1e-6F);
        assertArrayEquals(new float[] {2}, state(norm, "running_var"), 1e-6F);
        assertEquals(3, batches(norm));
    }

    @Test
    void withoutRunningStatisticsEveryBatchIsMeasured() {
        BatchNorm1d norm = new BatchNorm1d(1, 0, 0.1, false, false);
        norm.train(false);
        Tensor x = Tensor.of(new float[] {5, 7}, 2, 1);
        assertArrayEquals(new float[] {-1, 1}, norm.forward(x).toFloatArray(), 1e-6F);
    }

    @Test
    void buffersAreStateAndMove() {
        Device cpu = Devices.cpu();
        Sequential module = new Sequential(new BatchNorm2d(2));
        module.to(cpu);
        Tensor x = Tensor.of(cpu, new float[] {1, 2, 3, 4, 5, 6, 7, 9}, Shape.of(2, 2, 1, 2));
        module.forward(x);
        Map<String, Tensor> state = module.state();
        Sequential other = new Sequential(new BatchNorm2d(2));
        other.loadState(state);
        assertArrayEquals(state(module, "0.running_var"), state(other, "0.running_var"));
        assertEquals(
                1,
                Objects.requireNonNull(other.state().get("0.num_batches_tracked"))
                        .toLongArray()[0]);
        module.to(Devices.reference());
        assertArrayEquals(state(other, "0.running_mean"), state(module, "0.running_mean"));
        state.remove("0.running_mean");
        Errors.says(ShapeException.class, () -> other.loadState(state), "'0.running_mean' is missing");
        module.close();
        assertThrows(IllegalStateException.class, module::state);
    }

    @Test
    void aPlanMovesTheRunningStatistics() {
        Device cpu = Devices.cpu();
        BatchNorm1d eager = new BatchNorm1d(3);
        BatchNorm1d recorded = new BatchNorm1d(3);
        eager.to(cpu);
        recorded.to(cpu);
        Tensor x = Tensor.of(cpu, new float[6], Shape.of(2, 3));
        x.set(new float[] {1, 2, 3, 4, 6, 8});
        eager.forward(x);
        try (Plan plan = Plan.record(cpu, () -> recorded.forward(x))) {
            x.set(new float[] {3, 2, 1, 5, 7, 6});
            eager.forward(x);
            plan.run();
        }
        assertEquals(2, batches(recorded));
        for (String name : List.of("running_mean", "running_var")) {
            assertArrayEquals(state(eager, name), state(recorded, name), name);
        }
    }

    @Test
    void wrongInputsAreNamed() {
        Tensor x = Tensor.ones(1, 3);
        Errors.says(ShapeException.class, () -> new BatchNorm1d(3).forward(x), "[1,3]", "more than one value");
        Errors.says(ShapeException.class, () -> new BatchNorm1d(4).forward(x), "BatchNorm1d(4)", "[1,3]");
        Errors.says(ShapeException.class, () -> new BatchNorm2d(3).forward(x), "BatchNorm2d(3)", "[1,3]");
        Errors.says(ShapeException.class, () -> new InstanceNorm2d(3).forward(x), "InstanceNorm2d(3)", "[1,3]");
        Errors.says(ShapeException.class, () -> new GroupNorm(2, 4).forward(x), "GroupNorm(2, 4)", "[1,3]");
        Errors.says(ShapeException.class, () -> new LayerNorm(4).forward(x), "layer_norm", "[1,3]", "[4]");
        Errors.says(
                ShapeException.class,
                () -> new LayerNorm(Shape.of(4), 1e-5, false, false).forward(x),
                "LayerNorm",
                "[1,3]",
                "[4]");
        Errors.says(IllegalArgumentException.class, () -> new GroupNorm(3, 4), "4 channels in 3 groups");
        Errors.says(IllegalArgumentException.class, () -> new BatchNorm2d(0), "0 channels");
        Errors.says(IllegalArgumentException.class, () -> new BatchNorm2d(1, 1e-5, 2, true, true), "momentum 2");
    }
}
