package org.nautile.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;

/** One use of an op: its inputs, its output, and what the forward pass keeps for the backward pass. */
public final class Call {
    private static final Tensor[] NOTHING = {};

    private final Op op;
    private final @Nullable Tensor given;
    private final boolean recording;
    private final Tensor[] inputs;
    private Tensor[] saved = NOTHING;
    private @Nullable Tensor output;

    /**
     * A use of an op, before it is computed.
     *
     * @param op the op
     * @param given where the result goes; null to allocate it
     * @param recording whether a backward pass may follow
     * @param inputs the inputs
     */
    public Call(Op op, @Nullable Tensor given, boolean recording, Tensor... inputs) {
        this.op = op;
        this.given = given;
        this.recording = recording;
        this.inputs = inputs;
        if (inputs.length == 0 || (inputs.length > op.inputs().size() && !op.variadic())) {
            throw error("the inputs are " + String.join(", ", op.inputs()));
        }
        for (int i = 0; i < inputs.length; i++) {
            Tensor input = inputs[i];
            if (input == null) {
                throw error(inputName(i) + " must be there");
            }
            if (input.isClosed()) {
                throw new IllegalStateException(message(inputName(i) + " is closed"));
            }
            if (input.device() != inputs[0].device()) {
                throw error("all inputs must be on one device");
            }
        }
    }

    private String inputName(int index) {
        List<String> names = op.inputs();
        int last = names.size() - 1;
        return index <= last ? names.get(index) : names.get(last) + (index - last + 1);
    }

    /**
     * Computes the output. What the op makes beside it, and does not save, is freed at the end.
     *
     * @return what {@link Op#forward} returns, owned by the innermost open scope
     * @throws ShapeException if shapes, types or devices do not fit; it names the op and all inputs, whoever noticed
     */
    public Tensor forward() {
        try (Scope temporaries = new Scope()) {
            Tensor result = temporaries.keep(op.forward(this));
            if (recording) {
                for (Tensor tensor : saved) {
                    temporaries.keep(tensor);
                }
            }
            return result;
        } catch (ShapeException e) {
            String message = String.valueOf(e.getMessage());
            if (message.startsWith(op.name() + ": ")) {
                throw e;
            }
            ShapeException named = error(message);
            named.initCause(e);
            throw named;
        }
    }

    /**
     * The op.
     *
     * @return the op
     */
    public Op op() {
        return op;
    }

    /**
     * The number of inputs.
     *
     * @return {@code >= 1}
     */
    public int count() {
        return inputs.length;
    }

    /**
     * An input.
     *
     * @param index its place in {@link Op#inputs}
     * @return the input
     * @throws ShapeException if the caller gave fewer
     */
    public Tensor input(int index) {
        if (index >= inputs.length) {
            throw error(inputName(index) + " is missing");
        }
        return inputs[index];
    }

    /** An optional input, contiguous; null if the caller did not give it. */
    @Nullable
    Tensor optional(int index) {
        return index < inputs.length ? inputs[index].contiguous() : null;
    }

    /**
     * Whether a backward pass may follow, so that something may have to be saved.
     *
     * @return true if so
     */
    public boolean recording() {
        return recording;
    }

    /**
     * The tensor that the op writes: the one given by the caller, or a new one on the first input's device.
     *
     * @param dtype the result's type
     * @param shape the result's shape
     * @return a contiguous tensor with unspecified content
     * @throws ShapeException if the given tensor does not fit
     */
    public Tensor result(DType dtype, Shape shape) {
        return given == null
                ? Tensor.empty(inputs[0].device(), dtype, shape)
                : fitting(given, dtype, shape, given.isContiguous() ? "" : ", not contiguous");
    }

    /**
     * The tensor that an op by element writes: the one given by the caller, or a new one laid out as an input.
     *
     * @param like the input
     * @return a dense tensor of the input's shape, type and device with unspecified content
     * @throws ShapeException if the given tensor does not fit
     */
    public Tensor resultLike(Tensor like) {
        return given == null ? like.emptyLike() : dense(given, like.dtype(), like.shape());
    }

    /**
     * The tensor that an op on pictures writes: the one given by the caller, or a new one that is channels-last.
     *
     * @param dtype the result's type
     * @param shape the result's shape, [N, C, H, W]
     * @return a dense tensor with unspecified content
     * @throws ShapeException if the given tensor does not fit
     */
    public Tensor resultOfPictures(DType dtype, Shape shape) {
        return given == null ? Tensor.emptyChannelsLast(inputs[0].device(), dtype, shape) : dense(given, dtype, shape);
    }

    private Tensor dense(Tensor output, DType dtype, Shape shape) {
        return fitting(output, dtype, shape, output.isDense() ? "" : ", not dense");
    }

    /** The given output, whose layout is wrong for the reason given, if there is one. */
    private Tensor fitting(Tensor output, DType dtype, Shape shape, String why) {
        if (!output.shape().equals(shape)
                || output.dtype() != dtype
                || output.device() != inputs[0].device()
                || !why.isEmpty()) {
            throw error("the result is " + shape + " " + dtype + ", the given output is " + output + why);
        }
        return apart(output);
    }

    /** The given output, which shares no memory with an input unless it is one that may be written over. */
    private Tensor apart(Tensor output) {
        if (output.isClosed()) {
            throw new IllegalStateException(message("the given output " + output + " is closed"));
        }
        for (int i = 0; i < inputs.length; i++) {
            if (output.overlaps(inputs[i]) && !(op.overwrites(i) && output.isSameViewAs(inputs[i]))) {
                throw error("the given output " + output + " overlaps " + inputName(i));
            }
        }
        return output;
    }

    /**
     * Keeps tensors for the backward pass, beyond the inputs and the output.
     *
     * @param tensors what {@link #saved} will return
     */
    public void save(Tensor... tensors) {
        saved = tensors;
    }

    /**
     * A tensor kept by {@link #save}.
     *
     * @param index its place
     * @return the tensor
     */
    public Tensor saved(int index) {
        return saved[index];
    }

    /**
     * The output; set when the forward pass is done.
     *
     * @return the output
     */
    public Tensor output() {
        if (output == null) {
            throw new IllegalStateException(op.name() + ": backward before forward");
        }
        return output;
    }

    /**
     * Sets the output.
     *
     * @param tensor what {@link Op#forward} returned
     */
    public void setOutput(Tensor tensor) {
        output = tensor;
    }

    /**
     * Checks that all inputs have one type and that it is floating.
     *
     * @return the type
     * @throws ShapeException if not
     */
    public DType floating() {
        DType dtype = inputs[0].dtype();
        for (Tensor input : inputs) {
            if (input.dtype() != dtype || !dtype.isFloating()) {
                throw error("float32 or float64 is needed, the same for all inputs");
            }
        }
        return dtype;
    }

    /**
     * An error that names the op, every input with its shape, type and device, and what is wrong.
     *
     * @param problem what was expected, for example {@code "weight must have 13 columns"}
     * @return the exception, to be thrown
     */
    public ShapeException error(String problem) {
        return new ShapeException(message(problem));
    }

    private String message(String problem) {
        StringBuilder text = new StringBuilder(op.name()).append(": ");
        for (int i = 0; i < inputs.length; i++) {
            text.append(i == 0 ? "" : ", ").append(inputName(i)).append(" is ").append(inputs[i]);
        }
        return text.append(inputs.length == 0 ? "" : "; ").append(problem).toString();
    }
}
