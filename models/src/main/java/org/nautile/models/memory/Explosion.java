package org.nautile.models.memory;

import java.util.Arrays;
import java.util.Locale;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.optim.Sgd;

/**
 * The training of a plain RNN whose recurrent weights are so large at first that its gradients explode.
 *
 * @param clip the largest norm of the gradients; infinite for no clipping
 * @param losses of each step; infinite from where one is not finite
 * @param norms of each step's gradients, before they are clipped; infinite as the losses are
 * @param accuracy the share of right answers on other sequences at the end; NaN if the weights are not finite
 */
public record Explosion(double clip, double[] losses, double[] norms, double accuracy) {
    /** The largest norm of the clipped training. */
    public static final double CLIP = 0.3;

    /** The spectral radius of the first recurrent weights. */
    public static final double RADIUS = 1.7;

    /** The distractors it reads. */
    public static final int LAG = 15;

    private static final int HIDDEN = 32;
    private static final int STEPS = 1000;
    private static final int BATCH = 32;
    private static final int TEST = 500;
    private static final double RATE = 0.3;
    private static final int SQUARINGS = 40; // of the power method

    /**
     * Trains.
     *
     * @param device where
     * @param seed of weights and sequences
     * @param clip the largest norm of the gradients; infinite for no clipping
     * @return how it went
     */
    public static Explosion of(Device device, long seed, double clip) {
        double[] losses = new double[STEPS];
        double[] norms = new double[STEPS];
        Arrays.fill(losses, Double.POSITIVE_INFINITY);
        Arrays.fill(norms, Double.POSITIVE_INFINITY);
        RecallTask train = new RecallTask(STEPS * BATCH, LAG, 2 * seed + 1);
        try (Recaller network = new Recaller(Cell.RNN, LAG, HIDDEN, 0, new Generator(seed, 0));
                DataLoader loader = new DataLoader(train, BATCH, device, false, 0)) {
            network.change("weight_hh_l0", weights -> scale(weights, RADIUS / radius(weights)));
            Sgd optimizer = new Sgd(network, RATE);
            int step = 0;
            for (Batch batch : loader.epoch(1)) {
                try (batch;
                        Scope scope = new Scope()) {
                    optimizer.clearGradients();
                    Tensor loss = network.loss(batch.y());
                    Autograd.backward(loss);
                    double norm = network.flatten().clipGradNorm(clip).item();
                    optimizer.step();
                    if (!(Double.isFinite(loss.item()) && Double.isFinite(norm))) {
                        break;
                    }
                    losses[step] = loss.item();
                    norms[step] = norm;
                    step++;
                }
            }
            double accuracy = step < STEPS
                    ? Double.NaN
                    : network.score(Recallers.first(new RecallTask(TEST, LAG, 2 * seed + 2), TEST, device))
                            .metric();
            return new Explosion(clip, losses, norms, accuracy);
        }
    }

    private static void scale(float[] weights, double factor) {
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= (float) factor;
        }
    }

    /**
     * The largest absolute value of an eigenvalue: the limit of the k-th root of the norm of the matrix to the power of
     * k (Gelfand), where k doubles with each squaring.
     */
    static double radius(float... matrix) {
        int n = (int) Math.round(Math.sqrt(matrix.length));
        double[] power = new double[matrix.length];
        for (int i = 0; i < power.length; i++) {
            power[i] = matrix[i];
        }
        double logarithm = 0; // of the norm of the matrix to the power of k, over k
        double k = 1;
        for (int squaring = 0; squaring <= SQUARINGS; squaring++) {
            double norm = Math.sqrt(Arrays.stream(power).map(v -> v * v).sum());
            logarithm += Math.log(norm) / k;
            double[] square = new double[power.length];
            for (int r = 0; r < n; r++) {
                for (int m = 0; m < n; m++) {
                    for (int c = 0; c < n; c++) {
                        square[r * n + c] += power[r * n + m] / norm * power[m * n + c] / norm;
                    }
                }
            }
            power = square;
            k *= 2;
        }
        return Math.exp(logarithm);
    }

    /**
     * The mean loss of the last tenth of the steps.
     *
     * @return infinite if a loss was not finite
     */
    public double lastLoss() {
        return Arrays.stream(losses, STEPS - STEPS / 10, STEPS).average().orElseThrow();
    }

    /** How it ended, in a few words. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s loss %.3f, accuracy %.3f, gradients up to norm %.1f",
                clip < Double.POSITIVE_INFINITY ? "clipped at " + clip : "not clipped",
                lastLoss(),
                accuracy,
                Arrays.stream(norms).max().orElseThrow());
    }
}
