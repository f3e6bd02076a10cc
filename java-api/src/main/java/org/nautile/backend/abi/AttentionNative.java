package org.nautile.backend.abi;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.AttentionKernel;
import org.nautile.jni.Ntl;

final class AttentionNative implements AttentionKernel {
    private final long context;

    AttentionNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(
            Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, Tensor y, Tensor norms, double scale, boolean causal) {
        int status = Ntl.ntl_attention_forward(
                context,
                q.address(),
                k.address(),
                v.address(),
                NativeBackend.address(mask),
                y.address(),
                norms.address(),
                q.shape().dim(0),
                q.shape().dim(1),
                q.shape().dim(2),
                k.shape().dim(2),
                k.shape().dim(3),
                v.shape().dim(3),
                q.stride(0),
                q.stride(1),
                q.stride(2),
                k.stride(0),
                k.stride(1),
                k.stride(2),
                v.stride(0),
                v.stride(1),
                v.stride(2),
                headsLast(y),
                (float) scale,
                causal ? 1 : 0);
        NativeBackend.check(status, q, k, v, mask, y, norms);
    }

    @Override
    public void backward(
            Tensor q,
            Tensor k,
            Tensor v,
            @Nullable Tensor mask,
            Tensor y,
            Tensor norms,
            Tensor dy,
            @Nullable Tensor dq,
            @Nullable Tensor dk,
            @Nullable Tensor dv,
            double scale,
            boolean causal,
            boolean... accumulate) {
        int status = Ntl.ntl_attention_backward(
                context,
                q.address(),
                k.address(),
                v.address(),
                NativeBackend.address(mask),
                y.address(),
                norms.address(),
                dy.address(),
                NativeBackend.address(dq),
                NativeBackend.address(dk),
                NativeBackend.address(dv),
                q.shape().dim(0),
                q.shape().dim(1),
                q.shape().dim(2),
                k.shape().dim(2),
                k.shape().dim(3),
                v.shape().dim(3),
                q.stride(0),
                q.stride(1),
                q.stride(2),
                k.stride(0),
                k.stride(1),
                k.stride(2),
                v.stride(0),
                v.stride(1),
                v.stride(2),
                headsLast(y, dq, dk, dv),
                (float) scale,
                causal ? 1 : 0,
                accumulate[0] ? 1 : 0,
                accumulate[1] ? 1 : 0,
                accumulate[2] ? 1 : 0);
        NativeBackend.check(status, q, k, v, mask, y, norms, dy, dq, dk, dv);
    }

    /** 1 if results are views of [batch, rows, heads, columns]. One that is contiguous all the same fits both. */
    private static int headsLast(@Nullable Tensor... results) {
        return Arrays.stream(results).anyMatch(tensor -> tensor != null && !tensor.isContiguous()) ? 1 : 0;
    }
}
