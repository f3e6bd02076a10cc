package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.ReduceKernel;

final class ReduceReference implements ReduceKernel {
    @Override
    public void forward(Tensor x, Tensor y, Function function, boolean accumulate) {
        double[] in = Values.read(x);
        int n = (int) x.shape().dim(1);
        int inner = (int) x.shape().dim(2);
        double[] out = new double[(int) y.size()];
        for (int r = 0; r < out.length; r++) {
            int first = r / inner * n * inner + r % inner;
            double value = function == Function.SUM || function == Function.MEAN ? 0 : in[first];
            for (int j = 0; j < n; j++) {
                double element = in[first + j * inner];
                value = switch (function) {
                    case SUM, MEAN -> value + element;
                    case MAX -> Math.max(value, element); // keeps NaN
                    case MIN -> Math.min(value, element);
                };
            }
            out[r] = function == Function.MEAN ? value / n : value;
        }
        Values.write(out, y, accumulate);
    }

    @Override
    public void backward(Tensor x, Tensor y, Tensor dy, Tensor dx, Function function, boolean accumulate) {
        double[] in = Values.read(x);
        double[] best = Values.read(y);
        double[] upstream = Values.read(dy);
        double[] gradient = new double[in.length];
        int n = (int) x.shape().dim(1);
        int inner = (int) x.shape().dim(2);
        for (int r = 0; r < best.length; r++) {
            int first = r / inner * n * inner + r % inner;
            for (int j = 0; j < n; j++) {
                int i = first + j * inner;
                if (function == Function.SUM) {
                    gradient[i] = upstream[r];
                } else if (function == Function.MEAN) {
                    gradient[i] = upstream[r] / n;
                } else if (in[i] == best[r] || (Double.isNaN(in[i]) && Double.isNaN(best[r]))) {
                    gradient[i] = upstream[r]; // the first that is the extreme
                    break;
                }
            }
        }
        Values.write(gradient, dx, accumulate);
    }
}
