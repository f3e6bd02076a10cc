package org.nautile.backend.reference;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.LinearKernel;

final class LinearReference implements LinearKernel {
    @Override
    public void forward(Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y) {
        int m = (int) x.shape().dim(0);
        int k = (int) x.shape().dim(1);
        int n = (int) weight.shape().dim(0);
        double[] out = new double[m * n];
        MatmulReference.multiply(Values.read(x), 0, transpose(Values.read(weight), n, k), 0, out, 0, m, n, k);
        if (bias != null) {
            double[] b = Values.read(bias);
            for (int i = 0; i < out.length; i++) {
                out[i] += b[i % n];
            }
        }
        Values.write(out, y);
    }

    @Override
    public void backward(
            Tensor x,
            Tensor weight,
            Tensor dy,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            boolean... accumulate) {
        int m = (int) x.shape().dim(0);
        int k = (int) x.shape().dim(1);
        int n = (int) weight.shape().dim(0);
        double[] g = Values.read(dy);
        if (dx != null) {
            double[] out = new double[m * k];
            MatmulReference.multiply(g, 0, Values.read(weight), 0, out, 0, m, k, n);
            Values.write(out, dx, accumulate[0]);
        }
        if (dweight != null) {
            double[] out = new double[n * k];
            MatmulReference.multiply(transpose(g, m, n), 0, Values.read(x), 0, out, 0, n, k, m);
            Values.write(out, dweight, accumulate[1]);
        }
        if (dbias != null) {
            double[] out = new double[n];
            for (int i = 0; i < g.length; i++) {
                out[i % n] += g[i];
            }
            Values.write(out, dbias, accumulate[2]);
        }
    }

    static double[] transpose(double[] a, int rows, int cols) {
        double[] t = new double[a.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < cols; j++) {
                t[j * rows + i] = a[i * cols + j];
            }
        }
        return t;
    }
}
