package org.nautile.backend.reference;

import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.AttentionKernel;

/** One query at a time, with all its weights. */
final class AttentionReference implements AttentionKernel {
    /** The elements of all inputs, row by row, and which keys a query sees. */
    private static final class Inputs {
        final double[] q;
        final double[] k;
        final double[] v;
        private final double @Nullable [] mask;
        private final double scale;
        private final boolean causal;
        final int heads; // of all batches
        final int queries;
        final int keys;
        final int depth;
        final int width;
        private final int headsOfOne;

        Inputs(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double scale, boolean causal) {
            this.q = Values.read(q);
            this.k = Values.read(k);
            this.v = Values.read(v);
            this.mask = mask == null ? null : Values.read(mask);
            this.scale = scale;
            this.causal = causal;
            Shape shape = q.shape();
            heads = (int) (shape.dim(0) * shape.dim(1));
            headsOfOne = (int) shape.dim(1);
            queries = (int) shape.dim(2);
            depth = (int) shape.dim(3);
            keys = (int) v.shape().dim(2);
            width = (int) v.shape().dim(3);
        }

        /** The largest score of a query, and one over the sum of its weights; both 0 if it sees no key. */
        double[] norms(double... scores) {
            double largest = Double.NEGATIVE_INFINITY;
            for (double score : scores) {
                largest = Math.max(largest, score);
            }
            if (largest == Double.NEGATIVE_INFINITY) {
                return new double[2];
            }
            double sum = 0;
            for (double score : scores) {
                sum += Math.exp(score - largest);
            }
            return new double[] {largest, 1 / sum};
        }

        /** The scores of a query; -infinity for keys that it does not see. */
        double[] scores(int head, int query) {
            double[] scores = new double[keys];
            for (int j = 0; j < keys; j++) {
                boolean hidden = (causal && j > query) || (mask != null && mask[head / headsOfOne * keys + j] == 0);
                scores[j] = hidden
                        ? Double.NEGATIVE_INFINITY
                        : scale * dot(q, (head * queries + query) * depth, k, (head * keys + j) * depth, depth);
            }
            return scores;
        }
    }

    @Override
    public void forward(
            Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, Tensor y, Tensor norms, double scale, boolean causal) {
        Inputs in = new Inputs(q, k, v, mask, scale, causal);
        double[] out = new double[(int) y.size()];
        double[] kept = new double[(int) norms.size()];
        for (int row = 0; row < in.heads * in.queries; row++) {
            int head = row / in.queries;
            double[] scores = in.scores(head, row % in.queries);
            double[] norm = in.norms(scores);
            kept[2 * row] = norm[0];
            kept[2 * row + 1] = norm[1];
            for (int j = 0; j < in.keys; j++) {
                double weight = Math.exp(scores[j] - norm[0]) * norm[1];
                add(out, row * in.width, weight, in.v, (head * in.keys + j) * in.width, in.width, scores[j]);
            }
        }
        Values.write(out, y);
        Values.write(kept, norms);
    }

    @Override
    public void backward(
            Tensor q,
            Tensor k,
            Tensor v,
            @Nullable Tensor mask,
            Tensor y,
            Tensor norms,
            Tensor dy,
            @Nullable Tensor dq,
            @Nullable Tensor dk,
            @Nullable Tensor dv,
            double scale,
            boolean causal,
            boolean... accumulate) {
        Inputs in = new Inputs(q, k, v, mask, scale, causal);
        double[] kept = Values.read(norms);
        double[] result = Values.read(y);
        double[] upstream = Values.read(dy);
        double[] byQ = new double[in.q.length];
        double[] byK = new double[in.k.length];
        double[] byV = new double[in.v.length];
        for (int row = 0; row < in.heads * in.queries; row++) {
            int head = row / in.queries;
            double[] scores = in.scores(head, row % in.queries);
            int at = row * in.width;
            double mean = dot(upstream, at, result, at, in.width);
            for (int j = 0; j < in.keys; j++) {
                int key = head * in.keys + j;
                double weight = Math.exp(scores[j] - kept[2 * row]) * kept[2 * row + 1];
                double g = scale * weight * (dot(upstream, at, in.v, key * in.width, in.width) - mean);
                add(byV, key * in.width, weight, upstream, at, in.width, scores[j]);
                add(byQ, row * in.depth, g, in.k, key * in.depth, in.depth, scores[j]);
                add(byK, key * in.depth, g, in.q, row * in.depth, in.depth, scores[j]);
            }
        }
        write(byQ, dq, accumulate[0]);
        write(byK, dk, accumulate[1]);
        write(byV, dv, accumulate[2]);
    }

    private static void write(double[] values, @Nullable Tensor to, boolean accumulate) {
        if (to != null) {
            Values.write(values, to, accumulate);
        }
    }

    private static double dot(double[] a, int aStart, double[] b, int bStart, int size) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += a[aStart + i] * b[bStart + i];
        }
        return sum;
    }

    /** to += factor * from, for a key that is seen. */
    private static void add(
            double[] to, int toStart, double factor, double[] from, int fromStart, int size, double score) {
        for (int i = 0; i < size && score != Double.NEGATIVE_INFINITY; i++) {
            to[toStart + i] += factor * from[fromStart + i];
        }
    }
}
