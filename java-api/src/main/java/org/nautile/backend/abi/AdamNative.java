package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.AdamKernel;
import org.nautile.jni.Ntl;

final class AdamNative implements AdamKernel {
    private final long context;

    AdamNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void step(
            Tensor parameter,
            Tensor gradient,
            Tensor mean,
            Tensor square,
            Tensor rate,
            Tensor count,
            double beta1,
            double beta2,
            double eps,
            double weightDecay,
            double l1,
            boolean decoupled) {
        int status = Ntl.ntl_adam_step(
                context,
                parameter.address(),
                gradient.address(),
                mean.address(),
                square.address(),
                rate.address(),
                count.address(),
                parameter.size(),
                beta1,
                beta2,
                (float) eps,
                (float) weightDecay,
                (float) l1,
                decoupled ? 1 : 0);
        NativeBackend.check(status, parameter, gradient, mean, square, rate, count);
    }
}
