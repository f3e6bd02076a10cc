package org.nautile.optim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nautile.Tensor;
import org.nautile.nn.FlatParameters;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;

/** Changes a model's parameters by their gradients. State and parameters are updated in one pass over flat memory. */
public abstract class Optimizer {
    private final Module model;
    private final List<Tensor> state = new ArrayList<>();
    private FlatParameters flat;
    private long[] steps;
    private double learningRate;

    /**
     * For subclasses.
     *
     * @param model the model; its parameters move into flat memory
     * @param learningRate {@code >= 0}
     */
    protected Optimizer(Module model, double learningRate) {
        this.model = model;
        this.flat = model.flatten();
        this.steps = new long[flat.parameters().size()];
        this.learningRate = checked(learningRate);
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
     * Changes the learning rate.
     *
     * @param rate {@code >= 0}
     */
    public final void setLearningRate(double rate) {
        learningRate = checked(rate);
    }

    private static double checked(double rate) {
        if (!(rate >= 0)) {
            throw new IllegalArgumentException("learning rate " + rate + " is not >= 0");
        }
        return rate;
    }

    /** Forgets all gradients; to be called before each backward pass that shall not add to the last one. */
    public final void clearGradients() {
        flat.parameters().forEach(Parameter::clearGradient);
    }

    /** Changes every parameter that has a gradient. */
    public final void step() {
        FlatParameters now = model.flatten();
        if (now != flat) {
            restart(now);
        }
        int count = steps.length;
        if (flat.complete() && Arrays.stream(steps).allMatch(step -> step == steps[0])) {
            update(flat.values(), flat.gradients(), 0, steps[0] + 1);
            Arrays.setAll(steps, i -> steps[i] + 1);
            return;
        }
        for (int i = 0; i < count; i++) { // as PyTorch: a parameter without gradient takes no step
            Parameter parameter = flat.parameters().get(i);
            Tensor gradient = parameter.gradient();
            if (gradient != null) {
                update(parameter.value(), gradient, flat.offset(i), ++steps[i]);
            }
        }
    }

    private void restart(FlatParameters parameters) {
        flat = parameters;
        steps = new long[parameters.parameters().size()];
        state.clear(); // closed with the old blocks
    }

    /**
     * State of the optimizer as large as the flat parameters, at first 0.
     *
     * @param slot which: 0, 1, ...
     * @param offset where the parameters to be updated start, elements
     * @param like their values
     * @return a view of the slot for these parameters, owned by the innermost open scope
     */
    protected final Tensor state(int slot, long offset, Tensor like) {
        while (state.size() <= slot) {
            Tensor values = flat.values();
            state.add(flat.own(Tensor.full(values.device(), values.dtype(), values.shape(), 0)));
        }
        return state.get(slot).view(like.shape(), offset, like.strides());
    }

    /**
     * Changes some parameters.
     *
     * @param values contiguous; overwritten
     * @param gradients as values
     * @param offset where they start in the flat memory, elements
     * @param step which step of these parameters this is, from 1
     */
    protected abstract void update(Tensor values, Tensor gradients, long offset, long step);
}
