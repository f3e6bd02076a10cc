package org.nautile.backend.reference;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;
import org.nautile.backend.MaxPool2dKernel;
import org.nautile.backend.Window;

final class MaxPool2dReference implements MaxPool2dKernel {
    @Override
    public void forward(Tensor x, Tensor y, @Nullable Tensor places, Window rows, Window cols) {
        double[] in = Values.read(x);
        double[] out = new double[Math.toIntExact(y.size())];
        double[] taken = new double[out.length];
        Planes planes = new Planes(x, y);
        planes.forEachWindow((plane, p, q, o) -> {
            double best = Double.NEGATIVE_INFINITY;
            int place = -1;
            for (int k = 0; k < rows.kernel(); k++) {
                for (int l = 0; l < cols.kernel(); l++) {
                    int i = planes.at(plane, rows.position(p, k), cols.position(q, l));
                    if (i >= 0 && (place < 0 || in[i] > best || Double.isNaN(in[i]))) {
                        best = in[i];
                        place = k * cols.kernel() + l;
                    }
                }
            }
            out[o] = best;
            taken[o] = place;
        });
        Values.write(out, y);
        if (places != null) {
            Values.write(taken, places);
        }
    }

    @Override
    public void backward(Tensor places, Tensor dy, Tensor dx, Window rows, Window cols, boolean accumulate) {
        double[] taken = Values.read(places);
        double[] upstream = Values.read(dy);
        double[] gradient = new double[Math.toIntExact(dx.size())];
        Planes planes = new Planes(dx, dy);
        planes.forEachWindow((plane, p, q, o) -> {
            int place = (int) taken[o];
            int i = planes.at(plane, rows.position(p, place / cols.kernel()), cols.position(q, place % cols.kernel()));
            if (i >= 0) {
                gradient[i] += upstream[o];
            }
        });
        Values.write(gradient, dx, accumulate);
    }
}
