package org.nautile;

import java.lang.ref.Reference;
import java.lang.reflect.Array;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nautile.backend.CopyKernel;
import org.nautile.backend.FillKernel;

/**
 * An n-dimensional array on a device: a {@link Storage}, an offset, a {@link Shape} and strides. Views share the storage.
 *
 * <p>Pictures have the shape [N, C, H, W]. They may lie in memory as such or <em>channels-last</em>, the channels of a pixel
 * beside each other, which is what kernels for pictures read and write fastest: their results are channels-last, ops by element
 * keep their input's layout, and {@code toArray} gives [N, C, H, W] either way.
 *
 * <p>A new tensor belongs to the innermost open {@link Scope} of its thread and is closed with it; without a scope, it is
 * freed by {@link #close} or at last by the garbage collector. Using a closed tensor throws
 * {@link IllegalStateException}. Reading from several threads is safe; writing is the caller's to order.
 *
 * <p>Only {@link #of}, {@link #to} and the {@code to...Array} methods move data between host and device. Arithmetic is in
 * {@code org.nautile.op}, and with gradients in {@code org.nautile.autograd}.
 */
public final class Tensor implements AutoCloseable {
    /** What every JVM can allocate. */
    private static final long MOST_IN_ARRAY = Integer.MAX_VALUE - 8L;

    private final Device device;
    private final Storage storage;
    private final long offset;
    private final Shape shape;
    private final long[] strides;
    private final boolean contiguous;
    private final boolean channelsLast;
    private volatile boolean closed;
    private Scope.@Nullable Members owner;
    private Scope.@Nullable Unowned unowned;
    private @Nullable TapeNode tapeNode;

    private Tensor(Device device, Storage storage, long offset, Shape shape, long[] strides) {
        this.device = device;
        this.storage = storage;
        this.offset = offset;
        this.shape = shape;
        this.strides = strides;
        this.contiguous = strides == shape.contiguousStrides() || Strides.contiguous(shape, strides);
        this.channelsLast = shape.rank() == 4 && Strides.channelsLast(shape, strides);
        storage.retain();
        Scope.adopt(this);
    }

    // ---------------------------------------------------------------------------------------------- making

    /**
     * A tensor with unspecified content.
     *
     * @param device where it lives
     * @param dtype the type of its elements
     * @param shape its shape
     * @return a contiguous tensor
     * @throws ShapeException if the device has no such type
     * @throws OutOfMemoryError if there is not enough memory
     */
    public static Tensor empty(Device device, DType dtype, Shape shape) {
        if (!device.backend().supports(dtype)) {
            throw new ShapeException("no tensors of type " + dtype + " on device " + device);
        }
        Storage storage = device.backend().allocate(dtype, shape.size());
        return new Tensor(device, storage, 0, shape, shape.contiguousStrides());
    }

    /**
     * A tensor of pictures with unspecified content, the channels of each pixel beside each other.
     *
     * @param device where it lives
     * @param dtype the type of its elements
     * @param shape [N, C, H, W]
     * @return a channels-last tensor
     * @throws ShapeException if the shape has not four axes, or the device no such type
     * @throws OutOfMemoryError if there is not enough memory
     */
    public static Tensor emptyChannelsLast(Device device, DType dtype, Shape shape) {
        if (shape.rank() != 4) {
            throw new ShapeException("channels-last: " + shape + " has not the four axes [N, C, H, W]");
        }
        try (Tensor memory = empty(device, dtype, shape)) {
            return new Tensor(device, memory.storage, 0, shape, Strides.ofChannelsLast(shape));
        }
    }

    /**
     * A tensor of the same shape, type and device with unspecified content.
     *
     * @return laid out as this one if this one is dense, or else contiguous
     */
    public Tensor emptyLike() {
        return contiguous || !channelsLast ? empty(device, dtype(), shape) : emptyChannelsLast(device, dtype(), shape);
    }

    /**
     * A tensor whose elements all have one value.
     *
     * @param device where it lives
     * @param dtype the type of its elements
     * @param shape its shape
     * @param value the value
     * @return a contiguous tensor
     */
    public static Tensor full(Device device, DType dtype, Shape shape, double value) {
        return empty(device, dtype, shape).fill(value);
    }

    /**
     * Zeros of type float32 on the default device.
     *
     * @param dims the shape
     * @return a contiguous tensor
     */
    public static Tensor zeros(long... dims) {
        return full(Device.defaultDevice(), DType.FLOAT32, Shape.of(dims), 0);
    }

