package org.nautile.models.expressivity;

/** Linear least squares with a small ridge, by Householder's reflections. */
final class LeastSquares {
    /** Of the longest column: what is below it is taken for rounding errors. */
    private static final double RIDGE = 1e-10;

    private LeastSquares() {}

    /**
     * The c with the least |Mc - y|, nearly: where columns depend on each other, a short one.
     *
     * @param matrix M by column, each as long as y; finite
     * @param y the right side
     */
    static double[] solve(double[][] matrix, double... y) {
        int columns = matrix.length;
        int rows = y.length;
        double longest = 0;
        for (double[] column : matrix) {
            longest = Math.max(longest, Math.sqrt(dot(column, column, 0, rows)));
        }
        double[][] m = new double[columns][rows + columns]; // below M stands the ridge
        double[] right = new double[rows + columns];
        System.arraycopy(y, 0, right, 0, rows);
        for (int c = 0; c < columns; c++) {
            System.arraycopy(matrix[c], 0, m[c], 0, rows);
            m[c][rows + c] = longest == 0 ? 1 : RIDGE * longest;
        }
        double[] diagonal = new double[columns];
        for (int c = 0; c < columns; c++) {
            double[] v = m[c]; // becomes the vector of the reflection; what is above its row c is R
            double norm = Math.sqrt(dot(v, v, c, v.length));
            diagonal[c] = v[c] > 0 ? -norm : norm;
            v[c] -= diagonal[c];
            double square = dot(v, v, c, v.length);
            for (int other = c + 1; other < columns; other++) {
                reflect(v, c, square, m[other]);
            }
            reflect(v, c, square, right);
        }
        double[] solution = new double[columns];
        for (int r = columns - 1; r >= 0; r--) {
            double sum = right[r];
            for (int c = r + 1; c < columns; c++) {
                sum -= m[c][r] * solution[c];
            }
            solution[r] = sum / diagonal[r];
        }
        return solution;
    }

    private static void reflect(double[] v, int from, double square, double[] x) {
        double factor = 2 * dot(v, x, from, v.length) / square;
        for (int i = from; i < v.length; i++) {
            x[i] -= factor * v[i];
        }
    }

    private static double dot(double[] a, double[] b, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
