package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.RmspropKernel;
import org.nautile.jni.Ntl;

final class RmspropNative implements RmspropKernel {
    private final long context;

    RmspropNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void step(
            Tensor parameter,
            Tensor gradient,
            Tensor square,
            @Nullable Tensor mean,
            @Nullable Tensor buffer,
            Tensor rate,
            double alpha,
            double eps,
            double momentum,
            double weightDecay,
            double l1) {
        int status = Ntl.ntl_rmsprop_step(
                context,
                parameter.address(),
                gradient.address(),
                square.address(),
                NativeBackend.address(mean),
                NativeBackend.address(buffer),
                rate.address(),
                parameter.size(),
                alpha,
                (float) eps,
                (float) momentum,
                (float) weightDecay,
                (float) l1);
        NativeBackend.check(status, parameter, gradient, square, mean, buffer, rate);
    }
}
