package org.nautile.backend.reference;

import org.nautile.DType;
import org.nautile.Storage;

/** Elements in a Java array. */
final class HeapStorage extends Storage {
    private final Object array;

    HeapStorage(DType dtype, long size) {
        super(dtype, size);
        int length = Math.toIntExact(size);
        array = switch (dtype) {
            case FLOAT32 -> new float[length];
            case FLOAT64 -> new double[length];
            case INT32 -> new int[length];
            case INT64 -> new long[length];
            case UINT8 -> new byte[length];
        };
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