    /**
     * Ones of type float32 on the default device.
     *
     * @param dims the shape
     * @return a contiguous tensor
     */
    public static Tensor ones(long... dims) {
        return full(Device.defaultDevice(), DType.FLOAT32, Shape.of(dims), 1);
    }

    /**
     * A float32 tensor on the default device with the given elements.
     *
     * @param values the elements, row by row
     * @param dims the shape; none: one axis with all of them
     * @return a contiguous tensor
     * @throws ShapeException if the shape has another number of elements
     */
    public static Tensor of(float[] values, long... dims) {
        Shape shape = dims.length == 0 ? Shape.of(values.length) : Shape.of(dims);
        return of(Device.defaultDevice(), values, shape);
    }

    /**
     * A tensor with the elements of a Java array: float32 from {@code float[]}, float64 from {@code double[]}, int32 from
     * {@code int[]}, int64 from {@code long[]}, uint8 from {@code byte[]}.
     *
     * @param device where it lives
     * @param values the elements, row by row
     * @param shape its shape
     * @return a contiguous tensor
     * @throws ShapeException if the shape has another number of elements, or the device no such type
     */
    public static Tensor of(Device device, Object values, Shape shape) {
        DType dtype = DType.ofArray(values);
        int length = Array.getLength(values);
        if (length != shape.size()) { // before memory for the wrong shape is asked for
            throw new ShapeException("tensor: " + shape + " " + dtype + " on " + device + " from " + length
                    + " elements of " + values.getClass().getComponentType());
        }
        return empty(device, dtype, shape).set(values);
    }

    /**
     * A view of the same storage with another shape. The caller answers for it: elements outside the storage are
     * refused, wrong ones are not noticed.
     *
     * @param newShape the shape of the view
     * @param newOffset the place of its first element in the storage
     * @param newStrides its steps between neighbours on each axis, in elements
     * @return the view; gradients do not pass through it (for that, see the view ops in {@code org.nautile.op})
     * @throws ShapeException if the view would leave the storage
     */
    public Tensor view(Shape newShape, long newOffset, long... newStrides) {
        if (newStrides.length != newShape.rank()) {
            throw new ShapeException("view: shape " + newShape + " with " + newStrides.length + " strides");
        }
        long elements = storage().size();
        long low = Strides.low(newShape, newOffset, newStrides);
        long high = Strides.high(newShape, newOffset, newStrides);
        if (low < 0 || (newShape.size() > 0 && high >= elements)) {
            throw new ShapeException("view: elements " + low + " to " + high + " of a storage of " + elements);
        }
        return new Tensor(device, storage, newOffset, newShape, newStrides.clone());
    }

    /**
     * A contiguous view with another shape, or a contiguous copy where strides do not allow a view.
     *
     * @param newShape a shape with as many elements
     * @return a view or a copy
     * @throws ShapeException if the number of elements differs
     */
    public Tensor reshape(Shape newShape) {
        if (newShape.size() != shape.size()) {
            throw new ShapeException(
                    "reshape: " + this + " has " + shape.size() + " elements, " + newShape + " has " + newShape.size());
        }
        Tensor source = contiguous();
        return new Tensor(device, source.storage(), source.offset, newShape, newShape.contiguousStrides());
    }

    /**
     * Another handle of the same elements, with its own lifetime and without gradient.
     *
     * @return a view of everything
     */
    public Tensor detach() {
        return new Tensor(device, storage(), offset, shape, strides);
    }

    // ---------------------------------------------------------------------------------------------- moving data

    /**
     * Overwrites the elements with those of a Java array of this tensor's type.
     *
     * @param values as many elements as this tensor has, row by row
     * @return this
     * @throws ShapeException if the number or the type differs, or this tensor is not contiguous
     */
    public Tensor set(Object values) {
        int length = Array.getLength(values);
        if (DType.ofArray(values) != dtype() || length != shape.size()) {
            throw new ShapeException("set: " + this + " from " + length + " elements of "
                    + values.getClass().getComponentType());
        }
        if (!contiguous) {
            throw new ShapeException("set: " + this + " is not contiguous, strides " + Arrays.toString(strides));
        }
        try (Phase.Span copy = Phase.COPY.begin()) {
            device.backend().write(values, 0, storage(), offset, length);
        }
        return this;
    }

