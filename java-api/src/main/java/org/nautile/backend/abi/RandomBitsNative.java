package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.RandomBitsKernel;
import org.nautile.jni.Ntl;

final class RandomBitsNative implements RandomBitsKernel {
    private final NativeBackend backend;
    private final long context;

    RandomBitsNative(NativeBackend backend) {
        this.backend = backend;
        context = backend.context();
    }

    @Override
    public void forward(Tensor y, long seed, long stream, long offset) {
        if (backend.recording() != null) {
            throw new IllegalStateException("random_bits: a recorded step would draw the same numbers in every run");
        }
        int status = Ntl.ntl_random_bits_forward(context, y.address(), y.size(), seed, stream, offset);
        NativeBackend.check(status, y);
    }
}
