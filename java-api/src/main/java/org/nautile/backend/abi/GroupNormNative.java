package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.GroupNormKernel;
import org.nautile.jni.Ntl;

final class GroupNormNative implements GroupNormKernel {
    private final long context;

    GroupNormNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(
            Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, Tensor y, Tensor stats, long groups, double eps) {
        int status = Ntl.ntl_group_norm_forward(
                context,
                x.address(),
                NativeBackend.address(weight),
                NativeBackend.address(bias),
                y.address(),
                stats.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                x.shape().dim(2),
                groups,
                (float) eps);
        NativeBackend.check(status, x, weight, bias, y, stats);
    }

    @Override
    public void backward(
            Tensor x,
            @Nullable Tensor weight,
            Tensor stats,
            Tensor dy,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            long groups,
            boolean... accumulate) {
        int status = Ntl.ntl_group_norm_backward(
                context,
                x.address(),
                NativeBackend.address(weight),
                stats.address(),
                dy.address(),
                NativeBackend.address(dx),
                NativeBackend.address(dweight),
                NativeBackend.address(dbias),
                x.shape().dim(0),
                x.shape().dim(1),
                x.shape().dim(2),
                groups,
                accumulate[0] ? 1 : 0,
                accumulate[1] ? 1 : 0,
                accumulate[2] ? 1 : 0);
        NativeBackend.check(status, x, weight, stats, dy, dx, dweight, dbias);
    }
}
