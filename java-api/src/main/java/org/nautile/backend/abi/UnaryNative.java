package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.UnaryKernel;
import org.nautile.jni.Ntl;

final class UnaryNative implements UnaryKernel {
    private final long context;

    UnaryNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y, Function function, double low, double high) {
        int status = Ntl.ntl_unary_forward(
                context, x.address(), y.address(), x.size(), function.ordinal(), (float) low, (float) high);
        NativeBackend.check(status, x, y);
    }

    @Override
    public void backward(
            Tensor x, Tensor y, Tensor dy, Tensor dx, Function function, double low, double high, boolean accumulate) {
        int status = Ntl.ntl_unary_backward(
                context,
                x.address(),
                y.address(),
                dy.address(),
                dx.address(),
                x.size(),
                function.ordinal(),
                (float) low,
                (float) high,
                accumulate ? 1 : 0);
        NativeBackend.check(status, x, y, dy, dx);
    }
}
