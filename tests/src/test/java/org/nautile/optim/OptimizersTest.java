package org.nautile.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.op.BinaryOp;

/** All optimizers against their formulas. */
class OptimizersTest {
    private static final int STEPS = 6;

    private final Scope scope = new Scope();

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** A matrix and a vector; {@code backward} gives one of them, by its size, the gradient that it is asked to. */
    private static final class Points extends Module {
        private final Parameter vector;
        private final Parameter matrix;

        Points(Device device) {
            vector = parameter("vector", Tensor.of(device, new float[] {4, -5}, Shape.of(2)));
            matrix = parameter("matrix", Tensor.of(device, new float[] {1, -2, 3, 0.5F, 7, 0}, Shape.of(2, 3)));
        }

        @Override
        public Tensor forward(Tensor x) {
            Parameter parameter = x.size() == 2 ? vector : matrix;
            return Autograd.apply(new BinaryOp(BinaryKernel.Function.MUL), parameter.value(), x);
        }

        void backward(Tensor gradient) {
            Tensor y = forward(gradient);
            Autograd.backward(y, Tensor.full(y.device(), DType.FLOAT32, y.shape(), 1));
        }

        void backward(float... gradient) {
            Shape shape = gradient.length == 2 ? Shape.of(2) : Shape.of(2, 3);
            backward(Tensor.of(vector.value().device(), gradient, shape));
        }
    }

    /** One number and its optimizer, in double. */
    private abstract static class Formula {
        double p;
        int t;
        double m;
        double v;
        double b;

        /** The change of p by a gradient in step t. */
        abstract double change(double lr, double g);

        void step(double lr, double g) {
            t++;
            p -= change(lr, g);
        }
    }

    private static Formula sgd(double momentum, double dampening, double decay, boolean nesterov) {
        return new Formula() {
            @Override
            double change(double lr, double gradient) {
                double g = gradient + decay * p;
                b = t == 1 ? g : momentum * b + (1 - dampening) * g;
                return lr * (nesterov ? g + momentum * b : b);
            }
        };
    }

    private static Formula adam(double beta1, double beta2, double eps, double decay, boolean decoupled) {
        return new Formula() {
            @Override
            double change(double lr, double gradient) {
                double g = gradient + (decoupled ? 0 : decay * p);
                m = beta1 * m + (1 - beta1) * g;
                v = beta2 * v + (1 - beta2) * g * g;
                double mean = m / (1 - Math.pow(beta1, t));
                double square = v / (1 - Math.pow(beta2, t));
                return lr * mean / (Math.sqrt(square) + eps) + (decoupled ? lr * decay * p : 0);
            }
        };
    }

    private static Formula rmsprop(double alpha, double eps, double decay, double momentum, boolean centered) {
        return new Formula() {
            @Override
            double change(double lr, double gradient) {
                double g = gradient + decay * p;
                m = alpha * m + (1 - alpha) * g;
                v = alpha * v + (1 - alpha) * g * g;
                b = momentum * b + g / (Math.sqrt(centered ? v - m * m : v) + eps);
                return lr * b;
            }
        };
    }

    private static Formula adagrad(double lrDecay, double decay, double initial, double eps) {
        Formula formula = new Formula() {
            @Override
            double change(double lr, double gradient) {
                double g = gradient + decay * p;
                v += g * g;
                return lr / (1 + (t - 1) * lrDecay) * g / (Math.sqrt(v) + eps);
            }
        };
        formula.v = initial;
        return formula;
    }

