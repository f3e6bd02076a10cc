package org.nautile.models.backprop;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.nautile.Shape;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;

/**
 * A multilayer perceptron as the slides write it, in plain Java and in double: {@code x_i = sigma_i(A_i x_{i-1} + b_i)}
 * for each layer i, where sigma is ReLU and in the last layer softmax. The loss of an example of class c is
 * {@code l(x_n) = -log(x_n[c])}.
 *
 * @param layers the first one first, at least one
 */
public record Perceptron(List<Layer> layers) {
    /**
     * A layer.
     *
     * @param a the weights A, [output][input]
     * @param b the bias, [output]
     */
    public record Layer(double[][] a, double[] b) {
        /** A x + b. */
        double[] scores(double... x) {
            double[] z = b.clone();
            for (int k = 0; k < z.length; k++) {
                for (int j = 0; j < x.length; j++) {
                    z[k] += a[k][j] * x[j];
                }
            }
            return z;
        }
    }

    /**
     * The weights that a network has now.
     *
     * @param network a chain of linear layers with biases; what is between them has no parameters
     * @return a copy
     */
    public static Perceptron of(Module network) {
        List<Layer> layers = new ArrayList<>();
        Iterator<Parameter> parameters = network.parameters().values().iterator();
        while (parameters.hasNext()) {
            Parameter weight = parameters.next();
            Shape shape = weight.value().shape();
            double[] all = weight.value().toDoubleArray();
            double[][] a = new double[(int) shape.dim(0)][(int) shape.dim(1)];
            for (int k = 0; k < a.length; k++) {
                System.arraycopy(all, k * a[k].length, a[k], 0, a[k].length);
            }
            layers.add(new Layer(a, parameters.next().value().toDoubleArray()));
        }
        return new Perceptron(List.copyOf(layers));
    }

    private boolean isLast(int layer) {
        return layer == layers.size() - 1;
    }

    /**
     * The forward pass.
     *
     * @param input x_0
     * @return x_0 to x_n
     */
    public double[][] neurons(double... input) {
        double[][] x = new double[layers.size() + 1][];
        x[0] = input;
        for (int i = 0; i < layers.size(); i++) {
            double[] z = layers.get(i).scores(x[i]);
            x[i + 1] = isLast(i) ? softmax(z) : relu(z);
        }
        return x;
    }

    private static double[] relu(double... z) {
        double[] y = new double[z.length];
        for (int k = 0; k < z.length; k++) {
            y[k] = Math.max(0, z[k]);
        }
        return y;
    }

    private static double[] softmax(double... z) {
        double most = Double.NEGATIVE_INFINITY;
        for (double score : z) {
            most = Math.max(most, score);
        }
        double[] y = new double[z.length];
        double sum = 0;
        for (int k = 0; k < z.length; k++) {
            y[k] = Math.exp(z[k] - most);
            sum += y[k];
        }
        for (int k = 0; k < z.length; k++) {
            y[k] /= sum;
        }
        return y;
    }

    /**
     * The gradients by the slides' formulas, from the last layer to the first:
     *
     * <pre>{@code
     * dl/db_i     = dl/dx_i sigma_i'(A_i x_{i-1} + b_i)
     * dl/dA_i     = dl/dx_i sigma_i'(A_i x_{i-1} + b_i) x_{i-1}^T
     * dl/dx_{i-1} = dl/dx_i A_i^T sigma_i'(A_i x_{i-1} + b_i)
     * }</pre>
     *
     * <p>where {@code dl/dx_n = l'(x_n)}. What the slides write sigma' is a matrix, that of the derivatives of each
     * output by each score: ReLU's has numbers on its diagonal alone, softmax's everywhere.
     *
     * @param input x_0
     * @param label the class c of the example
     * @return all of them
     */
    public Gradients gradients(double[] input, int label) {
        int n = layers.size();
        double[][] x = neurons(input);
        double[][][] byA = new double[n][][];
        double[][] byB = new double[n][];
        double[][] byX = new double[n + 1][];
        byX[n] = new double[x[n].length]; // l'(x_n)
        byX[n][label] = -1 / x[n][label];
        for (int i = n; i >= 1; i--) {
            Layer layer = layers.get(i - 1);
            double[][] slope = isLast(i - 1) ? softmaxSlope(x[n]) : reluSlope(layer.scores(x[i - 1]));
            byB[i - 1] = rowTimes(byX[i], slope);
            byA[i - 1] = outer(byB[i - 1], x[i - 1]);
            byX[i - 1] = rowTimes(byB[i - 1], layer.a());
        }
        return new Gradients(byA, byB, byX);
    }

    /** dy_k/dz_j: 1 for k = j where z_j is positive, 0 elsewhere. */
    private static double[][] reluSlope(double... z) {
        double[][] slope = new double[z.length][z.length];
        for (int k = 0; k < z.length; k++) {
            slope[k][k] = z[k] > 0 ? 1 : 0;
        }
        return slope;
    }

    /** dy_k/dz_j: y_k (1 - y_k) for k = j, -y_k y_j elsewhere. */
    private static double[][] softmaxSlope(double... y) {
        double[][] slope = new double[y.length][y.length];
        for (int k = 0; k < y.length; k++) {
            for (int j = 0; j < y.length; j++) {
                slope[k][j] = k == j ? y[k] * (1 - y[k]) : -y[k] * y[j];
            }
        }
        return slope;
    }

    /** v^T M, of which v^T stands before M in the formulas or, transposed, M^T before v. */
    private static double[] rowTimes(double[] v, double[][] m) {
        double[] product = new double[m[0].length];
        for (int k = 0; k < v.length; k++) {
            for (int j = 0; j < product.length; j++) {
                product[j] += v[k] * m[k][j];
            }
        }
        return product;
    }

    /** v w^T. */
    private static double[][] outer(double[] v, double... w) {
        double[][] product = new double[v.length][w.length];
        for (int k = 0; k < v.length; k++) {
            for (int j = 0; j < w.length; j++) {
                product[k][j] = v[k] * w[j];
            }
        }
        return product;
    }

    /**
     * A step of gradient descent.
     *
     * @param rate the learning rate lambda
     * @param gradients those of this perceptron
     * @return the perceptron with {@code A_i - lambda dl/dA_i} and {@code b_i - lambda dl/db_i}
     */
    public Perceptron updated(double rate, Gradients gradients) {
        List<Layer> updated = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            double[][] a = new double[layer.a().length][];
            for (int k = 0; k < a.length; k++) {
                a[k] = minus(layer.a()[k], rate, gradients.a()[i][k]);
            }
            updated.add(new Layer(a, minus(layer.b(), rate, gradients.b()[i])));
        }
        return new Perceptron(List.copyOf(updated));
    }

    private static double[] minus(double[] from, double rate, double... gradient) {
        double[] result = from.clone();
        for (int k = 0; k < result.length; k++) {
            result[k] -= rate * gradient[k];
        }
        return result;
    }
}
