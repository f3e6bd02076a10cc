package org.nautile.validate;

import java.io.IOException;
import java.util.Locale;
import java.util.PrimitiveIterator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.FlatParameters;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.op.ReshapeOp;
import org.nautile.optim.Adagrad;
import org.nautile.optim.Adam;
import org.nautile.optim.AdamW;
import org.nautile.optim.Optimizer;
import org.nautile.optim.ReduceOnPlateau;
import org.nautile.optim.Rmsprop;
import org.nautile.optim.Schedule;
import org.nautile.optim.Sgd;

/** PyTorch's cases of optimizers, of their schedules and of clipping. */
final class GoldenTraining {
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
    static Measure optimizer(GoldenFile file, Device device) throws IOException {
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
            Optimizer optimizer = optimizer(file, model);
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
        Budget budget = new Budget(0, 0, steps + 8.0, 5e-7, steps + " steps in float32, each rounded");
        return file.compare("out.p", shape, found, budget, way, false);
    }

    /** The optimizer that the file's attributes describe. */
    static Optimizer optimizer(GoldenFile file, Module model) throws IOException {
        String name =
                file.hasAttribute("optimizer") ? file.text("optimizer").toLowerCase(Locale.ROOT) : file.text("name");
        double lr = file.number("lr");
        double decay = file.number("weight_decay");
        if (name.startsWith("sgd")) {
            return new Sgd(model, lr, file.number("momentum"), file.number("dampening"), decay, file.flag("nesterov"));
        }
        double eps = file.number("eps");
        if (name.startsWith("adam")) {
            double[] betas = file.numbers("betas");
            return file.flag("decoupled_weight_decay")
                    ? new AdamW(model, lr, betas[0], betas[1], eps, decay)
                    : new Adam(model, lr, betas[0], betas[1], eps, decay);
        }
        return switch (name) {
            case "rmsprop" ->
                new Rmsprop(
                        model, lr, file.number("alpha"), eps, decay, file.number("momentum"), file.flag("centered"));
            case "adagrad" ->
                new Adagrad(model, lr, file.number("lr_decay"), decay, file.number("initial_accumulator_value"), eps);
            default -> throw file.unknown("optimizer", name);
        };
    }

    /** The rates of a schedule: each is the step that a parameter of 0 takes against a gradient of -1. */
    static Measure schedule(GoldenFile file, Device device) throws IOException {
        double base = file.number("base_lr");
        DoubleUnaryOperator rate; // of the next step, from this one's
        if (file.text("name").equals("plateau")) {
            ReduceOnPlateau rule = new ReduceOnPlateau(
                    file.number("factor"), (int) file.number("patience"), file.number("threshold"), 0);
            PrimitiveIterator.OfDouble losses =
                    DoubleStream.of(file.doubles("in.loss")).iterator();
            rate = now -> rule.next(now, losses.nextDouble());
        } else {
            Schedule schedule = schedule(file);
            PrimitiveIterator.OfLong times =
                    LongStream.of(file.longs("in.step")).iterator();
            rate = now -> schedule.rate(base, times.nextLong());
        }
        Shape shape = file.shape("out.lr");
        float[] found = new float[Math.toIntExact(shape.size())];
        try (Scope scope = new Scope();
                Bare model = new Bare(Tensor.full(device, DType.FLOAT32, Shape.of(1), 0))) {
            Optimizer optimizer = new Sgd(model, base);
            for (int i = 0; i < found.length; i++) {
                optimizer.setLearningRate(rate.applyAsDouble(optimizer.learningRate()));
                optimizer.clearGradients();
                model.parameter.value().fill(0);
                Autograd.backward(model.parameter.value(), Tensor.full(device, DType.FLOAT32, Shape.of(1), -1));
                optimizer.step();
                found[i] = model.parameter.value().toFloatArray()[0];
            }
        }
        return file.compare("out.lr", shape, found, Budget.ulp(1, "computed in double"), null, false);
    }

    /** The files do not say what the schedules were made with: this is what the rates in them follow. */
    private static Schedule schedule(GoldenFile file) throws IOException {
        String name = file.text("name");
        return switch (name) {
            case "step" -> Schedule.step(3, 0.5);
            case "multistep" -> Schedule.multiStep(0.1, 2, 5);
            case "exponential" -> Schedule.exponential(0.9);
            case "cosine" -> Schedule.cosine(10, 0);
            case "linear_warmup" -> Schedule.linearWarmup(0.1, 5);
            case "onecycle" -> Schedule.oneCycle(12);
            default -> throw file.unknown("name", name);
        };
    }

    /** Two parameters whose gradients are given. */
    private static final class Pair extends Module {
        private final Parameter first;
        private final Parameter second;

        Pair(Shape first, Shape second, Device device) {
            this.first = parameter("first", Tensor.full(device, DType.FLOAT32, first, 1));
            this.second = parameter("second", Tensor.full(device, DType.FLOAT32, second, 1));
        }

        @Override
        public Tensor forward(Tensor x) {
            throw new UnsupportedOperationException("it is for its gradients alone");
        }
    }

    /** The norm of gradients, and what is left of them. */
    static Measure clipGradNorm(GoldenFile file, Device device) throws IOException {
        try (Scope scope = new Scope();
                Pair model = new Pair(file.shape("in.g0"), file.shape("in.g1"), device)) {
            FlatParameters flat = model.flatten();
            Autograd.backward(model.first.value(), file.tensor("in.g0", device));
            Autograd.backward(model.second.value(), file.tensor("in.g1", device));
            Tensor norm = flat.clipGradNorm(file.number("max_norm"));
            Budget budget = Budget.ulp(4, "the contract of clip_grad_norm.h");
            Measure worst = file.compare("out.norm", norm, budget);
            worst = Measure.worse(worst, file.compare("out.g0", gradient(model.first), budget));
            return Measure.worse(worst, file.compare("out.g1", gradient(model.second), budget));
        }
    }

    private static Tensor gradient(Parameter parameter) {
        Tensor gradient = parameter.gradient();
        if (gradient == null) {
            throw new Mismatch("no gradient");
        }
        return gradient;
    }
}
