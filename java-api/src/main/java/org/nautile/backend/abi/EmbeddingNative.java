package org.nautile.backend.abi;

import org.nautile.Tensor;
import org.nautile.backend.EmbeddingKernel;
import org.nautile.jni.Ntl;

final class EmbeddingNative implements EmbeddingKernel {
    private final long context;

    EmbeddingNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(Tensor weight, Tensor index, Tensor y) {
        int status = Ntl.ntl_embedding_forward(
                context,
                weight.address(),
                index.address(),
                y.address(),
                index.size(),
                weight.shape().dim(0),
                weight.shape().dim(1));
        NativeBackend.check(status, weight, index, y);
    }

    @Override
    public void backward(Tensor index, Tensor dy, Tensor dweight, long padding, boolean accumulate) {
        int status = Ntl.ntl_embedding_backward(
                context,
                index.address(),
                dy.address(),
                dweight.address(),
                index.size(),
                dweight.shape().dim(0),
                dweight.shape().dim(1),
                padding,
                accumulate ? 1 : 0);
        NativeBackend.check(status, index, dy, dweight);
    }
}