    /** An optimizer, and the same as a formula. */
    private record Setting(String name, Function<Module, Optimizer> optimizer, Function<Object, Formula> formula) {
        Formula[] formulas(Parameter parameter) {
            float[] values = parameter.value().toFloatArray();
            Formula[] formulas = new Formula[values.length];
            for (int i = 0; i < values.length; i++) {
                formulas[i] = formula.apply(name);
                formulas[i].p = values[i];
            }
            return formulas;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final List<Setting> SETTINGS = List.of(
            new Setting("Sgd", m -> new Sgd(m, 0.1), any -> sgd(0, 0, 0, false)),
            new Setting("Sgd, L2", m -> new Sgd(m, 0.1, 0, 0, 0.1, false), any -> sgd(0, 0, 0.1, false)),
            new Setting("Sgd, momentum", m -> new Sgd(m, 0.1, 0.9, 0, 0, false), any -> sgd(0.9, 0, 0, false)),
            new Setting("Sgd, dampening", m -> new Sgd(m, 0.1, 0.9, 0.5, 0.1, false), any -> sgd(0.9, 0.5, 0.1, false)),
            new Setting("Sgd, Nesterov", m -> new Sgd(m, 0.1, 0.9, 0, 0.1, true), any -> sgd(0.9, 0, 0.1, true)),
            new Setting("Adam", m -> new Adam(m, 0.1), any -> adam(0.9, 0.999, 1e-8, 0, false)),
            new Setting(
                    "Adam, L2", m -> new Adam(m, 0.1, 0.8, 0.95, 1e-6, 0.1), any -> adam(0.8, 0.95, 1e-6, 0.1, false)),
            new Setting("AdamW", m -> new AdamW(m, 0.1), any -> adam(0.9, 0.999, 1e-8, 0.01, true)),
            new Setting(
                    "AdamW, all options",
                    m -> new AdamW(m, 0.1, 0.8, 0.95, 1e-6, 0.1),
                    any -> adam(0.8, 0.95, 1e-6, 0.1, true)),
            new Setting("Rmsprop", m -> new Rmsprop(m, 0.1), any -> rmsprop(0.99, 1e-8, 0, 0, false)),
            new Setting(
                    "Rmsprop, all options",
                    m -> new Rmsprop(m, 0.1, 0.9, 1e-3, 0.1, 0.5, true),
                    any -> rmsprop(0.9, 1e-3, 0.1, 0.5, true)),
            new Setting("Adagrad", m -> new Adagrad(m, 0.1), any -> adagrad(0, 0, 0, 1e-10)),
            new Setting(
                    "Adagrad, all options",
                    m -> new Adagrad(m, 0.1, 0.25, 0.1, 0.5, 1e-3),
                    any -> adagrad(0.25, 0.1, 0.5, 1e-3)));

    static Stream<Arguments> settings() {
        return Devices.usable().flatMap(device -> SETTINGS.stream().map(setting -> Arguments.of(device, setting)));
    }

    private static float[] gradient(int step, int size) {
        float[] gradient = new float[size];
        for (int i = 0; i < size; i++) {
            gradient[i] = (float) Math.sin(1 + step * 7 + i);
        }
        return gradient;
    }

    private static void step(Formula[] formulas, double lr, float... gradient) {
        for (int i = 0; i < gradient.length; i++) {
            formulas[i].step(lr, gradient[i]);
        }
    }

    private static void compare(Formula[] expected, Parameter found, int step) {
        float[] values = found.value().toFloatArray();
        for (int i = 0; i < values.length; i++) {
            // per step, a rounding of a number below 8 and eight of a change below 1: 2^-22 + 2^-21
            assertEquals(expected[i].p, values[i], 5e-6, "element " + i + " after step " + step);
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void followsTheFormula(Device device, Setting setting) {
        try (Points model = new Points(device)) {
            Optimizer optimizer = setting.optimizer().apply(model);
            Formula[] matrix = setting.formulas(model.matrix);
            Formula[] vector = setting.formulas(model.vector);
            for (int step = 0; step < STEPS; step++) {
                optimizer.setLearningRate(0.1 / (1 + step));
                optimizer.clearGradients();
                model.backward(gradient(step, 6));
                step(matrix, optimizer.learningRate(), gradient(step, 6));
                if (step != 2 && step != 3) { // as PyTorch: the vector takes no step then, and does not count it
                    model.backward(gradient(-step, 2));
                    step(vector, optimizer.learningRate(), gradient(-step, 2));
                }
                optimizer.step();
                compare(matrix, model.matrix, step);
                compare(vector, model.vector, step);
            }
        }
    }

    /** A plan counts on and learns at the rate that is set while it runs. */
    @ParameterizedTest
    @MethodSource("settings")
    void aRecordedStepFollowsTheFormula(Device device, Setting setting) {
        try (Points model = new Points(device)) {
            Optimizer optimizer = setting.optimizer().apply(model);
            Formula[] matrix = setting.formulas(model.matrix);
            Formula[] vector = setting.formulas(model.vector);
            Tensor dMatrix = Tensor.full(device, DType.FLOAT32, Shape.of(2, 3), 0);
            Tensor dVector = Tensor.full(device, DType.FLOAT32, Shape.of(2), 0);
            Plan plan = null;
            for (int step = 0; step < STEPS; step++) {
                double lr = 0.1 / (1 + step);
                optimizer.setLearningRate(lr);
                dMatrix.set(gradient(step, 6));
                dVector.set(gradient(-step, 2));
                if (plan != null) {
                    plan.run();
                } else if (step > 0) {
                    plan = Plan.record(device, () -> step(model, optimizer, dMatrix, dVector));
                } else {
                    step(model, optimizer, dMatrix, dVector);
                }
                step(matrix, lr, gradient(step, 6));
                step(vector, lr, gradient(-step, 2));
                compare(matrix, model.matrix, step);
                compare(vector, model.vector, step);
            }
            Objects.requireNonNull(plan).close();
        }
    }

    private static Tensor step(Points model, Optimizer optimizer, Tensor dMatrix, Tensor dVector) {
        optimizer.clearGradients();
        model.backward(dMatrix);
        model.backward(dVector);
        optimizer.step();
        return model.vector.value().copy();
    }

    /** A step without weight decay, from the same start, and one with an L1 penalty. */
    @ParameterizedTest
    @MethodSource("settings")
    void penaltiesCanBeForMatricesAlone(Device device, Setting setting) {
        float[][] vectors = new float[2][];
        float[][] matrices = new float[2][];
        for (int l1 = 0; l1 < 2; l1++) {
            try (Points model = new Points(device)) {
                Optimizer optimizer = setting.optimizer().apply(model);
                optimizer.setPenaltiesOnMatricesOnly(true);
                optimizer.setL1(l1);
                for (int step = 0; step < 3; step++) {
                    optimizer.clearGradients();
                    model.backward(gradient(step, 6));
                    model.backward(gradient(step, 2));
                    optimizer.step();
                }
                vectors[l1] = model.vector.value().toFloatArray();
                matrices[l1] = model.matrix.value().toFloatArray();
            }
        }
        assertArrayEquals(vectors[0], vectors[1]);
        for (int i = 0; i < 5; i++) {
            assertNotEquals(matrices[0][i], matrices[1][i]);
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void l1IsTheSignOfTheParameter(Device device) {
        try (Points model = new Points(device)) {
            Optimizer optimizer = new Sgd(model, 1);
            optimizer.setL1(0.25);
            model.backward(0, 0, 0, 0, 0, 0);
            model.backward(1, 1);
            optimizer.step();
            assertArrayEquals(
                    new float[] {0.75F, -1.75F, 2.75F, 0.25F, 6.75F, 0},
                    model.matrix.value().toFloatArray());
            assertArrayEquals(new float[] {2.75F, -5.75F}, model.vector.value().toFloatArray());
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void withoutGradientNothingChanges(Device device, Setting setting) {
        try (Points model = new Points(device)) {
            Optimizer optimizer = setting.optimizer().apply(model);
            float[] matrix = model.matrix.value().toFloatArray();
            float[] vector = model.vector.value().toFloatArray();
            optimizer.step();
            assertArrayEquals(matrix, model.matrix.value().toFloatArray());
            model.backward(gradient(0, 6));
            optimizer.clearGradients();
            optimizer.step();
            assertArrayEquals(matrix, model.matrix.value().toFloatArray());
            assertArrayEquals(vector, model.vector.value().toFloatArray());
        }
    }

    @Test
    void goesWithTheModelToAnotherDevice() {
        Device cpu = Devices.cpu();
        try (Points model = new Points(Devices.reference())) {
            Sgd optimizer = new Sgd(model, 0.5, 0.9, 0, 0, false);
            model.to(cpu);
            model.backward(1, 1, 1, 1, 1, 1);
            model.backward(2, 2);
            optimizer.step();
            assertArrayEquals(
                    new float[] {0.5F, -2.5F, 2.5F, 0, 6.5F, -0.5F},
                    model.matrix.value().toFloatArray());
            assertArrayEquals(new float[] {3, -6}, model.vector.value().toFloatArray());
        }
    }

    @Test
    void settingsAreChecked() {
        Points model = new Points(Devices.reference());
        Errors.says(IllegalArgumentException.class, () -> new Sgd(model, -0.1), "-0.1");
        Errors.says(IllegalArgumentException.class, () -> new Sgd(model, Double.NaN), "NaN");
        Errors.says(IllegalArgumentException.class, () -> new Sgd(model, 1, -1, 0, 0, false), "momentum -1");
        Errors.says(IllegalArgumentException.class, () -> new Sgd(model, 1, 0, 0, -1, false), "decay -1");
        Errors.says(IllegalArgumentException.class, () -> new Sgd(model, 1, 0, 0, 0, true), "Nesterov");
        Errors.says(IllegalArgumentException.class, () -> new Sgd(model, 1, 0.9, 0.1, 0, true), "Nesterov");
        Errors.says(IllegalArgumentException.class, () -> new Adam(model, -0.1), "Adam", "rate -0.1");
        Errors.says(IllegalArgumentException.class, () -> new Adam(model, 1, 1, 0, 0, 0), "beta1 1");
        Errors.says(IllegalArgumentException.class, () -> new Adam(model, 1, 0, -1, 0, 0), "beta2 -1");
        Errors.says(IllegalArgumentException.class, () -> new Adam(model, 1, 0, 0, -1, 0), "eps -1");
        Errors.says(IllegalArgumentException.class, () -> new AdamW(model, 1, 0, 0, 0, -1), "AdamW", "decay -1");
        Errors.says(IllegalArgumentException.class, () -> new Rmsprop(model, 1, 2, 0, 0, 0, false), "alpha 2");
        Errors.says(IllegalArgumentException.class, () -> new Rmsprop(model, 1, 0, 0, 0, -1, false), "momentum -1");
        Errors.says(IllegalArgumentException.class, () -> new Adagrad(model, 1, -1, 0, 0, 0), "lrDecay -1");
        Errors.says(IllegalArgumentException.class, () -> new Adagrad(model, 1, 0, 0, -1, 0), "initial -1");
        Optimizer optimizer = new Adam(model, 0.1);
        Errors.says(IllegalArgumentException.class, () -> optimizer.setL1(-1), "L1 factor -1");
        optimizer.step();
        Errors.says(IllegalStateException.class, () -> optimizer.setL1(1), "setL1");
        Errors.says(IllegalStateException.class, () -> optimizer.setPenaltiesOnMatricesOnly(true), "MatricesOnly");
    }
}
