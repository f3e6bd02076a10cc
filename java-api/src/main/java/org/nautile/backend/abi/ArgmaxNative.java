package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.ArgmaxKernel;
import org.nautile.jni.Ntl;

final class ArgmaxNative implements ArgmaxKernel {
    private final long context;

    ArgmaxNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y) {
        int status = Ntl.ntl_argmax_forward(
                context,
                x.address(),
                y.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                x.shape().dim(2));
        NativeBackend.check(status, x, y);
    }
}
