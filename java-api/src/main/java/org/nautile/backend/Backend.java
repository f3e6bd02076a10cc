package org.nautile.backend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Storage;

/**
 * One device in use: its memory and its kernels. Kernels trust their arguments; shapes, types and devices were checked by
 * the op.
 */
public abstract class Backend {
    private volatile Object[] kernels = new Object[0];
    private @Nullable KernelObserver observer;

    /** For subclasses. */
    protected Backend() {}

    /**
     * What runs, in words.
     *
     * @return for example {@code "AVX-512, 2 threads"}
     */
    public abstract String description();

    /**
     * Whether tensors of this type can live here.
     *
     * @param dtype the type
     * @return true if so
     */
    public abstract boolean supports(DType dtype);

    /**
     * Memory with unspecified content.
     *
     * @param dtype the type of the elements
     * @param size their number, {@code >= 0}
     * @return the memory
     * @throws OutOfMemoryError if there is not enough
     */
    public abstract Storage allocate(DType dtype, long size);

    /**
     * Copies elements from a Java array ({@code float[]}, {@code double[]}, {@code int[]}, {@code long[]} or {@code byte[]},
     * as the storage's type wants).
     *
     * @param array the source
     * @param from the first element taken
     * @param to the destination
     * @param offset the first element written
     * @param count the number of elements
     */
    public abstract void write(Object array, int from, Storage to, long offset, int count);

    /**
     * Copies elements to a Java array of the storage's type.
     *
     * @param from the source
     * @param offset the first element read
     * @param array the destination
     * @param to the first element written
     * @param count the number of elements
     */
    public abstract void read(Storage from, long offset, Object array, int to, int count);

    /**
     * Whether the kernels of an op are another library's. They promise less: the last bits may depend on the number of threads,
     * on strides, and on where a tensor starts in memory.
     *
     * @param op the op's name in native/ops.def
     * @return true if so
     */
    public boolean borrows(String op) {
        return false;
    }

    /**
     * The most memory that tensors and plans had at once since the device was opened.
     *
     * @return bytes; 0 if they live in Java's heap, where nobody counts them
     */
    public long peakBytes() {
        return 0;
    }

    /** Returns when all work given to the device is done. */
    public void synchronize() {}

    /**
     * The memory of the device that tensors and plans hold now.
     *
     * @return bytes; negative if nobody counts
     */
    public long memoryUsed() {
        return -1;
    }

    /**
     * Starts to keep the kernels that the calling thread runs, besides running them.
     *
     * @return the recording; null if this device runs plain Java, of which nothing can be kept
     * @throws IllegalStateException if this thread is recording already
     */
    public @Nullable Recording record() {
        return null;
    }

    /**
     * What the device can do at best.
     *
     * @return null if it cannot be measured
     */
    public @Nullable Peaks peaks() {
        return null;
    }

    /**
     * Some ops in small steps, for {@code nautile ladder}.
     *
     * @return null if this device runs plain Java
     */
    public @Nullable Ladder ladder() {
        return null;
    }

    /**
     * This backend's kernel of an op.
     *
     * @param type the op
     * @param <K> the kernel interface
     * @return the kernel
     * @throws UnsupportedOperationException if the backend has none
     */
    @SuppressWarnings("unchecked") // load() returns a K, and the table has one place per type
    public final <K> K kernel(KernelType<K> type) {
        Object[] table = kernels;
        Object kernel = type.index() < table.length ? table[type.index()] : null;
        return kernel != null ? (K) kernel : loadOnce(type);
    }

    /**
     * Lets every call of a kernel pass an observer. Without one, calls are what they were: nothing stands between.
     *
     * @param value the observer, in place of the one before; null for none
     */
    public final synchronized void observe(@Nullable KernelObserver value) {
        observer = value;
        kernels = new Object[0]; // to be loaded again, with or without the observer
    }

    private synchronized <K> K loadOnce(KernelType<K> type) {
        K kernel = load(type);
        if (observer != null) {
            kernel = Observed.of(type, kernel, observer);
        }
        Object[] table = Arrays.copyOf(kernels, Math.max(kernels.length, type.index() + 1));
        table[type.index()] = kernel;
        kernels = table;
        return kernel;
    }

    /**
     * Makes the kernel of an op. Called at least once per op, before its first use.
     *
     * @param type the op
     * @param <K> the kernel interface
     * @return the kernel
     * @throws UnsupportedOperationException if the backend has none
     */
    protected abstract <K> K load(KernelType<K> type);

    /**
     * Makes a kernel by its class name: the op's name in the package of {@code home}, with a suffix. That a class is where
     * it must be is what registers it.
     *
     * @param type the op
     * @param home a class of the backend's package
     * @param suffix the end of the class name, for example {@code "Reference"}
     * @param parameters what the constructor takes, with their declared types being their classes
     * @param <K> the kernel interface
     * @return a new kernel
     * @throws UnsupportedOperationException if there is no such class
     */
    protected static <K> K loadByName(KernelType<K> type, Class<?> home, String suffix, Object... parameters) {
        String name = home.getPackageName() + '.' + type.className() + suffix;
        try {
            Class<?>[] types = Arrays.stream(parameters).map(Object::getClass).toArray(Class<?>[]::new);
            var constructor = Class.forName(name).getDeclaredConstructor(types);
            constructor.setAccessible(true); // kernels are private to the backend's package
            return type.type().cast(constructor.newInstance(parameters));
        } catch (ClassNotFoundException e) {
            throw new UnsupportedOperationException(type.op() + ": no kernel in " + home.getPackageName(), e);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(name + " is not a kernel of " + type.op(), e);
        }
    }
}
