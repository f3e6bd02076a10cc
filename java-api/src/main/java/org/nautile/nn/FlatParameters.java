package org.nautile.nn;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Phase;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ClipGradNormKernel;

/**
 * The parameters of a module in one block of memory, and their gradients in another at the same places: first those of two and
 * more axes, then the vectors (biases, the scales of norms), each kind in the order in which the module made them.
 */
public final class FlatParameters implements AutoCloseable {
    /** Each parameter starts at a multiple of 64 bytes; the numbers between them are 0 and stay 0. */
    private static final long ALIGNMENT = 16;

    private final List<Parameter> parameters;
    private final List<Tensor> views;
    private final Tensor values;
    private final Tensor gradients;
    private final List<Tensor> owned = new ArrayList<>(); // closed with the blocks

    FlatParameters(List<Parameter> list) {
        if (list.isEmpty()) {
            throw new ShapeException("flatten: there are no parameters");
        }
        parameters = ordered(list);
        Device device = parameters.get(0).value().device();
        DType dtype = parameters.get(0).value().dtype();
        long size = 0;
        for (Parameter parameter : parameters) {
            Tensor value = parameter.value();
            if (value.device() != device || value.dtype() != dtype) {
                throw new ShapeException(
                        "flatten: parameters " + parameters.get(0).value() + " and " + value);
            }
            size += aligned(value.size());
        }
        values = Scope.disown(Tensor.full(device, dtype, Shape.of(size), 0));
        gradients = Scope.disown(Tensor.full(device, dtype, Shape.of(size), 0));
        long offset = 0;
        for (Parameter parameter : parameters) {
            Shape shape = parameter.value().shape();
            Tensor value = view(values, shape, offset).copyFrom(parameter.value());
            Tensor gradient = view(gradients, shape, offset);
            owned.add(gradient);
            Tensor known = parameter.gradient();
            parameter.moveTo(value, gradient);
            if (known != null) {
                Autograd.backward(value, known); // of a leaf: makes it the gradient
                known.close();
            }
            offset += aligned(shape.size());
        }
        views = parameters.stream().map(Parameter::value).toList();
    }

    private static List<Parameter> ordered(List<Parameter> list) {
        return list.stream()
                .sorted(Comparator.comparing(
                        parameter -> parameter.value().shape().rank() < 2))
                .toList();
    }

    private static long aligned(long size) {
        return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static Tensor view(Tensor flat, Shape shape, long offset) {
        long[] strides = new long[shape.rank()];
        long step = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            strides[i] = step;
            step *= shape.dim(i);
        }
        return Scope.disown(flat.view(shape, offset, strides));
    }

    /** Whether these parameters are still the ones in the blocks. */
    boolean holds(List<Parameter> list) {
        return parameters.equals(ordered(list))
                && views.equals(parameters.stream().map(Parameter::value).toList());
    }

    /**
     * The parameters in the order of the blocks.
     *
     * @return the parameters
     */
    public List<Parameter> parameters() {
        return parameters;
    }

    /**
     * All values.
     *
     * @return one axis
     */
    public Tensor values() {
        return values;
    }

    /**
     * All gradients, at the places of the values. A gradient that is null by {@link Parameter#gradient} has unspecified
     * content.
     *
     * @return one axis
     */
    public Tensor gradients() {
        return gradients;
    }

    /**
     * Where a parameter starts in the blocks.
     *
     * @param index its place in {@link #parameters}
     * @return elements
     */
    public long offset(int index) {
        return parameters.get(index).value().offset();
    }

    /**
     * Whether a backward pass has reached every parameter since the gradients were cleared.
     *
     * @return true if so
     */
    public boolean complete() {
        return parameters.stream().allMatch(parameter -> Autograd.gradient(parameter.value()) != null);
    }

    /**
     * Scales all gradients down where their norm, that of all together, is larger than a bound: {@code g *= min(1, maxNorm /
     * (norm + 1e-6))}, as {@code torch.nn.utils.clip_grad_norm_}. Between the backward pass and the optimizer's step; may be
     * recorded.
     *
     * @param maxNorm the bound, {@code >= 0}
     * @return the norm before, a tensor without axes
     */
    public Tensor clipGradNorm(double maxNorm) {
        if (!(maxNorm >= 0)) {
            throw new IllegalArgumentException("clipGradNorm: " + maxNorm + " is not >= 0");
        }
        try (Phase.Span phase = Phase.OPTIMIZER.begin()) {
            for (int i = 0; i < parameters.size(); i++) {
                if (parameters.get(i).gradient() == null) { // what is there does not count
                    gradients
                            .view(Shape.of(parameters.get(i).value().size()), offset(i), 1)
                            .fill(0);
                }
            }
            Tensor norm = Tensor.empty(gradients.device(), gradients.dtype(), Shape.of());
            ClipGradNormKernel.TYPE.on(gradients).step(gradients, norm, maxNorm);
            return norm;
        }
    }

    /**
     * Takes over what is as large as the blocks and of no use without them, such as an optimizer's state.
     *
     * @param tensor is closed with the blocks
     * @return the tensor
     */
    public Tensor own(Tensor tensor) {
        owned.add(Scope.disown(tensor));
        return tensor;
    }

    /** Lets go of both blocks and of what was taken over; parameters that are in the first keep it alive. */
    @Override
    public void close() {
        values.close();
        gradients.close();
        owned.forEach(Tensor::close);
    }
}
