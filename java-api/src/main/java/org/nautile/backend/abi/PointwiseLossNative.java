package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.LossReduction;
import org.nautile.backend.PointwiseLossKernel;
import org.nautile.jni.Ntl;

final class PointwiseLossNative implements PointwiseLossKernel {
    private final long context;

    PointwiseLossNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            @Nullable Tensor posWeight,
            Tensor loss,
            Function function,
            double delta,
            LossReduction reduction) {
        int status = Ntl.ntl_pointwise_loss_forward(
                context,
                x.address(),
                target.address(),
                NativeBackend.address(weight),
                NativeBackend.address(posWeight),
                loss.address(),
                x.size(),
                function.ordinal(),
                (float) delta,
                reduction.ordinal());
        NativeBackend.check(status, x, target, weight, posWeight, loss);
    }

    @Override
    public void backward(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            @Nullable Tensor posWeight,
            Tensor dloss,
            Tensor dx,
            Function function,
            double delta,
            LossReduction reduction,
            boolean byTarget,
            boolean accumulate) {
        int status = Ntl.ntl_pointwise_loss_backward(
                context,
                x.address(),
                target.address(),
                NativeBackend.address(weight),
                NativeBackend.address(posWeight),
                dloss.address(),
                dx.address(),
                x.size(),
                function.ordinal(),
                (float) delta,
                reduction.ordinal(),
                byTarget ? 1 : 0,
                accumulate ? 1 : 0);
        NativeBackend.check(status, x, target, weight, posWeight, dloss, dx);
    }
}
