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
            double lr,
            double momentum,
            double dampening,
            double weightDecay,
            boolean nesterov,
            boolean first) {
        int status = Ntl.ntl_sgd_step(
                context,
                parameter.address(),
                gradient.address(),
                NativeBackend.address(buffer),
                parameter.size(),
                (float) lr,
                (float) momentum,
                (float) dampening,
                (float) weightDecay,
                nesterov ? 1 : 0,
                first ? 1 : 0);
        NativeBackend.check(status, parameter, gradient, buffer);
    }
}
