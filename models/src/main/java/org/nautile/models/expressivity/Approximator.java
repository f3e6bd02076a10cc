package org.nautile.models.expressivity;

import java.util.Objects;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.models.points.Points;
import org.nautile.nn.Linear;
import org.nautile.nn.Module;
import org.nautile.op.LinearOp;

/**
 * The network of the universal approximation theorem, g(x) = C s(Ax + b) of a number x, without a bias behind C.
 * Parameters {@code hidden.weight} (A), {@code hidden.bias} (b) and {@code out.weight} (C).
 */
public final class Approximator extends Module {
    private final Sigma sigma;
    private final Linear hidden;
    private final Linear out;

    /**
     * A network. At first its neurons bend in the interval from -1 to 1, each in a part of its own.
     *
     * @param sigma s
     * @param width k, the number of neurons, {@code >= 1}
     * @param random draws the first weights
     */
    public Approximator(Sigma sigma, int width, Generator random) {
        this.sigma = sigma;
        hidden = child("hidden", new Linear(1, width, random));
        out = child("out", new Linear(width, 1, false, random));
        float[] a = new float[width];
        float[] b = new float[width];
        for (int i = 0; i < width; i++) {
            float size = (float) sigma.slope() * random.nextFloat(0.5F, 1.5F);
            a[i] = random.nextInt(2) == 0 ? size : -size;
            b[i] = -a[i] * (2 * (i + random.nextFloat()) / width - 1);
        }
        value("hidden.weight").set(a);
        value("hidden.bias").set(b);
    }

    private Tensor value(String name) {
        return Objects.requireNonNull(parameters().get(name)).value();
    }

    /** g of numbers, [B, 1] to [B, 1]. */
    @Override
    public Tensor forward(Tensor x) {
        return out.forward(sigma.of(hidden.forward(x)));
    }

    /**
     * What the network says, as it is.
     *
     * @param x numbers
     * @param device where the network is
     * @return g of each
     */
    public double[] values(double[] x, Device device) {
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            float[] numbers = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                numbers[i] = (float) x[i];
            }
            return forward(Tensor.of(device, numbers, Shape.of(x.length, 1))).toDoubleArray();
        }
    }

    /**
     * What the network would say with another C: for A and b as they are, the best in least squares. All in float64, in
     * which C may have large numbers that nearly cancel.
     *
     * @param pairs numbers, and what should be said of them
     * @param x numbers
     * @return g of each
     */
    public double[] refitted(Points pairs, double... x) {
        float[] places = pairs.places();
        double[] known = new double[places.length / 2];
        double[] wanted = new double[known.length];
        for (int i = 0; i < known.length; i++) {
            known[i] = places[2 * i];
            wanted[i] = places[2 * i + 1];
        }
        double[] c = LeastSquares.solve(neurons(known), wanted);
        double[][] neurons = neurons(x);
        double[] values = new double[x.length];
        for (int k = 0; k < c.length; k++) {
            for (int i = 0; i < x.length; i++) {
                values[i] += c[k] * neurons[k][i];
            }
        }
        return values;
    }

    /** s(Ax + b) in float64, [neurons][x]; by the engine's ops, on the device that every machine has. */
    private double[][] neurons(double... x) {
        Device device = Device.of("reference");
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            double[] a = value("hidden.weight").toDoubleArray();
            Tensor b = Tensor.of(device, value("hidden.bias").toDoubleArray(), Shape.of(a.length));
            Tensor sums = Autograd.apply(
                    new LinearOp(),
                    Tensor.of(device, x, Shape.of(x.length, 1)),
                    Tensor.of(device, a, Shape.of(a.length, 1)),
                    b);
            double[] all = sigma.of(sums).toDoubleArray();
            double[][] neurons = new double[a.length][x.length];
            for (int i = 0; i < all.length; i++) {
                neurons[i % a.length][i / a.length] = all[i];
            }
            return neurons;
        }
    }
}
