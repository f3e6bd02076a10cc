package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.ReduceKernel;
import org.nautile.jni.Ntl;

final class ReduceNative implements ReduceKernel {
    private final long context;

    ReduceNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y, Function function, boolean accumulate) {
        int status = Ntl.ntl_reduce_forward(
                context,
                x.address(),
                y.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                x.shape().dim(2),
                function.ordinal(),
                accumulate ? 1 : 0);
        NativeBackend.check(status, x, y);
    }

    @Override
    public void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, Function function, boolean accumulate) {
        int status = Ntl.ntl_reduce_backward(
                context,
                x.address(),
                y.address(),
                dy.address(),
                dx.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                x.shape().dim(2),
                function.ordinal(),
                accumulate ? 1 : 0);
        NativeBackend.check(status, x, y, dy, dx);
    }
}
