package org.nautile.backend.reference;

import org.nautile.DType;
import org.nautile.Storage;
import org.nautile.backend.Backend;
import org.nautile.backend.KernelType;

/** The device {@code reference}: Java arrays and plain Java. */
public final class ReferenceBackend extends Backend {
    /** Opens the device, which exists wherever Java does. */
    public ReferenceBackend() {}

    @Override
    public String description() {
        return "plain Java, double accumulation, 1 thread";
    }

    @Override
    public boolean supports(DType dtype) {
        return true;
    }

    @Override
    public Storage allocate(DType dtype, long size) {
        return new HeapStorage(dtype, size);
    }

    @Override
    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the storage's type
    public void write(Object array, int from, Storage to, long offset, int count) {
        System.arraycopy(array, from, ((HeapStorage) to).array(), Math.toIntExact(offset), count);
    }

    @Override
    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the storage's type
    public void read(Storage from, long offset, Object array, int to, int count) {
        System.arraycopy(((HeapStorage) from).array(), Math.toIntExact(offset), array, to, count);
    }

    @Override
    protected <K> K load(KernelType<K> type) {
        return loadByName(type, ReferenceBackend.class, "Reference");
    }
}