    /**
     * Sets every element.
     *
     * @param value the value
     * @return this
     * @throws ShapeException if this tensor is not dense
     */
    public Tensor fill(double value) {
        if (!isDense()) {
            throw new ShapeException("fill: " + this + " is not dense, strides " + Arrays.toString(strides));
        }
        FillKernel.TYPE.on(this).forward(this, value);
        return this;
    }

    /**
     * Overwrites the elements with those of another tensor on the same device.
     *
     * @param source a tensor of the same shape and type
     * @return this
     * @throws ShapeException if shape, type or device differ
     */
    public Tensor copyFrom(Tensor source) {
        if (!source.shape.equals(shape) || source.dtype() != dtype() || source.device != device) {
            throw new ShapeException("copyFrom: " + source + " into " + this);
        }
        CopyKernel.TYPE.on(this).forward(source, this, false);
        return this;
    }

    /**
     * The same elements, one after the other in memory.
     *
     * @return this tensor if it is contiguous, or else a copy
     */
    public Tensor contiguous() {
        return contiguous ? this : copy();
    }

    /**
     * A contiguous copy.
     *
     * @return a new tensor with its own storage
     */
    public Tensor copy() {
        return empty(device, dtype(), shape).copyFrom(this);
    }

    /**
     * The same pictures, the channels of each pixel beside each other.
     *
     * @return this tensor if it is channels-last, or else a copy
     * @throws ShapeException if the shape has not four axes
     */
    public Tensor channelsLast() {
        return channelsLast ? this : emptyChannelsLast(device, dtype(), shape).copyFrom(this);
    }

    /**
     * The same elements, laid out as those of another tensor.
     *
     * @param other a tensor of the same shape
     * @return this tensor if it is dense and has the other's layout, or else a copy: channels-last if the other is that alone,
     *     contiguous in all other cases
     */
    public Tensor laidOutAs(Tensor other) {
        return other.contiguous || !other.channelsLast ? contiguous() : channelsLast();
    }

    /**
     * The same elements on another device.
     *
     * @param target the device
     * @return this tensor if it lives there, or else a contiguous copy
     */
    public Tensor to(Device target) {
        return target == device ? this : of(target, toArray(), shape);
    }

    /**
     * The elements as a Java array of this tensor's type, row by row.
     *
     * @return a new {@code float[]}, {@code double[]}, {@code int[]}, {@code long[]} or {@code byte[]}
     * @throws ShapeException if there are more than a Java array holds
     */
    public Object toArray() {
        if (shape.size() > MOST_IN_ARRAY) {
            throw new ShapeException("toArray: " + this + " has " + shape.size()
                    + " elements, a Java array holds at most " + MOST_IN_ARRAY);
        }
        int length = (int) shape.size();
        Object array = dtype().newArray(length);
        if (length == 0) {
            storage(); // an error if it is closed; where a view of nothing begins need not be in the storage
        } else if (contiguous) {
            try (Phase.Span copy = Phase.COPY.begin()) {
                device.backend().read(storage(), offset, array, 0, length);
            } finally {
                Reference.reachabilityFence(this); // the collector must not free the storage under the copy
            }
        } else {
            try (Tensor source = copy();
                    Phase.Span copy = Phase.COPY.begin()) {
                device.backend().read(source.storage(), source.offset, array, 0, length);
            }
        }
        return array;
    }

    /**
     * The elements of a float32 tensor, row by row.
     *
     * @return a new array
     * @throws ClassCastException if the type is another
     */
    public float[] toFloatArray() {
        return (float[]) toArray();
    }

    /**
     * The elements as double, whatever the type (uint8 as 0 to 255), row by row.
     *
     * @return a new array
     */
    public double[] toDoubleArray() {
        Object array = toArray();
        if (array instanceof double[] doubles) {
            return doubles;
        }
        double[] result = new double[Array.getLength(array)];
        for (int i = 0; i < result.length; i++) {
            if (array instanceof float[] floats) {
                result[i] = floats[i];
            } else if (array instanceof int[] ints) {
                result[i] = ints[i];
            } else if (array instanceof long[] longs) {
                result[i] = longs[i];
            } else {
                result[i] = ((byte[]) array)[i] & 0xFF;
            }
        }
        return result;
    }

    /**
     * The elements of an int64 tensor, row by row.
     *
     * @return a new array
     * @throws ClassCastException if the type is another
     */
    public long[] toLongArray() {
        return (long[]) toArray();
    }

