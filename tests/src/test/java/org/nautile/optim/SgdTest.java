package org.nautile.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.op.BinaryOp;

class SgdTest {
    private static final int STEPS = 5;

    private final Scope scope = new Scope();

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** Two parameters p and q; {@code backward} gives one of them the gradient that it is asked to. */
    private static final class Points extends Module {
        private final Parameter p;
        private final Parameter q;

        Points(Device device) {
            p = parameter("p", Tensor.of(device, new float[] {1, -2, 3, 0.5F, 7}, Shape.of(5)));
            q = parameter("q", Tensor.of(device, new float[] {4, -5}, Shape.of(2)));
        }

        @Override
        public Tensor forward(Tensor x) {
            return Autograd.apply(new BinaryOp(BinaryKernel.Function.MUL), x.size() == 5 ? p.value() : q.value(), x);
        }

        void backward(float... gradient) {
            Device device = p.value().device();
            Tensor y = forward(Tensor.of(device, gradient, Shape.of(gradient.length)));
            Autograd.backward(y, Tensor.full(device, DType.FLOAT32, y.shape(), 1));
        }
    }

    /** The formula of {@code torch.optim.SGD}, for one number, in double. */
    private static final class Formula {
        private final double momentum;
        private final double dampening;
        private final double decay;
        private final boolean nesterov;
        private double value;
        private double buffer = Double.NaN;

        Formula(double value, double momentum, double dampening, double decay, boolean nesterov) {
            this.value = value;
            this.momentum = momentum;
            this.dampening = dampening;
            this.decay = decay;
            this.nesterov = nesterov;
        }

        void step(double lr, double gradient) {
            double g = gradient + decay * value;
            if (momentum != 0) {
                buffer = Double.isNaN(buffer) ? g : momentum * buffer + (1 - dampening) * g;
                g = nesterov ? g + momentum * buffer : buffer;
            }
            value -= lr * g;
        }
    }

    static Stream<Arguments> settings() {
        return Devices.usable()
                .flatMap(device -> Stream.of(
                        Arguments.of(device, 0, 0, 0, false),
                        Arguments.of(device, 0, 0, 0.1, false),
                        Arguments.of(device, 0.9, 0, 0, false),
                        Arguments.of(device, 0.9, 0.5, 0.1, false),
                        Arguments.of(device, 0.9, 0, 0.1, true)));
    }

    private static float[] gradient(int step, int size) {
        float[] gradient = new float[size];
        for (int i = 0; i < size; i++) {
            gradient[i] = (float) Math.sin(1 + step * 7 + i);
        }
        return gradient;
    }

    @ParameterizedTest
    @MethodSource("settings")
    void followsTheFormula(Device device, double momentum, double dampening, double decay, boolean nesterov) {
        try (Points model = new Points(device)) {
            Sgd optimizer = new Sgd(model, 0.1, momentum, dampening, decay, nesterov);
            Formula[] p = formulas(model.p, momentum, dampening, decay, nesterov);
            Formula[] q = formulas(model.q, momentum, dampening, decay, nesterov);
            for (int step = 0; step < STEPS; step++) {
                optimizer.setLearningRate(0.1 / (1 + step));
                optimizer.clearGradients();
                model.backward(gradient(step, 5));
                step(p, optimizer.learningRate(), gradient(step, 5));
                if (step != 1 && step != 3) { // as PyTorch: q takes no step then, and its momentum waits
                    model.backward(gradient(-step, 2));
                    step(q, optimizer.learningRate(), gradient(-step, 2));
                }
                optimizer.step();
                compare(p, model.p, step);
                compare(q, model.q, step);
            }
        }
    }

    private static Formula[] formulas(
            Parameter parameter, double momentum, double dampening, double decay, boolean nesterov) {
        float[] values = parameter.value().toFloatArray();
        Formula[] formulas = new Formula[values.length];
        for (int i = 0; i < values.length; i++) {
            formulas[i] = new Formula(values[i], momentum, dampening, decay, nesterov);
        }
        return formulas;
    }

    private static void step(Formula[] formulas, double lr, float... gradient) {
        for (int i = 0; i < gradient.length; i++) {
            formulas[i].step(lr, gradient[i]);
        }
    }

    private static void compare(Formula[] expected, Parameter found, int step) {
        float[] values = found.value().toFloatArray();
        for (int i = 0; i < values.length; i++) {
            // a few roundings of numbers below 8 in each step: 8 x 2^-24 apiece
            assertEquals(expected[i].value, values[i], 4e-6, "element " + i + " after step " + step);
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void withoutGradientNothingChanges(Device device) {
        try (Points model = new Points(device)) {
            Sgd optimizer = new Sgd(model, 0.1, 0.9, 0, 0.1, false);
            float[] p = model.p.value().toFloatArray();
            float[] q = model.q.value().toFloatArray();
            optimizer.step();
            assertArrayEquals(p, model.p.value().toFloatArray());
            model.backward(gradient(0, 5));
            optimizer.clearGradients();
            optimizer.step();
            assertArrayEquals(p, model.p.value().toFloatArray());
            assertArrayEquals(q, model.q.value().toFloatArray());
        }
    }

    @Test
    void goesWithTheModelToAnotherDevice() {
        Device cpu = Devices.cpu();
        try (Points model = new Points(Devices.reference())) {
            Sgd optimizer = new Sgd(model, 0.5, 0.9, 0, 0, false);
            model.to(cpu);
            model.backward(1, 1, 1, 1, 1);
            model.backward(2, 2);
            optimizer.step();
            assertArrayEquals(
                    new float[] {0.5F, -2.5F, 2.5F, 0, 6.5F}, model.p.value().toFloatArray());
            assertArrayEquals(new float[] {3, -6}, model.q.value().toFloatArray());
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
    }
}
