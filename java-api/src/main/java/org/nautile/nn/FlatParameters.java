package org.nautile.nn;

import java.util.List;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;

/** The parameters of a module in one block of memory, and their gradients in another at the same places. */
public final class FlatParameters implements AutoCloseable {
    /** Each parameter starts at a multiple of 64 bytes; the numbers between them are 0 and stay 0. */
    private static final long ALIGNMENT = 16;

    private final List<Parameter> parameters;
    private final List<Tensor> views;
    private final Tensor values;
    private final Tensor gradients;

    FlatParameters(List<Parameter> parameters) {
        if (parameters.isEmpty()) {
            throw new ShapeException("flatten: there are no parameters");
        }
        this.parameters = List.copyOf(parameters);
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
            parameter.moveTo(value, view(gradients, shape, offset));
            offset += aligned(shape.size());
        }
        views = parameters.stream().map(Parameter::value).toList();
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
        return parameters.equals(list)
                && views.equals(list.stream().map(Parameter::value).toList());
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

    /** Lets go of both blocks; parameters that are in them keep them alive. */
    @Override
    public void close() {
        values.close();
        gradients.close();
    }
}
