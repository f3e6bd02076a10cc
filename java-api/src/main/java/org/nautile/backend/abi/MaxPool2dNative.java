package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.MaxPool2dKernel;
import org.nautile.backend.Window;
import org.nautile.jni.Ntl;

final class MaxPool2dNative implements MaxPool2dKernel {
    private final long context;

    MaxPool2dNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y, @Nullable Tensor places, Window rows, Window cols) {
        Shape in = x.shape();
        Shape out = y.shape();
        int status = Ntl.ntl_max_pool2d_forward(
                context,
                x.address(),
                y.address(),
                NativeBackend.address(places),
                in.dim(0),
                in.dim(1),
                in.dim(2),
                out.dim(2),
                rows.kernel(),
                rows.stride(),
                rows.padding(),
                rows.dilation(),
                in.dim(3),
                out.dim(3),
                cols.kernel(),
                cols.stride(),
                cols.padding(),
                cols.dilation());
        NativeBackend.check(status, x, y, places);
    }

    @Override
    public void backward(Tensor places, Tensor dy, Tensor dx, Window rows, Window cols, boolean accumulate) {
        Shape in = dx.shape();
        Shape out = dy.shape();
        int status = Ntl.ntl_max_pool2d_backward(
                context,
                places.address(),
                dy.address(),
                dx.address(),
                in.dim(0),
                in.dim(1),
                in.dim(2),
                out.dim(2),
                rows.kernel(),
                rows.stride(),
                rows.padding(),
                rows.dilation(),
                in.dim(3),
                out.dim(3),
                cols.kernel(),
                cols.stride(),
                cols.padding(),
                cols.dilation(),
                accumulate ? 1 : 0);
        NativeBackend.check(status, places, dy, dx);
    }
}
