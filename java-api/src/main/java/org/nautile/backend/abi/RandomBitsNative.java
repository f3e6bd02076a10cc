package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.RandomBitsKernel;
import org.nautile.jni.Ntl;

final class RandomBitsNative implements RandomBitsKernel {
    private final long context;

    RandomBitsNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor y, long seed, long stream, long offset) {
        int status = Ntl.ntl_random_bits_forward(context, y.address(), y.size(), seed, stream, offset);
        NativeBackend.check(status, y);
    }
}
