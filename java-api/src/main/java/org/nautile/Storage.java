package org.nautile;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A run of elements in a device's memory, shared by the tensors that view it and freed with the last of them. Made by a
 * backend; a tensor is the way to use it.
 */
public abstract class Storage {
    private static final AtomicIntegerFieldUpdater<Storage> HOLDERS =
            AtomicIntegerFieldUpdater.newUpdater(Storage.class, "holders");

    private final DType dtype;
    private final long size;

    @SuppressWarnings("UnusedVariable") // read and written through HOLDERS
    private volatile int holders;

    /**
     * A storage that no tensor holds yet.
     *
     * @param dtype the type of its elements
     * @param size the number of its elements
     */
    protected Storage(DType dtype, long size) {
        this.dtype = dtype;
        this.size = size;
    }

    /**
     * The type of the elements.
     *
     * @return the type
     */
    public final DType dtype() {
        return dtype;
    }

    /**
     * The number of elements.
     *
     * @return {@code >= 0}
     */
    public final long size() {
        return size;
    }

    /**
     * The address of the first element in the device's memory.
     *
     * @return the address; 0 on {@code reference}, whose elements are in a Java array
     */
    public abstract long address();

    /** Gives the memory back. Called once, when the last tensor lets go. */
    protected abstract void free();

    final void retain() {
        HOLDERS.incrementAndGet(this);
    }

    final void release() {
        if (HOLDERS.decrementAndGet(this) == 0) {
            free();
        }
    }
}
