package org.nautile.backend.reference;

import org.nautile.Tensor;
import org.nautile.backend.GatherKernel;

final class GatherReference implements GatherKernel {
    @Override
    public void forward(Tensor x, Tensor index, Tensor y) {
        double[] values = Values.read(x);
        long[] indices = index.toLongArray();
        long n = x.shape().dim(1);
        double[] result = new double[indices.length];
        for (int e = 0; e < result.length; e++) {
            if (indices[e] < 0 || indices[e] >= n) {
                throw new IllegalArgumentException(
                        "gather: index[" + e + "] is " + indices[e] + ", the axis of x has " + n + " elements");
            }
            result[e] = values[source(x, index, e, indices[e])];
        }
        Values.write(result, y);
    }

    @Override
    public void backward(Tensor index, Tensor dy, Tensor dx, boolean accumulate) {
        double[] upstream = Values.read(dy);
        long[] indices = index.toLongArray();
        double[] gradient = new double[(int) dx.size()];
        for (int e = 0; e < upstream.length; e++) {
            gradient[source(dx, index, e, indices[e])] += upstream[e];
        }
        Values.write(gradient, dx, accumulate);
    }

    /** The place in x of what element e of the result is taken from. */
    private static int source(Tensor x, Tensor index, int e, long k) {
        long inner = x.shape().dim(2);
        long outer = e / (index.shape().dim(1) * inner);
        return (int) ((outer * x.shape().dim(1) + k) * inner + e % inner);
    }
}
