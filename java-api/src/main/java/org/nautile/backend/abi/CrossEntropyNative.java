package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.CrossEntropyKernel;
import org.nautile.jni.Ntl;

final class CrossEntropyNative implements CrossEntropyKernel {
    private final long context;

    CrossEntropyNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(
            Tensor x, Tensor target, Tensor loss, Tensor lse, double smoothing, long ignore, Reduction reduction) {
        int status = Ntl.ntl_cross_entropy_forward(
                context,
                x.address(),
                target.address(),
                loss.address(),
                lse.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                (float) smoothing,
                ignore,
                reduction.ordinal());
        NativeBackend.check(status, x, target, loss, lse);
    }

    @Override
    public void backward(
            Tensor x,
            Tensor target,
            Tensor lse,
            Tensor dloss,
            Tensor dx,
            double smoothing,
            long ignore,
            Reduction reduction,
            boolean accumulate) {
        int status = Ntl.ntl_cross_entropy_backward(
                context,
                x.address(),
                target.address(),
                lse.address(),
                dloss.address(),
                dx.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                (float) smoothing,
                ignore,
                reduction.ordinal(),
                accumulate ? 1 : 0);
        NativeBackend.check(status, x, target, lse, dloss, dx);
    }
}
