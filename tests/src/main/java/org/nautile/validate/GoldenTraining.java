package org.nautile.validate;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.models.MnistMlp;
import org.nautile.nn.Flatten;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.op.ReshapeOp;
import org.nautile.optim.Optimizer;
import org.nautile.optim.Sgd;

/** PyTorch's cases of optimizers, and of models that are trained for a few steps. */
final class GoldenTraining {
    private static final Budget LOSS =
            Budget.ulp(1, "the contract of cross_entropy.h, and scores to 1e-6").plus(2e-6);
    private static final Budget GRADIENT =
            Budget.ulp(8, "sums over the batch through three layers").plus(2e-7).within(1e-6);
    private static final Budget PARAMETER =
            Budget.ulp(4, "a rounding for each of four steps").plus(1e-8).within(1e-6);
    private static final Budget SCORES =
            Budget.ulp(8, "sums through three layers").plus(1e-6).within(1e-6);

    private GoldenTraining() {}

    /** A model that is one parameter and gives it back: the gradient by its output is the parameter's. */
    private static final class Bare extends Module {
        private final Parameter parameter;

        Bare(Tensor initial) {
            parameter = parameter("p", initial);
        }

        @Override
        public Tensor forward(Tensor x) {
            return Autograd.apply(new ReshapeOp(x.shape().dims()), parameter.value());
        }
    }

    /** Steps with given gradients: p after each. */
    static Measure sgd(GoldenFile file, Device device) throws IOException {
        float[] start = file.floats("in.p");
        Shape shape = file.shape("in.g");
        if (shape.rank() != 2 || shape.dim(1) != start.length) {
            throw file.unknown("shape of g", shape.toString());
        }
        int steps = (int) shape.dim(0);
        int size = start.length;
        float[] gradients = file.floats("in.g");
        float[] found = new float[steps * size];
        try (Scope scope = new Scope();
                Module model = new Bare(Tensor.of(device, start, Shape.of(size)))) {
            Optimizer optimizer = sgd(file, model);
            for (int step = 0; step < steps; step++) {
                optimizer.clearGradients();
                float[] gradient = new float[size];
                System.arraycopy(gradients, step * size, gradient, 0, size);
                Tensor g = Tensor.of(device, gradient, Shape.of(size));
                Autograd.backward(model.forward(g), g);
                optimizer.step();
                float[] p = model.state().values().iterator().next().toFloatArray();
                System.arraycopy(p, 0, found, step * size, size);
            }
        }
        // a step rounds the parameter and what is taken from it: an error that grows with the way it has gone
        double[] right = file.doubles("out.p");
        double[] way = new double[right.length];
        for (int i = 0; i < right.length && i < found.length; i++) {
            double before = i < size ? start[i] : right[i - size];
            way[i] = (i < size ? Math.abs(start[i]) : way[i - size]) + Math.abs(right[i] - before);
        }
        Budget budget = new Budget(0, 0, steps + 4.0, 5e-7, steps + " steps in float32, each rounded");
        return file.compare("out.p", shape, found, budget, way, false);
    }

    private static Sgd sgd(GoldenFile file, Module model) throws IOException {
        return new Sgd(
                model,
                file.number("lr"),
                file.number("momentum"),
                file.number("dampening"),
                file.number("weight_decay"),
                file.flag("nesterov"));
    }

    /** The course's first model: losses and gradients, the parameters after some steps, and what it says then. */
    static Measure mnistMlp(GoldenFile file, Device device) throws IOException {
        Shape losses = file.shape("out.losses");
        float[] found = new float[Math.toIntExact(losses.size())];
        Measure worst = Measure.NONE;
        try (Scope scope = new Scope();
                Module model = MnistMlp.network(10, new Generator(0, 0))) {
            model.to(device);
            load(file, model, device);
            Optimizer optimizer = sgd(file, model);
            Loss loss = Loss.crossEntropy();
            for (int step = 0; step < found.length; step++) {
                try (Scope inner = new Scope()) {
                    optimizer.clearGradients();
                    Tensor x = images(file, "in.batch" + step + ".x", device);
                    Tensor value = loss.of(model.forward(x), file.tensor("in.batch" + step + ".y", device));
                    Autograd.backward(value);
                    found[step] = (float) value.item();
                    if (step == 0) {
                        worst = Measure.worse(worst, gradients(file, model));
                    }
                    optimizer.step();
                }
            }
            worst = Measure.worse(worst, file.compare("out.losses", losses, found, LOSS, null, false));
            for (Map.Entry<String, Tensor> entry : model.state().entrySet()) {
                worst = Measure.worse(
                        worst, compare(file, "out.state." + withFlatten(entry.getKey()), entry.getValue(), PARAMETER));
            }
            Tensor y = model.forward(images(file, "in.eval.x", device));
            return Measure.worse(worst, compare(file, "out.eval.y", y, SCORES));
        }
    }

    private static void load(GoldenFile file, Module model, Device device) throws IOException {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (String name : model.parameters().keySet()) {
            state.put(name, file.tensor("in.state." + withFlatten(name), device));
        }
        model.loadState(state);
    }

    private static Tensor images(GoldenFile file, String name, Device device) throws IOException {
        return new Flatten().forward(file.tensor(name, device));
    }

    private static Measure gradients(GoldenFile file, Module model) throws IOException {
        Measure worst = Measure.NONE;
        for (Map.Entry<String, Parameter> entry : model.parameters().entrySet()) {
            Tensor gradient = entry.getValue().gradient();
            String name = "out.grad0." + withFlatten(entry.getKey());
            if (gradient == null) {
                throw new Mismatch(name + ": no gradient");
            }
            worst = Measure.worse(worst, compare(file, name, gradient, GRADIENT));
        }
        return worst;
    }

    private static Measure compare(GoldenFile file, String name, Tensor found, Budget budget) throws IOException {
        return file.compare(name, found.shape(), found.toArray(), budget, null, false);
    }

    /** PyTorch's network begins with the layer that flattens images, which ours leaves to the data: all others are one on. */
    private static String withFlatten(String parameter) {
        int dot = parameter.indexOf('.');
        return Integer.parseInt(parameter.substring(0, dot)) + 1 + parameter.substring(dot);
    }
}
