package org.nautile.models.projection;

import java.util.Arrays;
import java.util.List;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.op.BinaryOp;
import org.nautile.op.MatmulOp;
import org.nautile.op.Op;
import org.nautile.op.PermuteOp;
import org.nautile.op.ReduceOp;
import org.nautile.op.UnaryOp;

/**
 * t-SNE, exact: places points in the plane so that near ones stay near (van der Maaten and Hinton 2008, "Visualizing data using
 * t-SNE", Journal of Machine Learning Research 9). All that is of N^2 numbers is computed by ops on the points' device.
 *
 * @param perplexity about how many neighbours count, {@code >= 1} and less than a third of the points
 * @param steps of gradient descent; the first quarter of them, 250 at most, with exaggerated nearness
 * @param seed of the places to start from
 */
public record Tsne(double perplexity, int steps, long seed) {
    private static final double EXAGGERATION = 12;
    private static final int MOST_EXAGGERATED = 250;
    private static final double LEAST_RATE = 50;
    private static final double LEAST_GAIN = 0.01;
    private static final double START = 1e-4; // deviation
    private static final int HALVINGS = 60;
    private static final double TINY = 1e-12;

    private static final Op MINUS = new BinaryOp(BinaryKernel.Function.SUB);
    private static final Op PLUS = new BinaryOp(BinaryKernel.Function.ADD);
    private static final Op TIMES = new BinaryOp(BinaryKernel.Function.MUL);
    private static final Op OVER = new BinaryOp(BinaryKernel.Function.DIV);
    private static final Op EXP = new UnaryOp(UnaryKernel.Function.EXP);
    private static final Op RECIPROCAL = new UnaryOp(UnaryKernel.Function.RECIPROCAL);
    private static final Op SQUARE = new UnaryOp(UnaryKernel.Function.SQUARE);
    private static final Op NOT_NEGATIVE = UnaryOp.clamp(0, Double.POSITIVE_INFINITY);
    private static final Op SUM = ReduceOp.all(ReduceKernel.Function.SUM);
    private static final Op ROW_SUMS = new ReduceOp(ReduceKernel.Function.SUM, List.of(1), true); // [N, M] -> [N, 1]
    private static final Op ROW_LEAST = new ReduceOp(ReduceKernel.Function.MIN, List.of(1), true);

