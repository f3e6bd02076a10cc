package org.nautile.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;

class ModuleTest extends OnReference {
    private static Sequential mlp() {
        Generator random = new Generator(1, 0);
        return new Sequential(
                new Flatten(),
                new Linear(6, 4, random),
                Activation.relu(),
                new Sequential(new Linear(4, 3, false, random), Activation.tanh()),
                new Linear(3, 2, random));
    }

    private static Map<String, float[]> values(Module module) {
        Map<String, float[]> values = new LinkedHashMap<>();
        module.parameters()
                .forEach((name, parameter) -> values.put(name, parameter.value().toFloatArray()));
        return values;
    }

    private static void assertSameValues(Map<String, float[]> expected, Map<String, float[]> found) {
        assertEquals(List.copyOf(expected.keySet()), List.copyOf(found.keySet()));
        expected.forEach((name, array) -> assertArrayEquals(array, found.get(name), name));
    }

    private static void step(Module module) {
        try (Scope inner = new Scope()) {
            Tensor x = Tensor.full(
                    module.parameters().values().iterator().next().value().device(),
                    org.nautile.DType.FLOAT32,
                    Shape.of(2, 2, 3),
                    0.5);
            Tensor y = module.forward(x);
            Autograd.backward(y, Tensor.full(y.device(), y.dtype(), y.shape(), 1));
        }
    }

    @Test
    void namesArePyTorchs() {
        assertEquals(
                List.of("1.weight", "1.bias", "3.0.weight", "4.weight", "4.bias"),
                List.copyOf(mlp().parameters().keySet()));
        assertEquals(
                List.of("weight", "bias"),
                List.copyOf(new Linear(2, 3, new Generator(0, 0)).parameters().keySet()));
        assertEquals(
                Shape.of(4, 6),
                Objects.requireNonNull(mlp().parameters().get("1.weight"))
                        .value()
                        .shape());
        assertEquals(4 * 6 + 4 + 3 * 4 + 2 * 3 + 2, mlp().parameterCount());
    }

    @Test
    void firstWeightsAreWithinTheirBoundAndFollowTheSeed() {
        Map<String, float[]> values = values(new Linear(16, 50, new Generator(3, 0)));
        float largest = 0;
        for (float value : Objects.requireNonNull(values.get("weight"))) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertTrue(largest <= 0.25F && largest > 0.24F, "largest of 800 in +-1/sqrt(16): " + largest);
        assertSameValues(values, values(new Linear(16, 50, new Generator(3, 0))));
        Errors.says(IllegalArgumentException.class, () -> new Linear(0, 3, new Generator(0, 0)), "0 inputs");
    }

    @Test
    void describesItself() {
        assertEquals("""
                Sequential
                  (0) Flatten
                  (1) Linear(6 -> 4)
                  (2) relu
                  (3) Sequential
                    (0) Linear(4 -> 3, no bias)
                    (1) tanh
                  (4) Linear(3 -> 2)""", mlp().toString());
    }

    @Test
    void stateGoesOutAndIn() {
        Sequential first = mlp();
        Sequential second = mlp();
        Map<String, Tensor> state = first.state();
        Map<String, float[]> old = values(first);
        state.values().forEach(tensor -> tensor.fill(3));
        assertSameValues(old, values(first)); // a copy
        second.loadState(state);
        values(second).values().forEach(array -> assertEquals(3, array[0]));
        second.loadState(first.state());
        assertSameValues(old, values(second));
        assertNull(Objects.requireNonNull(second.parameters().get("1.bias")).gradient());
    }

    @Test
    void wrongStatesAreNamedAndChangeNothing() {
        Sequential module = mlp();
        Map<String, float[]> old = values(module);
        refused(module, state -> state.remove("3.0.weight"), "'3.0.weight' is missing");
        refused(module, state -> state.put("9.bias", Tensor.ones(1)), "'9.bias' is not", "1.weight, 1.bias");
        refused(module, state -> state.put("4.bias", Tensor.ones(3)), "'4.bias' is [3]", "is [2]");
        refused(
                module,
                state -> state.put("4.bias", Tensor.of(Devices.reference(), new double[2], Shape.of(2))),
                "'4.bias' is [2] float64",
                "is [2] float32");
        assertSameValues(old, values(module));
    }

    private static void refused(Module module, Consumer<Map<String, Tensor>> spoil, String... parts) {
        Map<String, Tensor> state = module.state();
        state.values().forEach(tensor -> tensor.fill(3));
        spoil.accept(state);
        Errors.says(ShapeException.class, () -> module.loadState(state), parts);
    }

    @Test
    void flattenKeepsValuesAndPutsThemInOneBlock() {
        Sequential module = mlp();
        Map<String, float[]> old = values(module);
        FlatParameters flat = module.flatten();
        assertSameValues(old, values(module));
        assertSame(flat, module.flatten());
        assertEquals(module.parameters().size(), flat.parameters().size());
        List<Parameter> parameters = flat.parameters();
        for (int i = 0; i < parameters.size(); i++) {
            assertSame(flat.values().storage(), parameters.get(i).value().storage());
            assertEquals(0, flat.offset(i) % 16, "a multiple of 64 bytes");
            assertEquals(i < 3 ? 2 : 1, parameters.get(i).value().shape().rank(), "matrices first");
        }
        assertFalse(flat.complete());
        step(module);
        assertTrue(flat.complete());
        Tensor gradient = Objects.requireNonNull(parameters.get(3).gradient());
        assertSame(flat.gradients().storage(), gradient.storage());
        assertEquals(flat.offset(3), gradient.offset());
        flat.values().fill(7);
        values(module).values().forEach(array -> assertEquals(7, array[array.length - 1]));
        module.loadState(mlp().state());
        assertSameValues(old, values(module));
        assertSame(flat, module.flatten());
    }

