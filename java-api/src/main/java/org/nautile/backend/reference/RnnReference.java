package org.nautile.backend.reference;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.RecurrentGradients;
import org.nautile.backend.RecurrentInputs;
import org.nautile.backend.RnnKernel;

final class RnnReference implements RnnKernel {
    private static final class Units extends RecurrentUnits {
        private final Nonlinearity nonlinearity;

        Units(RecurrentInputs in, Nonlinearity nonlinearity) {
            super(in, 1, "rnn");
            this.nonlinearity = nonlinearity;
        }

        @Override
        void forward(Unit u) {
            double sum = u.inputShare[0] + u.stateShare[0];
            u.h = nonlinearity == Nonlinearity.TANH ? Math.tanh(sum) : Math.max(sum, 0);
        }

        @Override
        void backward(Unit u) {
            double slope = nonlinearity == Nonlinearity.TANH ? 1 - u.h * u.h : u.h > 0 ? 1 : 0;
            u.dInputShare[0] = u.dh * slope;
            u.dStateShare[0] = u.dInputShare[0];
            u.dhBefore = 0;
        }
    }

    @Override
    public void forward(RecurrentInputs in, Nonlinearity nonlinearity, @Nullable Tensor y, Tensor hn) {
        new Units(in, nonlinearity).forward(y, hn, null);
    }

    @Override
    public void backward(
            RecurrentInputs in,
            Nonlinearity nonlinearity,
            Tensor y,
            @Nullable Tensor dy,
            @Nullable Tensor dhn,
            RecurrentGradients out) {
        new Units(in, nonlinearity).backward(dy, dhn, null, out);
    }
}
