package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.AvgPool2dKernel;
import org.nautile.backend.Window;

final class AvgPool2dReference implements AvgPool2dKernel {
    @Override
    public void forward(Tensor x, Tensor y, Window rows, Window cols, boolean countPadding, long divisor) {
        double[] in = Values.read(x);
        double[] out = new double[Math.toIntExact(y.size())];
        Planes planes = new Planes(x, y);
        planes.forEachWindow((plane, p, q, o) -> {
            for (int k = 0; k < rows.kernel(); k++) {
                for (int l = 0; l < cols.kernel(); l++) {
                    int i = planes.at(plane, rows.position(p, k), cols.position(q, l));
                    out[o] += i < 0 ? 0 : in[i];
                }
            }
            out[o] /= divisor(x, rows, p, cols, q, countPadding, divisor);
        });
        Values.write(out, y);
    }

    @Override
    public void backward(
            Tensor dy, Tensor dx, Window rows, Window cols, boolean countPadding, long divisor, boolean accumulate) {
        double[] upstream = Values.read(dy);
        double[] gradient = new double[Math.toIntExact(dx.size())];
        Planes planes = new Planes(dx, dy);
        planes.forEachWindow((plane, p, q, o) -> {
            double share = upstream[o] / divisor(dx, rows, p, cols, q, countPadding, divisor);
            for (int k = 0; k < rows.kernel(); k++) {
                for (int l = 0; l < cols.kernel(); l++) {
                    int i = planes.at(plane, rows.position(p, k), cols.position(q, l));
                    if (i >= 0) {
                        gradient[i] += share;
                    }
                }
            }
        });
        Values.write(gradient, dx, accumulate);
    }

    private static double divisor(
            Tensor pictures, Window rows, int p, Window cols, int q, boolean countPadding, long divisor) {
        return divisor != 0
                ? divisor
                : places(rows, p, pictures.shape().dim(2), countPadding)
                        * places(cols, q, pictures.shape().dim(3), countPadding);
    }

    /** The places of a window that are in the picture, or also those in the padding. */
    private static double places(Window window, int o, long size, boolean countPadding) {
        int margin = countPadding ? window.padding() : 0;
        int places = 0;
        for (int k = 0; k < window.kernel(); k++) {
            int position = window.position(o, k);
            places += position >= -margin && position < size + margin ? 1 : 0;
        }
        return places;
    }
}
