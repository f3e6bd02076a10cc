package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.MatmulKernel;

final class MatmulReference implements MatmulKernel {
    @Override
    public void forward(Tensor a, Tensor b, Tensor y, boolean accumulate) {
        double[] left = Values.read(a);
        double[] right = Values.read(b);
        int m = (int) a.shape().dim(-2);
        int k = (int) a.shape().dim(-1);
        int n = (int) b.shape().dim(-1);
        double[] out = new double[(int) y.size()];
        int matrices = y.shape().rank() == 3 ? (int) y.shape().dim(0) : 1;
        for (int matrix = 0; matrix < matrices; matrix++) {
            multiply(left, matrix * m * k, right, matrix * k * n, out, matrix * m * n, m, n, k);
        }
        Values.write(out, y, accumulate);
    }

    /** y[i,j] += sum over p of a[i,p] b[p,j], for row-major matrices that start at the given places. */
    static void multiply(double[] a, int aStart, double[] b, int bStart, double[] y, int yStart, int m, int n, int k) {
        for (int i = 0; i < m; i++) {
            for (int p = 0; p < k; p++) {
                double factor = a[aStart + i * k + p];
                for (int j = 0; j < n; j++) {
                    y[yStart + i * n + j] += factor * b[bStart + p * n + j];
                }
            }
        }
    }
}
