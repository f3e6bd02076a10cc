package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.LinearKernel;
import org.nautile.jni.Ntl;

final class LinearNative implements LinearKernel {
    private final long context;

    LinearNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y) {
        int status = Ntl.ntl_linear_forward(
                context,
                x.address(),
                weight.address(),
                NativeBackend.address(bias),
                y.address(),
                x.shape().dim(0),
                weight.shape().dim(0),
                x.shape().dim(1));
        NativeBackend.check(status, x, weight, bias, y);
    }

    @Override
    public void backward(
            Tensor x,
            Tensor weight,
            Tensor dy,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            boolean... accumulate) {
        int status = Ntl.ntl_linear_backward(
                context,
                x.address(),
                weight.address(),
                dy.address(),
                NativeBackend.address(dx),
                NativeBackend.address(dweight),
                NativeBackend.address(dbias),
                x.shape().dim(0),
                weight.shape().dim(0),
                x.shape().dim(1),
                accumulate[0] ? 1 : 0,
                accumulate[1] ? 1 : 0,
                accumulate[2] ? 1 : 0);
        NativeBackend.check(status, x, weight, dy, dx, dweight, dbias);
    }
}