    /**
     * Places points.
     *
     * @param points [N, D], float32
     * @return the places, N rows of two numbers
     */
    public double[][] place(Tensor points) {
        if (points.shape().rank() != 2
                || !(perplexity >= 1 && 3 * perplexity < points.shape().dim(0))) {
            throw new ShapeException("Tsne: perplexity " + perplexity + " of points " + points.shape());
        }
        int n = (int) points.shape().dim(0);
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor others = others(points.device(), n);
            return descend(nearness(points, others), others, n);
        }
    }

    private static Tensor number(Device device, double value) {
        return Tensor.of(device, new float[] {(float) value}, Shape.of(1));
    }

    /** 1 between two points, 0 between one and itself: [N, N]. */
    private static Tensor others(Device device, int n) {
        float[] ones = new float[n * n];
        Arrays.fill(ones, 1);
        for (int i = 0; i < n; i++) {
            ones[i * n + i] = 0;
        }
        return Tensor.of(device, ones, Shape.of(n, n));
    }

    /** |x_i|^2 + |x_j|^2 - 2 x_i x_j: [N, N]. */
    private static Tensor squaredDistances(Tensor x) {
        Tensor norms = Autograd.apply(ROW_SUMS, Autograd.apply(SQUARE, x));
        Tensor products = Autograd.apply(new MatmulOp(false, true), x, x);
        Tensor sums =
                Autograd.apply(PLUS, norms, norms.reshape(Shape.of(1, x.shape().dim(0))));
        Tensor twice = Autograd.apply(TIMES, products, number(x.device(), 2));
        return Autograd.apply(NOT_NEGATIVE, Autograd.apply(MINUS, sums, twice));
    }

    /**
     * How near each pair is: the means of p(j|i) and p(i|j), where p(.|i) is normal around point i, as wide as makes its
     * perplexity the one wanted.
     */
    private Tensor nearness(Tensor points, Tensor others) {
        int n = (int) points.shape().dim(0);
        Device device = points.device();
        Tensor all = squaredDistances(points);
        // Distances count from the nearest neighbour's, or far points would have no neighbours in float32.
        Tensor far = Autograd.apply(
                TIMES, Autograd.apply(MINUS, number(device, 1), others), number(device, Float.MAX_VALUE / 4));
        Tensor distances = Autograd.apply(
                TIMES, Autograd.apply(MINUS, all, Autograd.apply(ROW_LEAST, Autograd.apply(PLUS, all, far))), others);
        double[] low = new double[n];
        double[] high = new double[n];
        Arrays.fill(high, Double.POSITIVE_INFINITY);
        double[] precision = new double[n];
        double mean = Autograd.apply(SUM, distances).item() / ((double) n * n);
        Arrays.fill(precision, 1 / Math.max(mean, Double.MIN_NORMAL));
        for (int round = 0; round < HALVINGS; round++) {
            try (Scope scope = new Scope()) {
                Tensor weights = weights(distances, others, precision);
                Tensor weighted = Autograd.apply(ROW_SUMS, Autograd.apply(TIMES, weights, distances));
                double[] sums = Autograd.apply(ROW_SUMS, weights).toDoubleArray();
                double[] moments = weighted.toDoubleArray();
                for (int i = 0; i < n; i++) {
                    double entropy = Math.log(sums[i]) + precision[i] * moments[i] / sums[i];
                    if (entropy > Math.log(perplexity)) { // too wide
                        low[i] = precision[i];
                        precision[i] =
                                high[i] == Double.POSITIVE_INFINITY ? 2 * precision[i] : (precision[i] + high[i]) / 2;
                    } else {
                        high[i] = precision[i];
                        precision[i] = (precision[i] + low[i]) / 2;
                    }
                }
            }
        }
        Tensor weights = weights(distances, others, precision);
        Tensor conditional = Autograd.apply(OVER, weights, Autograd.apply(ROW_SUMS, weights));
        Tensor transposed = Autograd.apply(new PermuteOp(1, 0), conditional).contiguous();
        Tensor both = Autograd.apply(PLUS, conditional, transposed);
        return Autograd.apply(TIMES, both, number(device, 1 / (2.0 * n)));
    }

    private static Tensor weights(Tensor distances, Tensor others, double... precision) {
        float[] minus = new float[precision.length];
        for (int i = 0; i < minus.length; i++) {
            minus[i] = (float) -precision[i];
        }
        Tensor column = Tensor.of(distances.device(), minus, Shape.of(minus.length, 1));
        return Autograd.apply(TIMES, Autograd.apply(EXP, Autograd.apply(TIMES, distances, column)), others);
    }

    /** Gradient descent with momentum and a gain for each coordinate. */
    private double[][] descend(Tensor nearness, Tensor others, int n) {
        Generator random = new Generator(seed, 0);
        double[] place = new double[2 * n];
        for (int i = 0; i < place.length; i++) {
            place[i] = START * random.nextGaussian();
        }
        double[] speed = new double[2 * n];
        double[] gain = new double[2 * n];
        Arrays.fill(gain, 1);
        int exaggerated = Math.min(MOST_EXAGGERATED, steps / 4);
        double rate = Math.max(LEAST_RATE, n / EXAGGERATION / 4);
        Tensor exaggeration = Autograd.apply(TIMES, nearness, number(nearness.device(), EXAGGERATION));
        for (int step = 0; step < steps; step++) {
            boolean early = step < exaggerated;
            float[] slope = gradient(early ? exaggeration : nearness, others, place);
            double momentum = early ? 0.5 : 0.8;
            double[] centre = new double[2];
            for (int i = 0; i < place.length; i++) {
                boolean turned = slope[i] > 0 == speed[i] > 0; // the last step went uphill
                gain[i] = Math.max(LEAST_GAIN, turned ? 0.8 * gain[i] : gain[i] + 0.2);
                speed[i] = momentum * speed[i] - rate * gain[i] * slope[i];
                place[i] += speed[i];
                centre[i % 2] += place[i] / n;
            }
            for (int i = 0; i < place.length; i++) {
                place[i] -= centre[i % 2];
            }
        }
        double[][] result = new double[n][];
        for (int i = 0; i < n; i++) {
            result[i] = new double[] {place[2 * i], place[2 * i + 1]};
        }
        return result;
    }

    /** 4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2). */
    private static float[] gradient(Tensor p, Tensor others, double... place) {
        float[] coordinates = new float[place.length];
        for (int i = 0; i < place.length; i++) {
            coordinates[i] = (float) place[i];
        }
        try (Scope scope = new Scope()) {
            Device device = p.device();
            Tensor y = Tensor.of(device, coordinates, Shape.of(place.length / 2, 2));
            Tensor kernel = Autograd.apply(
                    TIMES,
                    Autograd.apply(RECIPROCAL, Autograd.apply(PLUS, squaredDistances(y), number(device, 1))),
                    others);
            double sum = Math.max(Autograd.apply(SUM, kernel).item(), TINY);
            Tensor q = Autograd.apply(TIMES, kernel, number(device, 1 / sum));
            Tensor pull = Autograd.apply(TIMES, Autograd.apply(MINUS, p, q), kernel);
            Tensor own = Autograd.apply(TIMES, y, Autograd.apply(ROW_SUMS, pull));
            Tensor theirs = Autograd.apply(new MatmulOp(), pull, y);
            return Autograd.apply(TIMES, Autograd.apply(MINUS, own, theirs), number(device, 4))
                    .toFloatArray();
        }
    }
}
