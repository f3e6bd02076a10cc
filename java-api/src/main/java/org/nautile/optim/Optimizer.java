package org.nautile.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;
import org.nautile.DType;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.backend.ScaleKernel;
import org.nautile.nn.FlatParameters;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;

/**
 * Changes a model's parameters by their gradients. State and parameters are updated in one pass over flat memory.
 *
 * <p>Learning rate and step count are in the device's memory, so that a step that a {@link Plan} runs again counts on, and
 * learns at the rate that was set last.
 */
public abstract class Optimizer {
    private final Module model;
    private final boolean counted;
    private final List<Tensor> state = new ArrayList<>();
    private FlatParameters flat;
    private Tensor rate;
    private Tensor counts; // the steps that each parameter took
    private boolean together = true; // whether these are equal
    private boolean started;
    private double learningRate;
    private final double weightDecay;
    private double l1;
    private boolean matricesOnly;

    /**
     * For subclasses.
     *
     * @param model the model; its parameters move into flat memory
     * @param learningRate {@code >= 0}
     * @param weightDecay the factor of the L2 penalty, {@code >= 0}
     * @param counted whether a step needs to know which one it is
     */
    protected Optimizer(Module model, double learningRate, double weightDecay, boolean counted) {
        this.model = model;
        this.learningRate = notNegative("learning rate", learningRate);
        this.weightDecay = notNegative("weight decay", weightDecay);
        this.counted = counted;
        this.flat = model.flatten();
        this.rate = number(1, learningRate);
        this.counts = number(flat.parameters().size(), 0);
    }

    /** What lives as long as the flat memory. */
    private Tensor number(long size, double value) {
        Tensor values = flat.values();
        return flat.own(Tensor.full(values.device(), values.dtype(), Shape.of(size), value));
    }

    /**
     * The learning rate of the next step.
     *
     * @return {@code >= 0}
     */
    public final double learningRate() {
        return learningRate;
    }

    /**
     * Changes the learning rate, also that of a recorded step.
     *
     * @param rate {@code >= 0}
     */
    public final void setLearningRate(double rate) {
        if (notNegative("learning rate", rate) != learningRate) {
            learningRate = rate;
            this.rate.set(this.rate.dtype() == DType.FLOAT64 ? new double[] {rate} : new float[] {(float) rate});
        }
    }

    /**
     * Sets an L1 penalty, which the gradient of every step gets: {@code factor * sign(p)}. Before the first step.
     *
     * @param factor {@code >= 0}; at first 0
     */
    public final void setL1(double factor) {
        requireNew("setL1");
        l1 = notNegative("L1 factor", factor);
    }

    /**
     * Sets which parameters weight decay and the L1 penalty are for: all, or only those of two and more axes, without biases and
     * the scales of norms. Before the first step.
     *
     * @param on true for only those; at first false
     */
    public final void setPenaltiesOnMatricesOnly(boolean on) {
        requireNew("setPenaltiesOnMatricesOnly");
        matricesOnly = on;
    }

    /** A recorded step would keep what was set before. */
    private void requireNew(String method) {
        if (started) {
            throw new IllegalStateException(method + ": the first step has been taken");
        }
    }

    /**
     * Checks a setting.
     *
     * @param name its name
     * @param value {@code >= 0}
     * @return the value
     * @throws IllegalArgumentException if it is not
     */
    protected final double notNegative(String name, double value) {
        if (!(value >= 0)) {
            throw new IllegalArgumentException(getClass().getSimpleName() + ": " + name + " " + value + " is not >= 0");
        }
        return value;
    }

