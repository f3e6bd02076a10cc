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
        NativeBackend.check(Ntl.ntl_softmax_forward(
                context, x.address(), y.address(), x.shape().dim(0), x.shape().dim(1)));
    }

    @Override
    public void backward(Tensor y, Tensor dy, Tensor dx, boolean accumulate) {
        NativeBackend.check(Ntl.ntl_softmax_backward(
                context,
                y.address(),
                dy.address(),
                dx.address(),
                y.shape().dim(0),
                y.shape().dim(1),
                accumulate ? 1 : 0));
    }
}
