package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.CrossEntropyKernel;
import org.nautile.jni.Ntl;

final class CrossEntropyNative implements CrossEntropyKernel {
    private final long context;

    CrossEntropyNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor target, @Nullable Tensor weight, Tensor loss, Tensor saved, Options options) {
        boolean labels = !target.dtype().isFloating();
        int status = Ntl.ntl_cross_entropy_forward(
                context,
                x.address(),
                labels ? target.address() : 0,
                labels ? 0 : target.address(),
                NativeBackend.address(weight),
                loss.address(),
                saved.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                (float) options.smoothing(),
                options.ignore(),
                options.logProbabilities() ? 1 : 0,
                options.reduction().ordinal());
        NativeBackend.check(status, x, target, weight, loss, saved);
    }

    @Override
    public void backward(
            Tensor x,
            Tensor target,
            @Nullable Tensor weight,
            Tensor saved,
            Tensor dloss,
            Tensor dx,
            Options options,
            boolean accumulate) {
        boolean labels = !target.dtype().isFloating();
        int status = Ntl.ntl_cross_entropy_backward(
                context,
                x.address(),
                labels ? target.address() : 0,
                labels ? 0 : target.address(),
                NativeBackend.address(weight),
                saved.address(),
                dloss.address(),
                dx.address(),
                x.shape().dim(0),
                x.shape().dim(1),
                (float) options.smoothing(),
                options.ignore(),
                options.logProbabilities() ? 1 : 0,
                options.reduction().ordinal(),
                accumulate ? 1 : 0);
        NativeBackend.check(status, x, target, weight, saved, dloss, dx);
    }
}
