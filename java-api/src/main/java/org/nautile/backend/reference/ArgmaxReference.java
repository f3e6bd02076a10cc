package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.ArgmaxKernel;

final class ArgmaxReference implements ArgmaxKernel {
    @Override
    public void forward(Tensor x, Tensor y) {
        double[] in = Values.read(x);
        int n = (int) x.shape().dim(1);
        int inner = (int) x.shape().dim(2);
        double[] out = new double[(int) y.size()];
        for (int r = 0; r < out.length; r++) {
            int first = r / inner * n * inner + r % inner;
            int best = 0;
            for (int j = 1; j < n && !Double.isNaN(in[first + best * inner]); j++) {
                double element = in[first + j * inner];
                if (element > in[first + best * inner] || Double.isNaN(element)) {
                    best = j;
                }
            }
            out[r] = best;
        }
        Values.write(out, y);
    }
}
