package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.GruKernel;
import org.nautile.backend.RecurrentGradients;
import org.nautile.backend.RecurrentInputs;
import org.nautile.jni.Ntl;

final class GruNative implements GruKernel {
    private final long context;

    GruNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(RecurrentInputs in, @Nullable Tensor y, Tensor hn, @Nullable Tensor gates) {
        int status = Ntl.ntl_gru_forward(
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
                NativeBackend.address(gates),
                in.steps(),
                in.batch(),
                in.inputs(),
                in.hidden(),
                in.reverse() ? 1 : 0);

        NativeBackend.check(status, in, y, hn, gates);
    }

    @Override
    public void backward(
            RecurrentInputs in,
            Tensor y,
            Tensor gates,
            @Nullable Tensor dy,
            @Nullable Tensor dhn,
            RecurrentGradients out) {
        int status = Ntl.ntl_gru_backward(
                context,
                in.x().address(),
                in.weightIh().address(),
                in.weightHh().address(),
                NativeBackend.address(in.h0()),
                NativeBackend.address(in.lengths()),
                y.address(),
                gates.address(),
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
                in.reverse() ? 1 : 0,
                out.accumulate());

        NativeBackend.check(status, in, y, gates, dy, dhn, out);
    }
}
