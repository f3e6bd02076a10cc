package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.EmbeddingKernel;

final class EmbeddingReference implements EmbeddingKernel {
    @Override
    public void forward(Tensor weight, Tensor index, Tensor y) {
        double[] table = Values.read(weight);
        long[] indices = index.toLongArray();
        int rows = (int) weight.shape().dim(0);
        int cols = (int) weight.shape().dim(1);
        double[] values = new double[indices.length * cols];
        for (int r = 0; r < indices.length; r++) {
            if (indices[r] < 0 || indices[r] >= rows) {
                throw new IllegalArgumentException(
                        "embedding: index[" + r + "] is " + indices[r] + ", weight has " + rows + " rows");
            }
            System.arraycopy(table, (int) indices[r] * cols, values, r * cols, cols);
        }
        Values.write(values, y);
    }

    @Override
    public void backward(Tensor index, Tensor dy, Tensor dweight, long padding, boolean accumulate) {
        long[] indices = index.toLongArray();
        double[] upstream = Values.read(dy);
        int cols = (int) dweight.shape().dim(1);
        double[] gradient = new double[(int) dweight.size()];
        for (int r = 0; r < indices.length; r++) {
            if (indices[r] == padding) {
                continue;
            }
            for (int c = 0; c < cols; c++) {
                gradient[(int) indices[r] * cols + c] += upstream[r * cols + c];
            }
        }
        Values.write(gradient, dweight, accumulate);
    }
}
