package org.nautile.backend.reference;

import org.nautile.DType;
import org.nautile.ShapeException;
import org.nautile.Storage;

/** Elements in a Java array. */
final class HeapStorage extends Storage {
    /** The elements of the largest array that every JVM can allocate. */
    static final int MOST = Integer.MAX_VALUE - 8;

    private final Object array;

    HeapStorage(DType dtype, long size) {
        super(dtype, size);
        if (size > MOST) {
            throw tooMany("a tensor of type " + dtype, size);
        }
        array = dtype.newArray((int) size);
    }

    static ShapeException tooMany(String what, long size) {
        return new ShapeException(
                what + " has " + size + " elements; on the device reference a tensor holds at most " + MOST);
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
