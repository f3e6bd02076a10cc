package org.nautile.backend.reference;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.Conv2dKernel;

final class Conv2dReference implements Conv2dKernel {
    /** A product of the sum that a convolution is, by the places of its elements, row by row. */
    @FunctionalInterface
    private interface Term {
        void add(int x, int weight, int y);
    }

    @Override
    public void forward(Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y, Geometry geometry, boolean relu) {
        double[] in = Values.read(x);
        double[] w = Values.read(weight);
        double[] out = new double[Math.toIntExact(y.size())];
        if (bias != null) {
            addBias(Values.read(bias), out, y.shape());
        }
        each(x.shape(), weight.shape(), y.shape(), geometry, (i, j, o) -> out[o] += in[i] * w[j]);
        for (int i = 0; relu && i < out.length; i++) {
            out[i] = Math.max(out[i], 0);
        }
        Values.write(out, y);
    }

    @Override
    public void backward(
            @Nullable Tensor x,
            @Nullable Tensor weight,
            @Nullable Tensor y,
            Tensor dy,
            @Nullable Tensor bias,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            Geometry geometry,
            boolean... accumulate) {
        double[] g = Values.read(dy);
        if (y != null) {
            double[] result = Values.read(y);
            for (int i = 0; i < g.length; i++) {
                g[i] = result[i] > 0 ? g[i] : 0;
            }
        }
        if (dx != null) {
            Tensor known = Objects.requireNonNull(weight);
            double[] w = Values.read(known);
            double[] out = new double[Math.toIntExact(dx.size())];
            if (bias != null) {
                addBias(Values.read(bias), out, dx.shape());
            }
            each(dx.shape(), known.shape(), dy.shape(), geometry, (i, j, o) -> out[i] += g[o] * w[j]);
            Values.write(out, dx, accumulate[0]);
        }
        if (dweight != null) {
            Tensor known = Objects.requireNonNull(x);
            double[] in = Values.read(known);
            double[] out = new double[Math.toIntExact(dweight.size())];
            each(known.shape(), dweight.shape(), dy.shape(), geometry, (i, j, o) -> out[j] += g[o] * in[i]);
            Values.write(out, dweight, accumulate[1]);
        }
        if (dbias != null) {
            double[] out = new double[Math.toIntExact(dbias.size())];
            int pixels = Math.toIntExact(dy.shape().dim(2) * dy.shape().dim(3));
            for (int i = 0; i < g.length; i++) {
                out[i / pixels % out.length] += g[i];
            }
            Values.write(out, dbias, accumulate[2]);
        }
    }

    private static void addBias(double[] bias, double[] out, Shape shape) {
        int pixels = Math.toIntExact(shape.dim(2) * shape.dim(3));
        for (int i = 0; i < out.length; i++) {
            out[i] += bias[i / pixels % bias.length];
        }
    }

    /** Visits every product, those of one result or of one weight in a fixed order. */
    private static void each(Shape x, Shape weight, Shape y, Geometry geometry, Term term) {
        int channels = (int) weight.dim(1); // of a group
        int rows = (int) weight.dim(2);
        int cols = (int) weight.dim(3);
        int outs = (int) y.dim(1);
        int o = 0;
        for (int image = 0; image < y.dim(0); image++) {
            for (int k = 0; k < outs; k++) {
                int first = k / (outs / geometry.groups()) * channels;
                for (int p = 0; p < y.dim(2); p++) {
                    for (int q = 0; q < y.dim(3); q++, o++) {
                        for (int c = 0; c < channels; c++) {
                            int plane = (int) ((image * x.dim(1) + first + c) * x.dim(2));
                            for (int r = 0; r < rows; r++) {
                                int row = p * geometry.strideH() - geometry.paddingH() + r * geometry.dilationH();
                                if (row < 0 || row >= x.dim(2)) {
                                    continue;
                                }
                                for (int s = 0; s < cols; s++) {
                                    int col = q * geometry.strideW() - geometry.paddingW() + s * geometry.dilationW();
                                    if (col >= 0 && col < x.dim(3)) {
                                        int i = (int) ((plane + row) * x.dim(3)) + col;
                                        term.add(i, ((k * channels + c) * rows + r) * cols + s, o);
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
