package org.nautile.backend.abi;

import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.AvgPool2dKernel;
import org.nautile.backend.Window;
import org.nautile.jni.Ntl;

final class AvgPool2dNative implements AvgPool2dKernel {
    private final long context;

    AvgPool2dNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y, Window rows, Window cols, boolean countPadding, long divisor) {
        Shape in = x.shape();
        Shape out = y.shape();
        int status = Ntl.ntl_avg_pool2d_forward(
                context,
                x.address(),
                y.address(),
                in.dim(0),
                in.dim(1),
                in.dim(2),
                out.dim(2),
                rows.kernel(),
                rows.stride(),
                rows.padding(),
                in.dim(3),
                out.dim(3),
                cols.kernel(),
                cols.stride(),
                cols.padding(),
                countPadding ? 1 : 0,
                divisor);
        NativeBackend.check(status, x, y);
    }

    @Override
    public void backward(
            Tensor dy, Tensor dx, Window rows, Window cols, boolean countPadding, long divisor, boolean accumulate) {
        Shape in = dx.shape();
        Shape out = dy.shape();
        int status = Ntl.ntl_avg_pool2d_backward(
                context,
                dy.address(),
                dx.address(),
                in.dim(0),
                in.dim(1),
                in.dim(2),
                out.dim(2),
                rows.kernel(),
                rows.stride(),
                rows.padding(),
                in.dim(3),
                out.dim(3),
                cols.kernel(),
                cols.stride(),
                cols.padding(),
                countPadding ? 1 : 0,
                divisor,
                accumulate ? 1 : 0);
        NativeBackend.check(status, dy, dx);
    }
}
