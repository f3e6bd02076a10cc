package org.nautile.models.projection;

import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.op.BinaryOp;
import org.nautile.op.MatmulOp;
import org.nautile.op.ReduceOp;

/**
 * Principal components: the directions in which points differ most. The covariance and its powers are matrix products on the
 * points' device; orthogonal iteration (Golub and Van Loan, "Matrix Computations", 7.3.2) finds its first eigenvectors.
 *
 * @param mean the mean of the points, [D]
 * @param components one in each row, orthonormal, the largest variance first; of each, the entry that is largest in magnitude
 *     is positive
 * @param variances along each component
 * @param total the sum of the variances of all D directions
 */
public record Pca(float[] mean, double[][] components, double[] variances, double total) {
    private static final int SPARE = 8; // further vectors, so that the last of those wanted converges sooner
    private static final int MOST_ROUNDS = 500;
    private static final double ENOUGH = 1e-7;

    /**
     * Finds the first components.
     *
     * @param points [N, D], N >= 2, float32
     * @param count the number of components, from 1 to D
     * @param seed of the vectors the iteration starts with
     * @return the components
     */
    public static Pca of(Tensor points, int count, long seed) {
        Shape shape = points.shape();
        if (shape.rank() != 2 || shape.dim(0) < 2 || count < 1 || count > shape.dim(1)) {
            throw new ShapeException("Pca: " + count + " components of points " + shape);
        }
        int size = (int) shape.dim(1);
        int width = Math.min(size, count + SPARE);
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor mean = Autograd.apply(ReduceOp.along(ReduceKernel.Function.MEAN, 0), points);
            Tensor centred = Autograd.apply(new BinaryOp(BinaryKernel.Function.SUB), points, mean);
            Tensor products = Autograd.apply(new MatmulOp(true, false), centred, centred);
            Tensor scale = Tensor.full(points.device(), points.dtype(), Shape.of(), 1.0 / (shape.dim(0) - 1));
            Tensor covariance = Autograd.apply(new BinaryOp(BinaryKernel.Function.MUL), products, scale);

            double[][] vectors = new double[width][size];
            Generator random = new Generator(seed, 0);
            for (double[] vector : vectors) {
                for (int i = 0; i < size; i++) {
                    vector[i] = random.nextGaussian();
                }
            }
            orthonormalize(vectors);
            double[] lengths = new double[width];
            for (int round = 0; round < MOST_ROUNDS; round++) {
                double[][] next = times(covariance, vectors);
                lengths = orthonormalize(next);
                double change = 0;
                for (int k = 0; k < count; k++) {
                    change = Math.max(change, 1 - Math.abs(dot(next[k], vectors[k])));
                }
                vectors = next;
                if (change < ENOUGH * ENOUGH) {
                    break;
                }
            }
            double[][] components = new double[count][];
            double[] variances = new double[count];
            for (int k = 0; k < count; k++) {
                components[k] = towardsPositive(vectors[k]);
                variances[k] = lengths[k];
            }
            double total = 0;
            float[] entries = covariance.toFloatArray();
            for (int i = 0; i < size; i++) {
                total += entries[i * size + i];
            }
            return new Pca(mean.toFloatArray(), components, variances, total);
        }
    }

    /** The covariance times each vector. */
    private static double[][] times(Tensor covariance, double[]... vectors) {
        int size = vectors[0].length;
        float[] rows = new float[vectors.length * size];
        for (int k = 0; k < vectors.length; k++) {
            for (int i = 0; i < size; i++) {
                rows[k * size + i] = (float) vectors[k][i];
            }
        }
        try (Scope scope = new Scope()) {
            Tensor left = Tensor.of(covariance.device(), rows, Shape.of(vectors.length, size));
            float[] products = Autograd.apply(new MatmulOp(), left, covariance).toFloatArray();
            double[][] result = new double[vectors.length][size];
            for (int k = 0; k < vectors.length; k++) {
                for (int i = 0; i < size; i++) {
                    result[k][i] = products[k * size + i];
                }
            }
            return result;
        }
    }

    /** Gram and Schmidt's way, twice over; the lengths of what was left of each vector. */
    private static double[] orthonormalize(double[]... vectors) {
        double[] lengths = new double[vectors.length];
        for (int k = 0; k < vectors.length; k++) {
            for (int pass = 0; pass < 2; pass++) { // the second removes what rounding left in the first
                for (int j = 0; j < k; j++) {
                    double along = dot(vectors[j], vectors[k]);
                    for (int i = 0; i < vectors[k].length; i++) {
                        vectors[k][i] -= along * vectors[j][i];
                    }
                }
            }
            lengths[k] = Math.sqrt(dot(vectors[k], vectors[k]));
            for (int i = 0; i < vectors[k].length; i++) {
                vectors[k][i] /= Math.max(lengths[k], Double.MIN_NORMAL); // no variance is left: any direction will do
            }
        }
        return lengths;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[] towardsPositive(double[] vector) {
        double largest = 0;
        for (double entry : vector) {
            largest = Math.abs(entry) > Math.abs(largest) ? entry : largest;
        }
        double[] turned = vector.clone();
        for (int i = 0; i < turned.length; i++) {
            turned[i] *= largest < 0 ? -1 : 1;
        }
        return turned;
    }

    /**
     * Points in the directions of the components.
     *
     * @param points [N, D]
     * @return [N, components], owned by the innermost open scope
     */
    public Tensor project(Tensor points) {
        int size = mean.length;
        float[] rows = new float[components.length * size];
        for (int k = 0; k < components.length; k++) {
            for (int i = 0; i < size; i++) {
                rows[k * size + i] = (float) components[k][i];
            }
        }
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor centre = Tensor.of(points.device(), mean, Shape.of(size));
            Tensor centred = Autograd.apply(new BinaryOp(BinaryKernel.Function.SUB), points, centre);
            Tensor directions = Tensor.of(points.device(), rows, Shape.of(components.length, size));
            return scope.keep(Autograd.apply(new MatmulOp(false, true), centred, directions));
        }
    }
}
