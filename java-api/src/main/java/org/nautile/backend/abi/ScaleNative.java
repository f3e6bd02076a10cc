package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.ScaleKernel;
import org.nautile.jni.Ntl;

final class ScaleNative implements ScaleKernel {
    private final long context;

    ScaleNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor x, Tensor y, double alpha, double beta) {
        int status = Ntl.ntl_scale_forward(context, x.address(), y.address(), x.size(), (float) alpha, (float) beta);
        NativeBackend.check(status, x, y);
    }
}
