package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.ActivationKernel;
import org.nautile.jni.Ntl;

final class ActivationNative implements ActivationKernel {
    private final long context;

    ActivationNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y, Function function, double alpha) {
        int status = Ntl.ntl_activation_forward(
                context, x.address(), y.address(), x.size(), function.ordinal(), (float) alpha);
        NativeBackend.check(status, x, y);
    }

    @Override
    public void backward(
            Tensor x, Tensor y, Tensor dy, Tensor dx, Function function, double alpha, boolean accumulate) {
        int status = Ntl.ntl_activation_backward(
                context,
                x.address(),
                y.address(),
                dy.address(),
                dx.address(),
                x.size(),
                function.ordinal(),
                (float) alpha,
                accumulate ? 1 : 0);
        NativeBackend.check(status, x, y, dy, dx);
    }
}
