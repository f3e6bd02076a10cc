package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.MatmulKernel;
import org.nautile.jni.Ntl;

final class MatmulNative implements MatmulKernel {
    private final long context;

    MatmulNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor a, Tensor b, Tensor y, boolean accumulate) {
        int status = Ntl.ntl_matmul_forward(
                context,
                a.address(),
                b.address(),
                y.address(),
                y.shape().dim(0),
                y.shape().dim(1),
                y.shape().dim(2),
                a.shape().dim(2),
                a.stride(0),
                a.stride(1),
                a.stride(2),
                b.stride(0),
                b.stride(1),
                b.stride(2),
                y.stride(0),
                y.stride(1),
                accumulate ? 1 : 0);
        NativeBackend.check(status, a, b, y);
    }
}
