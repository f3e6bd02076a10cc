package org.nautile.backend.abi;

import org.nautile.DType;
import org.nautile.Storage;
import org.nautile.jni.Ntl;

/** A block of a device's arena. */
final class NativeStorage extends Storage {
    private final long context;
    private final long address;

    NativeStorage(long context, long address, DType dtype, long size) {
        super(dtype, size);
        this.context = context;
        this.address = address;
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    protected void free() {
        Ntl.ntl_release(context, address, size() * dtype().bytes());
    }
}
