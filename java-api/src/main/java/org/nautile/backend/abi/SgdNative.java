package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.SgdKernel;
import org.nautile.jni.Ntl;

final class SgdNative implements SgdKernel {
    private final long context;

    SgdNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void step(
            Tensor parameter,
            Tensor gradient,
            @Nullable Tensor buffer,
            Tensor rate,
            @Nullable Tensor count,
            double momentum,
            double dampening,
            double weightDecay,
            double l1,
            boolean nesterov) {
        int status = Ntl.ntl_sgd_step(
                context,
                parameter.address(),
                gradient.address(),
                NativeBackend.address(buffer),
                rate.address(),
                NativeBackend.address(count),
                parameter.size(),
                (float) momentum,
                (float) dampening,
                (float) weightDecay,
                (float) l1,
                nesterov ? 1 : 0);
        NativeBackend.check(status, parameter, gradient, buffer, rate, count);
    }
}
