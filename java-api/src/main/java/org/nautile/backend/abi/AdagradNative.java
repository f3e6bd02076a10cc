package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.AdagradKernel;
import org.nautile.jni.Ntl;

final class AdagradNative implements AdagradKernel {
    private final long context;

    AdagradNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void step(
            Tensor parameter,
            Tensor gradient,
            Tensor sum,
            Tensor rate,
            Tensor count,
            double lrDecay,
            double eps,
            double weightDecay,
            double l1) {
        int status = Ntl.ntl_adagrad_step(
                context,
                parameter.address(),
                gradient.address(),
                sum.address(),
                rate.address(),
                count.address(),
                parameter.size(),
                (float) lrDecay,
                (float) eps,
                (float) weightDecay,
                (float) l1);
        NativeBackend.check(status, parameter, gradient, sum, rate, count);
    }
}
