package org.nautile.backend.reference;

import static org.nautile.backend.reference.ActivationReference.sigmoid;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.GruKernel;
import org.nautile.backend.RecurrentGradients;
import org.nautile.backend.RecurrentInputs;

final class GruReference implements GruKernel {
    private static final class Units extends RecurrentUnits {
        Units(RecurrentInputs in) {
            super(in, 3, "gru");
        }

        @Override
        void forward(Unit u) {
            double r = sigmoid(u.inputShare[0] + u.stateShare[0]);
            double z = sigmoid(u.inputShare[1] + u.stateShare[1]);
            double n = Math.tanh(u.inputShare[2] + r * u.stateShare[2]);
            u.h = (1 - z) * n + z * u.hBefore;
        }

        @Override
        void backward(Unit u) {
            double r = sigmoid(u.inputShare[0] + u.stateShare[0]);
            double z = sigmoid(u.inputShare[1] + u.stateShare[1]);
            double n = Math.tanh(u.inputShare[2] + r * u.stateShare[2]);
            double dn = u.dh * (1 - z) * (1 - n * n);
            u.dInputShare[0] = dn * u.stateShare[2] * r * (1 - r);
            u.dInputShare[1] = u.dh * (u.hBefore - n) * z * (1 - z);
            u.dInputShare[2] = dn;
            System.arraycopy(u.dInputShare, 0, u.dStateShare, 0, 2);
            u.dStateShare[2] = dn * r;
            u.dhBefore = u.dh * z;
        }
    }

    @Override
    public void forward(RecurrentInputs in, @Nullable Tensor y, Tensor hn, @Nullable Tensor gates) {
        new Units(in).forward(y, hn, null);
    }

    @Override
    public void backward(
            RecurrentInputs in,
            Tensor y,
            Tensor gates,
            @Nullable Tensor dy,
            @Nullable Tensor dhn,
            RecurrentGradients out) {
        new Units(in).backward(dy, dhn, null, out);
    }
}
