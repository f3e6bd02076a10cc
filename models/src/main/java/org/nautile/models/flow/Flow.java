package org.nautile.models.flow;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.nn.Module;
import org.nautile.op.BinaryOp;
import org.nautile.op.Op;
import org.nautile.op.ReduceOp;
import org.nautile.op.ScaleOp;
import org.nautile.op.UnaryOp;

/**
 * A normalising flow: a bijection F from data to latent points, which shall have the standard normal density q. The
 * density of data follows by the change of variables, {@code p(x) = q(F(x)) |det J(x)|} with the Jacobian J of F.
 * Forward is the normalising direction, the inverse the generative one.
 */
public abstract class Flow extends Module {
    private static final int BATCH = 4096; // points at once where no gradient is wanted
    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);
    private static final Op SQUARE = new UnaryOp(UnaryKernel.Function.SQUARE);
    private static final Op SUM = new ReduceOp(ReduceKernel.Function.SUM, List.of(1), false);
    private static final Op MEAN = ReduceOp.all(ReduceKernel.Function.MEAN);

    private final int dimension;

    /**
     * A flow.
     *
     * @param dimension of data and of latent points, {@code >= 1}
     */
    Flow(int dimension) {
        this.dimension = dimension;
    }

    /**
     * What becomes of data.
     *
     * @param z the latent points, [B, dimension]
     * @param logDet the logarithm of the Jacobian's determinant at each of the data, [B, 1]
     */
    public record Latent(Tensor z, Tensor logDet) {}

    /**
     * The normalising direction.
     *
     * @param x data, [B, dimension]
     * @return their latent points
     */
    public abstract Latent normalise(Tensor x);

    /**
     * The generative direction.
     *
     * @param z latent points, [B, dimension]
     * @return the data whose latent points they are, [B, dimension]; no gradient is promised
     */
    public abstract Tensor inverse(Tensor z);

    /** The latent points [B, dimension] of data [B, dimension]. */
    @Override
    public Tensor forward(Tensor x) {
        return normalise(x).z();
    }

    /**
     * The logarithm of the density, in nats.
     *
     * @param x data, [B, dimension]
     * @return [B]
     */
    public Tensor logDensity(Tensor x) {
        Latent latent = normalise(x);
        Tensor squares = Autograd.apply(SUM, Autograd.apply(SQUARE, latent.z()));
        Op gaussian = new ScaleOp(-0.5, -0.5 * dimension * Math.log(2 * Math.PI));
        return Autograd.apply(ADD, Autograd.apply(gaussian, squares), Autograd.apply(SUM, latent.logDet()));
    }

    /**
     * What training makes small.
     *
     * @param x data, [B, dimension]
     * @return the mean negative log-likelihood, one element
     */
    public Tensor loss(Tensor x) {
        return Autograd.apply(new ScaleOp(-1, 0), Autograd.apply(MEAN, logDensity(x)));
    }

    /**
     * The latent points of data.
     *
     * @param x the data, point by point
     * @param device where this flow is
     * @return as many numbers
     */
    public float[] normalise(float[] x, Device device) {
        return apply(this::forward, x, dimension, device);
    }

    /**
     * The data of latent points.
     *
     * @param z the latent points, one by one
     * @param device where this flow is
     * @return as many numbers
     */
    public float[] generate(float[] z, Device device) {
        return apply(this::inverse, z, dimension, device);
    }

    /**
     * The logarithms of densities, in nats.
     *
     * @param x data, point by point
     * @param device where this flow is
     * @return one for each point
     */
    public float[] logDensities(float[] x, Device device) {
        return apply(this::logDensity, x, 1, device);
    }

    /** Applies a function of [B, dimension] to points, some at a time. */
    private float[] apply(Function<Tensor, Tensor> function, float[] points, int width, Device device) {
        int count = points.length / dimension;
        float[] results = new float[count * width];
        try (Autograd.Pause pause = Autograd.noGrad()) {
            for (int start = 0; start < count; start += BATCH) {
                int size = Math.min(BATCH, count - start);
                float[] part = Arrays.copyOfRange(points, start * dimension, (start + size) * dimension);
                try (Scope scope = new Scope()) {
                    float[] said = function.apply(Tensor.of(device, part, Shape.of(size, dimension)))
                            .toFloatArray();
                    System.arraycopy(said, 0, results, start * width, said.length);
                }
            }
        }
        return results;
    }

    /**
     * How well data are explained.
     *
     * @param x the data, point by point, at least one
     * @param device where this flow is
     * @return the mean negative log-likelihood, in nats
     */
    public double negativeLogLikelihood(float[] x, Device device) {
        double sum = 0;
        for (float value : logDensities(x, device)) {
            sum -= value;
        }
        return sum * dimension / x.length;
    }

    /**
     * How far from themselves data are after both directions, one after the other.
     *
     * @param x the data, point by point
     * @param device where this flow is
     * @return the largest difference of a coordinate
     */
    public double returnError(float[] x, Device device) {
        float[] back = generate(normalise(x, device), device);
        double worst = 0;
        for (int i = 0; i < x.length; i++) {
            worst = Math.max(worst, Math.abs((double) back[i] - x[i]));
        }
        return worst;
    }
}
