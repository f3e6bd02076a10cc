package org.nautile.models.metrics;

/**
 * How far two sets of points lie from each other if each is taken for a normal distribution: {@code |m1 - m2|^2 + tr(C1 + C2 - 2
 * (C1 C2)^(1/2))} with means m and covariances C. Of features that a network finds in images, it says how like the images are;
 * Heusel et al. 2017, arXiv:1706.08500.
 */
public final class FrechetDistance {
    private static final int SWEEPS = 60; // Jacobi's method needs about ten

    private FrechetDistance() {}

    /**
     * The distance.
     *
     * @param first points of one length, at least two
     * @param second points of the same length, at least two
     * @return {@code >= 0}, but for rounding errors
     */
    public static double of(float[][] first, float[][] second) {
        double[] firstMean = mean(first);
        double[] secondMean = mean(second);
        double[][] firstCovariance = covariance(first, firstMean);
        double[][] secondCovariance = covariance(second, secondMean);
        double distance = 0;
        for (int i = 0; i < firstMean.length; i++) {
            double difference = firstMean[i] - secondMean[i];
            distance += difference * difference + firstCovariance[i][i] + secondCovariance[i][i];
        }
        // C1 C2 has the eigenvalues of the symmetric matrix R C2 R, where R is the square root of C1
        double[][] root = squareRoot(firstCovariance);
        double[][] product = product(root, product(secondCovariance, root));
        eigenvectors(product);
        for (int i = 0; i < product.length; i++) {
            distance -= 2 * Math.sqrt(Math.max(0, product[i][i]));
        }
        return distance;
    }

    private static double[] mean(float[][] points) {
        if (points.length < 2) {
            throw new IllegalArgumentException("a distribution of " + points.length + " points; at least 2 are needed");
        }
        double[] mean = new double[points[0].length];
        for (float[] point : points) {
            if (point.length != mean.length) {
                throw new IllegalArgumentException("points of " + mean.length + " and " + point.length + " numbers");
            }
            for (int i = 0; i < mean.length; i++) {
                mean[i] += (double) point[i] / points.length;
            }
        }
        return mean;
    }

    private static double[][] covariance(float[][] points, double... mean) {
        int size = mean.length;
        double[][] covariance = new double[size][size];
        double[] centred = new double[size];
        for (float[] point : points) {
            for (int i = 0; i < size; i++) {
                centred[i] = point[i] - mean[i];
                for (int j = 0; j <= i; j++) {
                    covariance[i][j] += centred[i] * centred[j] / (points.length - 1);
                }
            }
        }
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < i; j++) {
                covariance[j][i] = covariance[i][j];
            }
        }
        return covariance;
    }

    private static double[][] product(double[][] a, double[][] b) {
        int size = a.length;
        double[][] product = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int k = 0; k < size; k++) {
                for (int j = 0; j < size; j++) {
                    product[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return product;
    }

    /** The square root of a symmetric matrix without negative eigenvalues, which is overwritten. */
    private static double[][] squareRoot(double[][] matrix) {
        int size = matrix.length;
        double[][] vectors = eigenvectors(matrix);
        double[][] root = new double[size][size];
        for (int k = 0; k < size; k++) {
            double value = Math.sqrt(Math.max(0, matrix[k][k]));
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    root[i][j] += value * vectors[i][k] * vectors[j][k];
                }
            }
        }
        return root;
    }

    /**
     * The eigenvectors of a symmetric matrix, as columns; the matrix becomes diagonal, its eigenvalues. Jacobi's method: rotations,
     * each of which makes one pair of elements 0 (Golub and Van Loan, Matrix Computations, section 8.5).
     */
    private static double[][] eigenvectors(double[][] matrix) {
        int size = matrix.length;
        double[][] vectors = new double[size][size];
        for (int i = 0; i < size; i++) {
            vectors[i][i] = 1;
        }
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            double off = 0;
            double all = 0;
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    double square = matrix[i][j] * matrix[i][j];
                    all += square;
                    off += i == j ? 0 : square;
                }
            }
            if (off <= 1e-26 * all) {
                return vectors;
            }
            for (int p = 0; p < size; p++) {
                for (int q = p + 1; q < size; q++) {
                    if (matrix[p][q] != 0) {
                        rotate(matrix, vectors, p, q);
                    }
                }
            }
        }
        throw new IllegalArgumentException("no eigenvalues found: the points are not finite");
    }

    private static void rotate(double[][] matrix, double[][] vectors, int p, int q) {
        double theta = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q]);
        double tangent = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(1, theta));
        double cosine = 1 / Math.hypot(1, tangent);
        double sine = cosine * tangent;
        for (double[] row : matrix) {
            double left = row[p];
            row[p] = cosine * left - sine * row[q];
            row[q] = sine * left + cosine * row[q];
        }
        for (int j = 0; j < matrix.length; j++) {
            double upper = matrix[p][j];
            matrix[p][j] = cosine * upper - sine * matrix[q][j];
            matrix[q][j] = sine * upper + cosine * matrix[q][j];
        }
        for (double[] row : vectors) {
            double left = row[p];
            row[p] = cosine * left - sine * row[q];
            row[q] = sine * left + cosine * row[q];
        }
    }
}
