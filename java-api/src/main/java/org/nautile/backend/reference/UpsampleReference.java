package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.UpsampleKernel;

final class UpsampleReference implements UpsampleKernel {
    @Override
    public void forward(Tensor x, Tensor y, Mode mode, float stepH, float stepW) {
        double[] in = Values.read(x);
        double[] out = new double[Math.toIntExact(y.size())];
        forEachTap(x, y, mode, stepH, stepW, (i, o, weight) -> out[o] += weight * in[i]);
        Values.write(out, y);
    }

    @Override
    public void backward(Tensor dy, Tensor dx, Mode mode, float stepH, float stepW, boolean accumulate) {
        double[] upstream = Values.read(dy);
        double[] gradient = new double[Math.toIntExact(dx.size())];
        forEachTap(dx, dy, mode, stepH, stepW, (i, o, weight) -> gradient[i] += weight * upstream[o]);
        Values.write(gradient, dx, accumulate);
    }

    /** What is done for each pixel of a result and each pixel that it is made of. */
    private interface Tap {
        void run(int pixel, int result, double weight);
    }

    private static void forEachTap(Tensor pictures, Tensor results, Mode mode, float stepH, float stepW, Tap tap) {
        Planes planes = new Planes(pictures, results);
        int lastRow = (int) pictures.shape().dim(2) - 1;
        int lastCol = (int) pictures.shape().dim(3) - 1;
        planes.forEachWindow((plane, row, col, o) -> {
            double h = position(row, stepH, lastRow, mode);
            double w = position(col, stepW, lastCol, mode);
            if (mode == Mode.NEAREST) {
                tap.run(planes.at(plane, (int) h, (int) w), o, 1);
                return;
            }
            for (int down = 0; down < 2; down++) {
                for (int right = 0; right < 2; right++) {
                    int i = Math.min((int) h + down, lastRow);
                    int j = Math.min((int) w + right, lastCol);
                    double weight = Math.abs(1 - down - h % 1) * Math.abs(1 - right - w % 1);
                    tap.run(planes.at(plane, i, j), o, weight);
                }
            }
        });
    }

    /** The position in the picture, between 0 and the last. */
    private static double position(int o, float step, int last, Mode mode) {
        double position = switch (mode) {
            case NEAREST -> Math.floor(o * step); // in float32, as PyTorch rounds it
            case BILINEAR -> (o + 0.5) * step - 0.5;
            case BILINEAR_ALIGNED -> (double) o * step;
        };
        return Math.min(Math.max(position, 0), last);
    }
}