    /**
     * Checks how much of itself an average keeps in a step.
     *
     * @param name its name
     * @param value {@code >= 0} and {@code < 1}
     * @return the value
     * @throws IllegalArgumentException if it is not
     */
    protected final double share(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(
                    getClass().getSimpleName() + ": " + name + " " + value + " is not from 0 to 1, 1 not included");
        }
        return value;
    }

    /** Forgets all gradients; to be called before each backward pass that shall not add to the last one. */
    public final void clearGradients() {
        flat.parameters().forEach(Parameter::clearGradient);
    }

    /** The norm of all gradients together, as they are. */
    final double gradientNorm() {
        try (Scope scope = new Scope()) {
            return flat.clipGradNorm(Double.POSITIVE_INFINITY).item();
        }
    }

    /** Changes every parameter that has a gradient. */
    public final void step() {
        started = true;
        FlatParameters now = model.flatten();
        if (now != flat) {
            requireNotRecording();
            restart(now);
        }
        List<Parameter> parameters = flat.parameters();
        if (parameters.stream().allMatch(parameter -> parameter.gradient() == null)) {
            return;
        }
        together = together && flat.complete();
        int to;
        for (int from = 0; from < parameters.size(); from = to) {
            to = together ? sameKind(from) : from + 1;
            if (together || parameters.get(from).gradient() != null) { // as PyTorch: otherwise it takes no step
                update(from, to);
            }
        }
    }

    /** The end of a run of parameters that differ in nothing. */
    private int sameKind(int from) {
        List<Parameter> parameters = flat.parameters();
        int to = from + 1;
        while (to < parameters.size() && penalized(parameters.get(to)) == penalized(parameters.get(from))) {
            to++;
        }
        return to;
    }

    private boolean penalized(Parameter parameter) {
        return !matricesOnly || parameter.value().shape().rank() >= 2;
    }

    private void update(int from, int to) {
        Tensor values = flat.values();
        long offset = flat.offset(from);
        long size = (to == flat.parameters().size() ? values.size() : flat.offset(to)) - offset;
        Shape shape = Shape.of(size);
        boolean penalized = penalized(flat.parameters().get(from));
        try (Scope scope = new Scope()) {
            if (counted) {
                Tensor count = counts.view(Shape.of(to - from), from, 1);
                ScaleKernel.TYPE.on(values).forward(count, count, 1, 1);
            }
            update(new Part(
                    values.view(shape, offset, 1),
                    flat.gradients().view(shape, offset, 1),
                    rate,
                    counts.view(Shape.of(1), from, 1),
                    penalized ? weightDecay : 0,
                    penalized ? l1 : 0));
        }
    }

    private void restart(FlatParameters parameters) {
        flat = parameters;
        rate = number(1, learningRate);
        counts = number(parameters.parameters().size(), 0);
        together = true;
        state.clear(); // closed with the old blocks
    }

    private static void requireNotRecording() {
        if (Plan.recording()) {
            throw new IllegalStateException(
                    "the first step of an optimizer makes its state and cannot be recorded; take one before");
        }
    }

    /**
     * What this optimizer remembers between steps: with it, the parameters and the learning rate, a later training goes on as this
     * one would.
     *
     * @return counts of steps, and averages by slot, which the first step makes; not copies
     */
    public final Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put("steps", counts);
        for (int slot = 0; slot < state.size(); slot++) {
            all.put("slot" + slot, state.get(slot));
        }
        return all;
    }

    /**
     * Goes on from where another optimizer of the same kind, for a model of the same parameters, was.
     *
     * @param saved its {@link #state}, on any device
     * @throws ShapeException if it is that of another kind or model
     */
    public final void loadState(Map<String, Tensor> saved) {
        if (!saved.containsKey("slot0")) { // from before the first step, which makes them
            state.forEach(Tensor::close);
            state.clear();
        }
        while (saved.containsKey("slot" + state.size())) {
            requireNotRecording();
            state.add(number(flat.values().size(), 0));
        }
        Map<String, Tensor> mine = state();
        mine.forEach((name, value) -> {
            Tensor found = saved.get(name);
            if (found == null || !found.shape().equals(value.shape()) || found.dtype() != value.dtype()) {
                throw new ShapeException("state of " + getClass().getSimpleName() + ": '" + name + "' is "
                        + (found == null ? "missing" : found.toString()) + ", expected " + value);
            }
        });
        try (Scope scope = new Scope()) {
            mine.forEach((name, value) ->
                    value.copyFrom(Objects.requireNonNull(saved.get(name)).to(value.device())));
        }
        double[] steps = counts.toDoubleArray();
        together = DoubleStream.of(steps).allMatch(count -> count == steps[0]);
    }

    /**
     * State of the optimizer as large as the flat parameters, for the part that is to be updated.
     *
     * @param slot which: 0, 1, ...
     * @param part the part
     * @param initial the state before the first step
     * @return a view, owned by the innermost open scope
     */
    protected final Tensor state(int slot, Part part, double initial) {
        while (state.size() <= slot) {
            requireNotRecording();
            state.add(number(flat.values().size(), initial));
        }
        return state.get(slot).view(part.values().shape(), part.values().offset(), 1);
    }

    /**
     * Parameters that are next to each other in the flat memory.
     *
     * @param values one axis; to be overwritten
     * @param gradients as values
     * @param rate the learning rate, one element
     * @param count which step this is, from 1, one element; unspecified if steps are not counted
     * @param weightDecay the factor of the L2 penalty
     * @param l1 the factor of the L1 penalty
     */
    protected record Part(Tensor values, Tensor gradients, Tensor rate, Tensor count, double weightDecay, double l1) {}

    /**
     * Changes some parameters.
     *
     * @param part the parameters
     */
    protected abstract void update(Part part);
}
