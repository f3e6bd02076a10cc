package org.nautile.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.ShapeException;
import org.nautile.Tensor;

/**
 * A part of a model: parameters, buffers (what training changes without a gradient), parts of its own, and a forward pass. A
 * subclass makes them in the constructor with {@link #parameter}, {@link #buffer} and {@link #child}, under the names that PyTorch's
 * {@code state_dict} gives them.
 *
 * <p>Parameters and buffers belong to the module, not to the scope in which it was made; {@link #close} frees them.
 */
public abstract class Module implements AutoCloseable {
    private final Map<String, Parameter> own = new LinkedHashMap<>();
    private final Map<String, Buffer> ownBuffers = new LinkedHashMap<>();
    private final List<Buffer> buffers = new ArrayList<>();
    private final Map<String, Module> children = new LinkedHashMap<>();
    private @Nullable FlatParameters flat;
    private boolean training = true;

    /** For subclasses. */
    protected Module() {}

    /**
     * The forward pass.
     *
     * @param x the input
     * @return the output
     */
    public abstract Tensor forward(Tensor x);

    /**
     * Adds a parameter; for constructors.
     *
     * @param name its name within this module, for example {@code "weight"}
     * @param initial its first value, which the module takes over
     * @return the parameter
     */
    protected final Parameter parameter(String name, Tensor initial) {
        requireNew(name);
        Parameter parameter = new Parameter(Scope.disown(initial));
        own.put(name, parameter);
        return parameter;
    }

    /**
     * Adds a tensor that the forward pass changes in place; for constructors. It is no part of {@link #state}.
     *
     * @param initial its first value, which the module takes over
     * @return the buffer
     */
    protected final Buffer buffer(Tensor initial) {
        Buffer buffer = new Buffer(Scope.disown(initial));
        buffers.add(buffer);
        return buffer;
    }

    /**
     * Adds a tensor that the forward pass changes in place and that is part of {@link #state}; for constructors.
     *
     * @param name its name within this module, for example {@code "running_mean"}
     * @param initial its first value, which the module takes over
     * @return the buffer
     */
    protected final Buffer buffer(String name, Tensor initial) {
        requireNew(name);
        Buffer buffer = buffer(initial);
        ownBuffers.put(name, buffer);
        return buffer;
    }

    /**
     * Adds a part; for constructors.
     *
     * @param name its name within this module
     * @param module the part
     * @param <M> its class
     * @return the part
     */
    protected final <M extends Module> M child(String name, M module) {
        requireNew(name);
        children.put(name, module);
        return module;
    }

    private void requireNew(String name) {
        if (own.containsKey(name) || ownBuffers.containsKey(name) || children.containsKey(name)) {
            throw new IllegalArgumentException("there is a '" + name + "' already");
        }
    }

