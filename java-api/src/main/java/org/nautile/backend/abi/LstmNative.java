package org.nautile.backend.abi;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.LstmKernel;
import org.nautile.backend.RecurrentGradients;
import org.nautile.backend.RecurrentInputs;
import org.nautile.jni.Ntl;

final class LstmNative implements LstmKernel {
    private final long context;

    LstmNative(NativeBackend backend) {
        context = backend.context();
    }

    @Override
    public void forward(
            RecurrentInputs in,
            @Nullable Tensor y,
            Tensor hn,
            Tensor cn,
            @Nullable Tensor gates,
            @Nullable Tensor cells) {
        int status = Ntl.ntl_lstm_forward(
                context,
                in.x().address(),
                in.weightIh().address(),
                in.weightHh().address(),
                NativeBackend.address(in.biasIh()),
                NativeBackend.address(in.biasHh()),
                NativeBackend.address(in.h0()),
                NativeBackend.address(in.c0()),
                NativeBackend.address(in.lengths()),
                NativeBackend.address(y),
                hn.address(),
                cn.address(),
                NativeBackend.address(gates),
                NativeBackend.address(cells),
                in.steps(),
                in.batch(),
                in.inputs(),
                in.hidden(),
                in.reverse() ? 1 : 0);

        NativeBackend.check(status, in, y, hn, cn, gates, cells);
    }

    @Override
    public void backward(
            RecurrentInputs in,
            Tensor y,
            Tensor gates,
            Tensor cells,
            @Nullable Tensor dy,
            @Nullable Tensor dhn,
            @Nullable Tensor dcn,
            RecurrentGradients out) {
        int status = Ntl.ntl_lstm_backward(
                context,
                in.x().address(),
                in.weightIh().address(),
                in.weightHh().address(),
                NativeBackend.address(in.h0()),
                NativeBackend.address(in.c0()),
                NativeBackend.address(in.lengths()),
                y.address(),
                gates.address(),
                cells.address(),
                NativeBackend.address(dy),
                NativeBackend.address(dhn),
                NativeBackend.address(dcn),
                NativeBackend.address(out.x()),
                NativeBackend.address(out.weightIh()),
                NativeBackend.address(out.weightHh()),
                NativeBackend.address(out.biasIh()),
                NativeBackend.address(out.biasHh()),
                NativeBackend.address(out.h0()),
                NativeBackend.address(out.c0()),
                in.steps(),
                in.batch(),
                in.inputs(),
                in.hidden(),
                in.reverse() ? 1 : 0,
                out.accumulate());

        NativeBackend.check(status, in, y, gates, cells, dy, dhn, dcn, out);
    }
}
