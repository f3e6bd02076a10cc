package org.nautile.backend.reference;

import static org.nautile.backend.reference.ActivationReference.sigmoid;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.LstmKernel;
import org.nautile.backend.RecurrentGradients;
import org.nautile.backend.RecurrentInputs;

final class LstmReference implements LstmKernel {
    private static final class Units extends RecurrentUnits {
        Units(RecurrentInputs in) {
            super(in, 4, "lstm");
        }

        @Override
        void forward(Unit u) {
            double i = sigmoid(u.inputShare[0] + u.stateShare[0]);
            double f = sigmoid(u.inputShare[1] + u.stateShare[1]);
            double g = Math.tanh(u.inputShare[2] + u.stateShare[2]);
            double o = sigmoid(u.inputShare[3] + u.stateShare[3]);
            u.c = f * u.cBefore + i * g;
            u.h = o * Math.tanh(u.c);
        }

        @Override
        void backward(Unit u) {
            double i = sigmoid(u.inputShare[0] + u.stateShare[0]);
            double f = sigmoid(u.inputShare[1] + u.stateShare[1]);
            double g = Math.tanh(u.inputShare[2] + u.stateShare[2]);
            double o = sigmoid(u.inputShare[3] + u.stateShare[3]);
            double t = Math.tanh(u.c);
            double dc = u.dc + u.dh * o * (1 - t * t);
            u.dInputShare[0] = dc * g * i * (1 - i);
            u.dInputShare[1] = dc * u.cBefore * f * (1 - f);
            u.dInputShare[2] = dc * i * (1 - g * g);
            u.dInputShare[3] = u.dh * t * o * (1 - o);
            System.arraycopy(u.dInputShare, 0, u.dStateShare, 0, 4);
            u.dcBefore = dc * f;
            u.dhBefore = 0;
        }
    }

    @Override
    public void forward(
            RecurrentInputs in,
            @Nullable Tensor y,
            Tensor hn,
            Tensor cn,
            @Nullable Tensor gates,
            @Nullable Tensor cells) {
        new Units(in).forward(y, hn, cn);
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
        new Units(in).backward(dy, dhn, dcn, out);
    }
}
