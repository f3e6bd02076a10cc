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
        boolean batched = y.shape().rank() == 3;
        int status = Ntl.ntl_matmul_forward(
                context,
                a.address(),
                b.address(),
                y.address(),
                batched ? y.shape().dim(0) : 1,
                y.shape().dim(-2),
                y.shape().dim(-1),
                a.shape().dim(-1),
                batched ? a.stride(0) : 0,
                a.stride(-2),
                a.stride(-1),
                batched ? b.stride(0) : 0,
                b.stride(-2),
                b.stride(-1),
                batched ? y.stride(0) : 0,
                y.stride(-2),
                accumulate ? 1 : 0);
        NativeBackend.check(status, a, b, y);
    }
}
