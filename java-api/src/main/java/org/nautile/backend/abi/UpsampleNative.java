package org.nautile.backend.abi;

import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.UpsampleKernel;
import org.nautile.jni.Ntl;

final class UpsampleNative implements UpsampleKernel {
    private final long context;

    UpsampleNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y, Mode mode, float stepH, float stepW) {
        Shape in = x.shape();
        Shape out = y.shape();
        int status = Ntl.ntl_upsample_forward(
                context,
                x.address(),
                y.address(),
                in.dim(0),
                in.dim(1),
                in.dim(2),
                out.dim(2),
                stepH,
                in.dim(3),
                out.dim(3),
                stepW,
                mode.ordinal());
        NativeBackend.check(status, x, y);
    }

    @Override
    public void backward(Tensor dy, Tensor dx, Mode mode, float stepH, float stepW, boolean accumulate) {
        Shape in = dx.shape();
        Shape out = dy.shape();
        int status = Ntl.ntl_upsample_backward(
                context,
                dy.address(),
                dx.address(),
                in.dim(0),
                in.dim(1),
                in.dim(2),
                out.dim(2),
                stepH,
                in.dim(3),
                out.dim(3),
                stepW,
                mode.ordinal(),
                accumulate ? 1 : 0);
        NativeBackend.check(status, dy, dx);
    }
}
