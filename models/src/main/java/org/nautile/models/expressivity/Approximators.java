package org.nautile.models.expressivity;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.models.points.Points;
import org.nautile.nn.Module;
import org.nautile.op.BinaryOp;
import org.nautile.op.ConcatOp;
import org.nautile.op.Op;
import org.nautile.op.ReduceOp;
import org.nautile.op.ScaleOp;
import org.nautile.op.SliceOp;
import org.nautile.op.UnaryOp;
import org.nautile.optim.Score;

/**
 * Networks g(x) = C s(Ax + b) of several functions s and widths, which learn side by side: the loss is the sum of
 * theirs, so that each has the gradients that it would have alone. Parameters begin with {@code tanh16.} and the like.
 */
public final class Approximators extends Module {
    private static final Op BESIDE = new ConcatOp(1);
    private static final Op SUBTRACT = new BinaryOp(BinaryKernel.Function.SUB);
    private static final Op SQUARE = new UnaryOp(UnaryKernel.Function.SQUARE);
    private static final Op MEAN = ReduceOp.all(ReduceKernel.Function.MEAN);

    private final Map<Sigma, Map<Integer, Approximator>> networks = new LinkedHashMap<>();

    /**
     * Networks that have learnt nothing.
     *
     * @param sigmas the functions, at least one
     * @param widths the widths, at least one
     * @param random draws the first weights
     */
    public Approximators(List<Sigma> sigmas, List<Integer> widths, Generator random) {
        for (Sigma sigma : sigmas) {
            Map<Integer, Approximator> byWidth = new LinkedHashMap<>();
            for (int width : widths) {
                byWidth.put(width, child(sigma.toString() + width, new Approximator(sigma, width, random)));
            }
            networks.put(sigma, byWidth);
        }
    }

    /** What all networks say of numbers, [B, 1] to [B, networks]. */
    @Override
    public Tensor forward(Tensor x) {
        List<Tensor> said = new ArrayList<>();
        networks.values().forEach(byWidth -> byWidth.values().forEach(network -> said.add(network.forward(x))));
        return Autograd.apply(BESIDE, said.toArray(Tensor[]::new));
    }

    /**
     * How wrong the networks are.
     *
     * @param pairs numbers and what should be said of them, [B, 2]
     * @return the sum of the networks' mean squared errors, a scalar
     */
    public Tensor loss(Tensor pairs) {
        Tensor x = Autograd.apply(new SliceOp(1, 0, 1), pairs).contiguous();
        Tensor y = Autograd.apply(new SliceOp(1, 1, 2), pairs);
        Tensor said = forward(x);
        Tensor mean = Autograd.apply(MEAN, Autograd.apply(SQUARE, Autograd.apply(SUBTRACT, said, y)));
        return Autograd.apply(new ScaleOp(said.shape().dim(1), 0), mean);
    }

    /**
     * How good the networks are. Without gradients.
     *
     * @param test numbers and what should be said of them
     * @param device where the networks are
     * @return the sum of the networks' mean squared errors, alone
     */
    public Score score(Points test, Device device) {
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor pairs = Tensor.of(device, test.places(), Shape.of(test.size(), 2));
            return new Score(loss(pairs).item(), Double.NaN);
        }
    }

    /**
     * What a network makes of some numbers.
     *
     * @param sigma its function
     * @param width its neurons
     * @param learnt g as it has learnt it
     * @param refitted g with the best C for its A and b
     */
    public record Fit(Sigma sigma, int width, double[] learnt, double[] refitted) {
        /**
         * The largest difference.
         *
         * @param g one of the two
         * @param f what it should be, as many numbers
         * @return the maximum of |g - f|
         */
        public static double error(double[] g, double... f) {
            return IntStream.range(0, g.length)
                    .mapToDouble(i -> Math.abs(g[i] - f[i]))
                    .max()
                    .orElse(0);
        }
    }

    /**
     * What the networks make of numbers.
     *
     * @param train what C is fitted to: numbers and what should be said of them
     * @param x the numbers
     * @param device where the networks are
     * @return by function, then by width
     */
    public List<Fit> fits(Points train, double[] x, Device device) {
        List<Fit> fits = new ArrayList<>();
        networks.forEach((sigma, byWidth) -> byWidth.forEach((width, network) ->
                fits.add(new Fit(sigma, width, network.values(x, device), network.refitted(train, x)))));
        return fits;
    }
}
