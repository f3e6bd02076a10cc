package org.nautile.backend.reference;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.LayerNormKernel;

final class LayerNormReference implements LayerNormKernel {
    @Override
    public void forward(Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, Tensor y, Tensor stats, double eps) {
        double[] in = Values.read(x);
        double[] out = new double[in.length];
        int rows = (int) x.shape().dim(0);
        int cols = (int) x.shape().dim(1);
        double[] scale = Values.read(weight, cols, 1);
        double[] shift = Values.read(bias, cols, 0);
        double[] kept = new double[3 * rows];
        for (int r = 0; r < rows; r++) {
            double mean = 0;
            for (int c = 0; c < cols; c++) {
                mean += in[r * cols + c] / cols;
            }
            double variance = 0;
            for (int c = 0; c < cols; c++) {
                variance += (in[r * cols + c] - mean) * (in[r * cols + c] - mean) / cols;
            }
            double rstd = 1 / Math.sqrt(variance + eps);
            for (int c = 0; c < cols; c++) {
                out[r * cols + c] = (in[r * cols + c] - mean) * rstd * scale[c] + shift[c];
            }
            kept[3 * r] = (float) mean;
            kept[3 * r + 1] = mean - (float) mean;
            kept[3 * r + 2] = rstd;
        }
        Values.write(out, y);
        Values.write(kept, stats);
    }

    @Override
    public void backward(
            Tensor x,
            @Nullable Tensor weight,
            Tensor stats,
            Tensor dy,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            boolean... accumulate) {
        double[] in = Values.read(x);
        double[] upstream = Values.read(dy);
        double[] kept = Values.read(stats);
        int rows = (int) x.shape().dim(0);
        int cols = (int) x.shape().dim(1);
        double[] scale = Values.read(weight, cols, 1);
        double[] gradient = new double[in.length];
        double[] scaleGradient = new double[cols];
        double[] shiftGradient = new double[cols];
        for (int r = 0; r < rows; r++) {
            double mean = kept[3 * r] + kept[3 * r + 1];
            double rstd = kept[3 * r + 2];
            double total = 0;
            double products = 0;
            for (int c = 0; c < cols; c++) {
                double dyc = upstream[r * cols + c];
                double normal = (in[r * cols + c] - mean) * rstd;
                total += dyc * scale[c] / cols;
                products += dyc * scale[c] * normal / cols;
                scaleGradient[c] += dyc * normal;
                shiftGradient[c] += dyc;
            }
            for (int c = 0; c < cols; c++) {
                double normal = (in[r * cols + c] - mean) * rstd;
                gradient[r * cols + c] = (upstream[r * cols + c] * scale[c] - total - normal * products) * rstd;
            }
        }
        if (dx != null) {
            Values.write(gradient, dx, accumulate[0]);
        }
        if (dweight != null) {
            Values.write(scaleGradient, dweight, accumulate[1]);
        }
        if (dbias != null) {
            Values.write(shiftGradient, dbias, accumulate[2]);
        }
    }
}
