package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.TopkKernel;
import org.nautile.jni.Ntl;

final class TopkNative implements TopkKernel {
    private final long context;

    TopkNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y) {
        int status = Ntl.ntl_topk_forward(
                context,
                x.address(),
                y.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                y.shape().dim(1));
        NativeBackend.check(status, x, y);
    }
}