    /** As where only a part is trained. */
    @Test
    void closingFreesTheFlatMemoryOfParts() {
        Linear part = new Linear(3, 2, new Generator(1, 0));
        Sequential whole = new Sequential(part, new Linear(2, 2, new Generator(2, 0)));
        FlatParameters flat = part.flatten();
        Tensor owned = flat.own(Tensor.zeros(2));
        whole.close();
        assertTrue(flat.values().isClosed());
        assertTrue(flat.gradients().isClosed());
        assertTrue(owned.isClosed());
    }

    /** A parameter without gradient has no part in the norm, whatever is in its place. */
    @Test
    void clipGradNormCountsTheGradientsThereAre() {
        Sequential module = mlp();
        FlatParameters flat = module.flatten();
        for (int i = 0; i < flat.parameters().size(); i++) {
            Shape shape = Shape.of(flat.parameters().get(i).value().size());
            flat.gradients().view(shape, flat.offset(i), 1).fill(99);
        }
        Parameter bias = flat.parameters().get(4);
        Autograd.backward(bias.value(), Tensor.of(new float[] {3, 4}, 2));
        assertEquals(5, flat.clipGradNorm(10).item());
        assertArrayEquals(
                new float[] {3, 4}, Objects.requireNonNull(bias.gradient()).toFloatArray());
        assertEquals(5, flat.clipGradNorm(0.5).item());
        assertArrayEquals(
                new float[] {0.3F, 0.4F},
                Objects.requireNonNull(bias.gradient()).toFloatArray(),
                1e-6F);
        assertNull(flat.parameters().get(0).gradient());
        Errors.says(IllegalArgumentException.class, () -> flat.clipGradNorm(Double.NaN), "NaN");
    }

    @Test
    void flattenKeepsGradients() {
        Sequential module = mlp();
        step(module);
        List<float[]> gradients = module.parameters().values().stream()
                .map(parameter -> Objects.requireNonNull(parameter.gradient()).toFloatArray())
                .toList();
        module.flatten();
        List<Parameter> parameters = List.copyOf(module.parameters().values());
        for (int i = 0; i < parameters.size(); i++) {
            Tensor gradient = Objects.requireNonNull(parameters.get(i).gradient());
            assertArrayEquals(gradients.get(i), gradient.toFloatArray());
            assertSame(module.flatten().gradients().storage(), gradient.storage());
        }
    }

    @Test
    void movesToAnotherDeviceAndBack() {
        Device cpu = Devices.cpu();
        Sequential module = mlp();
        Map<String, float[]> old = values(module);
        FlatParameters flat = module.flatten();
        step(module);
        module.to(cpu);
        assertSameValues(old, values(module));
        for (Parameter parameter : module.parameters().values()) {
            assertEquals(cpu, parameter.value().device());
            assertNull(parameter.gradient());
        }
        step(module);
        assertNotNull(module.parameters().values().iterator().next().gradient());
        assertFalse(flat == module.flatten(), "the old blocks are elsewhere");
        assertSameValues(old, values(module));
        module.to(Devices.reference());
        assertSameValues(old, values(module));
    }

    @Test
    void parametersOutliveTheScopeAndEndWithTheModule() {
        Sequential module;
        try (Scope inner = new Scope()) {
            module = mlp();
            module.flatten();
            step(module);
        }
        List<Tensor> tensors =
                module.parameters().values().stream().map(Parameter::value).toList();
        tensors.forEach(tensor -> assertFalse(tensor.isClosed()));
        FlatParameters flat = module.flatten();
        module.close();
        tensors.forEach(tensor -> assertTrue(tensor.isClosed()));
        assertTrue(flat.values().isClosed() && flat.gradients().isClosed());
    }

    @Test
    void trainingReachesEveryPart() {
        Activation part = Activation.relu();
        Sequential module = new Sequential(new Sequential(part));
        assertTrue(part.training());
        module.train(false);
        assertFalse(part.training());
    }

    @Test
    void namesAreTakenOnce() {
        class Twice extends Module {
            Twice() {
                parameter("weight", Tensor.ones(1));
                child("weight", Activation.relu());
            }

            @Override
            public Tensor forward(Tensor x) {
                return x;
            }
        }
        Errors.says(IllegalArgumentException.class, Twice::new, "'weight' already");
    }

    @Test
    void losses() {
        Device device = Devices.reference();
        Tensor output = Tensor.of(device, new float[] {1, 2, 3, 6}, Shape.of(2, 2));
        Tensor target = Tensor.of(device, new float[] {1, 0, 0, 5}, Shape.of(2, 2));
        assertEquals(
                (0 + 4 + 9 + 1) / 4.0,
                Loss.meanSquaredError().of(output, target).item());
        Tensor classes = Tensor.of(device, new long[] {1, 0}, Shape.of(2));
        double expected = (Math.log(1 + Math.exp(-1)) + Math.log(1 + Math.exp(3))) / 2;
        assertEquals(expected, Loss.crossEntropy().of(output, classes).item(), 1e-6);
    }
}
