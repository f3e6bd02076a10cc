package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.GatherKernel;
import org.nautile.jni.Ntl;

final class GatherNative implements GatherKernel {
    private final long context;

    GatherNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor index, Tensor y) {
        int status = Ntl.ntl_gather_forward(
                context,
                x.address(),
                index.address(),
                y.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                index.shape().dim(1),
                x.shape().dim(2));
        NativeBackend.check(status, x, index, y);
    }

    @Override
    public void backward(Tensor index, Tensor dy, Tensor dx, boolean accumulate) {
        int status = Ntl.ntl_gather_backward(
                context,
                index.address(),
                dy.address(),
                dx.address(),
                dx.shape().dim(0),
                dx.shape().dim(1),
                index.shape().dim(1),
                dx.shape().dim(2),
                accumulate ? 1 : 0);
        NativeBackend.check(status, index, dy, dx);
    }
}
