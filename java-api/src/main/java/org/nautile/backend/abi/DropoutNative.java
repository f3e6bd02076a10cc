package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.DropoutKernel;
import org.nautile.jni.Ntl;

final class DropoutNative implements DropoutKernel {
    private final long context;

    DropoutNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y, Tensor position, Tensor used, long seed, long stream, double p) {
        int status = Ntl.ntl_dropout_forward(
                context,
                x.address(),
                y.address(),
                position.address(),
                used.address(),
                x.size(),
                seed,
                stream,
                DropoutKernel.keep(p),
                (float) DropoutKernel.scale(p));
        NativeBackend.check(status, x, y, position, used);
    }

    @Override
    public void backward(Tensor dy, Tensor used, Tensor dx, long seed, long stream, double p, boolean accumulate) {
        int status = Ntl.ntl_dropout_backward(
                context,
                dy.address(),
                used.address(),
                dx.address(),
                dy.size(),
                seed,
                stream,
                DropoutKernel.keep(p),
                (float) DropoutKernel.scale(p),
                accumulate ? 1 : 0);
        NativeBackend.check(status, dy, used, dx);
    }
}
