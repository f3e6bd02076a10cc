package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.SoftmaxKernel;
import org.nautile.jni.Ntl;

final class SoftmaxNative implements SoftmaxKernel {
    private final long context;

    SoftmaxNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y) {
        int status = Ntl.ntl_softmax_forward(
                context, x.address(), y.address(), x.shape().dim(0), x.shape().dim(1));
        NativeBackend.check(status, x, y);
    }

    @Override
    public void backward(Tensor y, Tensor dy, Tensor dx, boolean accumulate) {
        int status = Ntl.ntl_softmax_backward(
                context,
                y.address(),
                dy.address(),
                dx.address(),
                y.shape().dim(0),
                y.shape().dim(1),
                accumulate ? 1 : 0);
        NativeBackend.check(status, y, dy, dx);
    }
}
