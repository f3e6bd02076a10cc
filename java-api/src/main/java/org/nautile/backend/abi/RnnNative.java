package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.RecurrentGradients;
import org.nautile.backend.RecurrentInputs;
import org.nautile.backend.RnnKernel;
import org.nautile.jni.Ntl;

final class RnnNative implements RnnKernel {
    private final long context;

    RnnNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(RecurrentInputs in, Nonlinearity nonlinearity, @Nullable Tensor y, Tensor hn) {
        int status = Ntl.ntl_rnn_forward(
                context,
                in.x().address(),
                in.weightIh().address(),
                in.weightHh().address(),
                NativeBackend.address(in.biasIh()),
                NativeBackend.address(in.biasHh()),
                NativeBackend.address(in.h0()),
                NativeBackend.address(in.lengths()),
                NativeBackend.address(y),
                hn.address(),
                in.steps(),
                in.batch(),
                in.inputs(),
                in.hidden(),
                nonlinearity.ordinal(),
                in.reverse() ? 1 : 0);

        NativeBackend.check(status, in, y, hn);
    }

    @Override
    public void backward(
            RecurrentInputs in,
            Nonlinearity nonlinearity,
            Tensor y,
            @Nullable Tensor dy,
            @Nullable Tensor dhn,
            RecurrentGradients out) {
        int status = Ntl.ntl_rnn_backward(
                context,
                in.x().address(),
                in.weightIh().address(),
                in.weightHh().address(),
                NativeBackend.address(in.h0()),
                NativeBackend.address(in.lengths()),
                y.address(),
                NativeBackend.address(dy),
                NativeBackend.address(dhn),
                NativeBackend.address(out.x()),
                NativeBackend.address(out.weightIh()),
                NativeBackend.address(out.weightHh()),
                NativeBackend.address(out.biasIh()),
                NativeBackend.address(out.biasHh()),
                NativeBackend.address(out.h0()),
                in.steps(),
                in.batch(),
                in.inputs(),
                in.hidden(),
                nonlinearity.ordinal(),
                in.reverse() ? 1 : 0,
                out.accumulate());

        NativeBackend.check(status, in, y, dy, dhn, out);
    }
}
