package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.ClipGradNormKernel;
import org.nautile.jni.Ntl;

final class ClipGradNormNative implements ClipGradNormKernel {
    private final long context;

    ClipGradNormNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void step(Tensor gradient, Tensor norm, double maxNorm) {
        int status = Ntl.ntl_clip_grad_norm_step(
                context, gradient.address(), norm.address(), gradient.size(), (float) maxNorm);
        NativeBackend.check(status, gradient, norm);
    }
}