    /**
     * The parameters of this module and its parts by their full names, in the order in which they were made.
     *
     * @return for example {@code {0.weight=..., 0.bias=..., 2.weight=...}}
     */
    public final Map<String, Parameter> parameters() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        collect("", all);
        return Collections.unmodifiableMap(all);
    }

    private void collect(String prefix, Map<String, Parameter> into) {
        own.forEach((name, parameter) -> into.put(prefix + name, parameter));
        children.forEach((name, child) -> child.collect(prefix + name + '.', into));
    }

    /** Parameters and named buffers as PyTorch orders them: of each module first its parameters, then its buffers. */
    private void collectState(String prefix, Map<String, Tensor> into) {
        own.forEach((name, parameter) -> into.put(prefix + name, parameter.value()));
        ownBuffers.forEach((name, buffer) -> into.put(prefix + name, buffer.value()));
        children.forEach((name, child) -> child.collectState(prefix + name + '.', into));
    }

    /**
     * The number of trainable numbers.
     *
     * @return the sum of the parameters' sizes
     */
    public final long parameterCount() {
        return parameters().values().stream().mapToLong(p -> p.value().size()).sum();
    }

    /**
     * Whether layers behave as in training (dropout drops, batch norm measures) or as in use.
     *
     * @return true at first
     */
    public final boolean training() {
        return training;
    }

    /**
     * Chooses between training and use for this module and its parts.
     *
     * @param on true for training
     */
    public final void train(boolean on) {
        training = on;
        children.values().forEach(child -> child.train(on));
    }

    /**
     * What forward passes change, of this module and its parts, whether it is part of {@link #state} or not: running statistics
     * and, for example, how far the random numbers of {@link Dropout} are.
     *
     * @return the tensors, in the order in which they were made
     */
    public final List<Tensor> buffers() {
        List<Tensor> all = new ArrayList<>();
        forEachBuffer(buffer -> all.add(buffer.value()));
        return all;
    }

    private void forEachBuffer(Consumer<Buffer> action) {
        buffers.forEach(action);
        children.values().forEach(child -> child.forEachBuffer(action));
    }

    /**
     * Moves the parameters and buffers to a device. Gradients are forgotten.
     *
     * @param device the device
     */
    public final void to(Device device) {
        for (Parameter parameter : parameters().values()) {
            Tensor value = parameter.value();
            if (value.device() != device) {
                parameter.moveTo(Scope.disown(value.to(device)));
            }
        }
        forEachBuffer(buffer -> buffer.moveTo(device));
    }

    /**
     * Puts all parameters one after the other into one block of memory, and their gradients into another, so that an
     * optimizer updates them in one pass. Gradients that are known stay known. Does nothing when all are there already.
     *
     * @return both blocks
     * @throws ShapeException if the parameters are not on one device, or not all of one type
     */
    public final FlatParameters flatten() {
        List<Parameter> list = new ArrayList<>(parameters().values());
        if (flat == null || !flat.holds(list)) {
            FlatParameters old = flat;
            flat = new FlatParameters(list);
            if (old != null) {
                old.close();
            }
        }
        return flat;
    }

    /**
     * Copies of all parameters and named buffers by name: PyTorch's {@code state_dict}.
     *
     * @return tensors owned by the innermost open scope
     */
    public final Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        collectState("", state);
        state.replaceAll((name, value) -> value.copy());
        return state;
    }

    /**
     * Overwrites all parameters and named buffers.
     *
     * @param state one tensor for each parameter and buffer, of its shape and type, on any device
     * @throws ShapeException if a name is missing or unknown, or a shape or type differs; nothing is changed then
     */
    public final void loadState(Map<String, Tensor> state) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        collectState("", values);
        for (String name : state.keySet()) {
            if (!values.containsKey(name)) {
                throw new ShapeException("state: '" + name + "' is not a parameter or buffer; there are "
                        + String.join(", ", values.keySet()));
            }
        }
        values.forEach((name, expected) -> {
            Tensor found = state.get(name);
            if (found == null) {
                throw new ShapeException("state: '" + name + "' is missing");
            }
            if (!found.shape().equals(expected.shape()) || found.dtype() != expected.dtype()) {
                throw new ShapeException("state: '" + name + "' is " + found + ", the module's is " + expected);
            }
        });
        try (Scope scope = new Scope()) {
            values.forEach((name, value) ->
                    value.copyFrom(Objects.requireNonNull(state.get(name)).to(value.device())));
        }
    }

    /** Frees the parameters and buffers. */
    @Override
    public final void close() {
        parameters().values().forEach(Parameter::close);
        forEachBuffer(Buffer::close);
        closeFlat();
    }

    /** A part may have flat memory of its own, if it was trained without the rest. */
    private void closeFlat() {
        if (flat != null) {
            flat.close();
        }
        children.values().forEach(Module::closeFlat);
    }

    /** The layers, one a line, indented by depth. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(describe());
        children.forEach((name, child) -> text.append("\n  (")
                .append(name)
                .append(") ")
                .append(child.toString().replace("\n", "\n  ")));
        return text.toString();
    }

    /**
     * This module without its parts.
     *
     * @return for example {@code "Linear(784 -> 64)"}
     */
    protected String describe() {
        return getClass().getSimpleName();
    }
}
