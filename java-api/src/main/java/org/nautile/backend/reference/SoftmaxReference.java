package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.SoftmaxKernel;

final class SoftmaxReference implements SoftmaxKernel {
    @Override
    public void forward(Tensor x, Tensor y) {
        double[] in = Values.read(x);
        double[] out = new double[in.length];
        int cols = (int) x.shape().dim(1);
        for (int row = 0; row < in.length; row += cols) {
            double max = Double.NEGATIVE_INFINITY;
            for (int i = row; i < row + cols; i++) {
                max = Math.max(max, in[i]);
            }
            double sum = 0;
            for (int i = row; i < row + cols; i++) {
                sum += Math.exp(in[i] - max);
            }
            for (int i = row; i < row + cols; i++) {
                out[i] = Math.exp(in[i] - max) / sum;
            }
        }
        Values.write(out, y);
    }

    @Override
    public void backward(Tensor y, Tensor dy, Tensor dx, boolean accumulate) {
        double[] result = Values.read(y);
        double[] upstream = Values.read(dy);
        double[] gradient = new double[result.length];
        int cols = (int) y.shape().dim(1);
        for (int row = 0; row < result.length; row += cols) {
            double dot = 0;
            for (int i = row; i < row + cols; i++) {
                dot += result[i] * upstream[i];
            }
            for (int i = row; i < row + cols; i++) {
                gradient[i] = result[i] * (upstream[i] - dot);
            }
        }
        Values.write(gradient, dx, accumulate);
    }
}
