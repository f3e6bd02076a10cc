package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.LogSoftmaxKernel;

final class LogSoftmaxReference implements LogSoftmaxKernel {
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
                out[i] = in[i] - max - Math.log(sum);
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
            double total = 0;
            for (int i = row; i < row + cols; i++) {
                total += upstream[i];
            }
            for (int i = row; i < row + cols; i++) {
                gradient[i] = upstream[i] - Math.exp(result[i]) * total;
            }
        }
        Values.write(gradient, dx, accumulate);
    }
}
