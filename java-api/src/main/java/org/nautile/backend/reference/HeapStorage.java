package org.nautile.backend.reference;

import org.nautile.DType;
import org.nautile.Storage;

/** Elements in a Java array. */
final class HeapStorage extends Storage {
    private final Object array;

    HeapStorage(DType dtype, long size) {
        super(dtype, size);
        array = dtype.newArray(Math.toIntExact(size));
    }

    Object array() {
        return array;
    }

    @Override
    public long address() {
        return 0;
    }

    @Override
    protected void free() {
        // the garbage collector's
    }
}