    /**
     * The only element.
     *
     * @return its value
     * @throws ShapeException if there is not exactly one
     */
    public double item() {
        if (shape.size() != 1) {
            throw new ShapeException("item: " + this + " has " + shape.size() + " elements, one is expected");
        }
        return toDoubleArray()[0];
    }

    // ---------------------------------------------------------------------------------------------- looking

    /**
     * Where the tensor lives.
     *
     * @return the device
     */
    public Device device() {
        return device;
    }

    /**
     * The type of the elements.
     *
     * @return the type
     */
    public DType dtype() {
        return storage.dtype();
    }

    /**
     * The extents.
     *
     * @return the shape
     */
    public Shape shape() {
        return shape;
    }

    /**
     * The number of elements.
     *
     * @return {@code >= 0}
     */
    public long size() {
        return shape.size();
    }

    /**
     * The step between neighbours on an axis.
     *
     * @param axis from 0, or from the end when negative
     * @return elements; 0 for a repeated axis
     */
    public long stride(int axis) {
        return strides[shape.axis(axis)];
    }

    /**
     * The steps between neighbours on each axis.
     *
     * @return a copy, in elements
     */
    public long[] strides() {
        return strides.clone();
    }

    /**
     * The place of the first element in the storage.
     *
     * @return elements
     */
    public long offset() {
        return offset;
    }

    /**
     * Whether the elements follow one another in memory, row by row.
     *
     * @return true if so
     */
    public boolean isContiguous() {
        return contiguous;
    }

    /**
     * Whether the elements follow one another in memory in the order [N, H, W, C] of a shape [N, C, H, W]. Pictures of one
     * channel or one pixel are that and contiguous as well.
     *
     * @return true if so
     */
    public boolean isChannelsLast() {
        return channelsLast;
    }

    /**
     * Whether the elements follow one another in memory without gaps: contiguous or channels-last.
     *
     * @return true if so
     */
    public boolean isDense() {
        return contiguous || channelsLast;
    }

    /**
     * Whether this tensor's memory, from its first element to its last, meets another's.
     *
     * @param other a tensor
     * @return false if writing one cannot change the other
     */
    public boolean overlaps(Tensor other) {
        return storage == other.storage
                && size() > 0
                && other.size() > 0
                && low() <= other.high()
                && other.low() <= high();
    }

    /**
     * Whether the elements of both are the same memory in the same order.
     *
     * @param other a tensor
     * @return true if so
     */
    public boolean isSameViewAs(Tensor other) {
        return storage == other.storage
                && offset == other.offset
                && shape.equals(other.shape)
                && Arrays.equals(strides, other.strides);
    }

    private long low() {
        return Strides.low(shape, offset, strides);
    }

    private long high() {
        return Strides.high(shape, offset, strides);
    }

    /**
     * The elements' memory; for kernels.
     *
     * @return the storage
     * @throws IllegalStateException if the tensor is closed
     */
    public Storage storage() {
        if (closed) {
            throw new IllegalStateException("tensor " + this + " is closed");
        }
        return storage;
    }

    /**
     * The address of the first element in the device's memory; for kernels.
     *
     * @return the address; meaningless on {@code reference}
     * @throws IllegalStateException if the tensor is closed
     */
    public long address() {
        return storage().address() + offset * storage.dtype().bytes();
    }

    /**
     * What automatic differentiation remembers of this tensor.
     *
     * @return null if it does not depend on anything that wants a gradient
     */
    public @Nullable TapeNode tapeNode() {
        return tapeNode;
    }

    /**
     * Sets what automatic differentiation remembers of this tensor.
     *
     * @param node null to forget
     */
    public void setTapeNode(@Nullable TapeNode node) {
        tapeNode = node;
    }

    // ---------------------------------------------------------------------------------------------- lifetime

    /** Lets go of the storage, which is freed with its last view. Closing again does nothing. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (unowned != null) {
            unowned.close();
        } else {
            storage.release();
        }
    }

    /**
     * Whether the tensor has been closed.
     *
     * @return true if so
     */
    public boolean isClosed() {
        return closed;
    }

    Scope.@Nullable Members owner() {
        return owner;
    }

    /** Hands the tensor to a scope, or with null to the garbage collector. */
    void setOwner(Scope.@Nullable Members scope) {
        owner = scope;
        if (scope == null && unowned == null && !closed) {
            unowned = new Scope.Unowned(this, storage);
        }
    }

    /** For example {@code [64,10] float32 on cpu}; never the elements. */
    @Override
    public String toString() {
        return shape + " " + dtype() + " on " + device;
    }
}
