package org.nautile.nn;

import java.util.function.DoubleSupplier;
import org.nautile.DType;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;

/**
 * First values of parameters, as in {@code torch.nn.init}. They are drawn in Java, element by element, so that the same generator
 * gives the same values on every device.
 *
 * <pre>{@code
 * Init.kaimingNormal(layer.weight().value(), Init.Fan.OUT, Init.RELU, random);
 * }</pre>
 */
public final class Init {
    /** The gain of layers that no activation follows, and of sigmoid. */
    public static final double LINEAR = 1;

    /** The gain of ReLU. */
    public static final double RELU = Math.sqrt(2);

    /** The gain of tanh. */
    public static final double TANH = 5.0 / 3;

    /** The gain of SELU. */
    public static final double SELU = 0.75;

    /** Which size a Kaiming initialisation keeps: that of values on the way forward, or that of gradients on the way back. */
    public enum Fan {
        /** The inputs of an output. */
        IN,
        /** The outputs of an input. */
        OUT
    }

    private Init() {}

    /**
     * The gain of a leaky ReLU.
     *
     * @param slope below 0
     * @return {@code sqrt(2 / (1 + slope^2))}
     */
    public static double leakyRelu(double slope) {
        return Math.sqrt(2 / (1 + slope * slope));
    }

    /**
     * Glorot's initialisation, {@code xavier_uniform_}: uniform in {@code +-gain * sqrt(6 / (in + out))}.
     *
     * @param weight [out, in, ...], contiguous; overwritten
     * @param gain of the activation that follows
     * @param random draws the values
     * @return the weight
     */
    public static Tensor xavierUniform(Tensor weight, double gain, Generator random) {
        double bound = gain * Math.sqrt(6.0 / (fan(weight, Fan.IN) + fan(weight, Fan.OUT)));
        return uniform(weight, -bound, bound, random);
    }

    /**
     * Glorot's initialisation, {@code xavier_normal_}: normal with deviation {@code gain * sqrt(2 / (in + out))}.
     *
     * @param weight [out, in, ...], contiguous; overwritten
     * @param gain of the activation that follows
     * @param random draws the values
     * @return the weight
     */
    public static Tensor xavierNormal(Tensor weight, double gain, Generator random) {
        return normal(weight, 0, gain * Math.sqrt(2.0 / (fan(weight, Fan.IN) + fan(weight, Fan.OUT))), random);
    }

    /**
     * He's initialisation, {@code kaiming_uniform_}: uniform in {@code +-gain * sqrt(3 / fan)}.
     *
     * @param weight [out, in, ...], contiguous; overwritten
     * @param fan which size is kept
     * @param gain of the activation that follows
     * @param random draws the values
     * @return the weight
     */
    public static Tensor kaimingUniform(Tensor weight, Fan fan, double gain, Generator random) {
        double bound = gain * Math.sqrt(3.0 / fan(weight, fan));
        return uniform(weight, -bound, bound, random);
    }

    /**
     * He's initialisation, {@code kaiming_normal_}: normal with deviation {@code gain / sqrt(fan)}.
     *
     * @param weight [out, in, ...], contiguous; overwritten
     * @param fan which size is kept
     * @param gain of the activation that follows
     * @param random draws the values
     * @return the weight
     */
    public static Tensor kaimingNormal(Tensor weight, Fan fan, double gain, Generator random) {
        return normal(weight, 0, gain / Math.sqrt(fan(weight, fan)), random);
    }

    /**
     * PyTorch's default for the weights and biases of linear and convolution layers: uniform in {@code +-1 / sqrt(fanIn)}.
     *
     * @param tensor a weight or a bias, contiguous; overwritten
     * @param fanIn the inputs of an output of the layer, {@code >= 1}
     * @param random draws the values
     * @return the tensor
     */
    public static Tensor layer(Tensor tensor, long fanIn, Generator random) {
        double bound = 1 / Math.sqrt((double) fanIn);
        return uniform(tensor, -bound, bound, random);
    }

    /**
     * PyTorch's default for embeddings: normal with mean 0 and deviation 1.
     *
     * @param weight [words, width], contiguous; overwritten
     * @param random draws the values
     * @return the weight
     */
    public static Tensor embedding(Tensor weight, Generator random) {
        return normal(weight, 0, 1, random);
    }

    /**
     * Numbers of an interval.
     *
     * @param tensor contiguous; overwritten
     * @param low the least value
     * @param high the bound
     * @param random draws the values
     * @return the tensor
     */
    public static Tensor uniform(Tensor tensor, double low, double high, Generator random) {
        float least = (float) low;
        float bound = (float) high;
        return draw(tensor, () -> random.nextFloat(least, bound));
    }

    /**
     * Normally distributed numbers.
     *
     * @param tensor contiguous; overwritten
     * @param mean the mean
     * @param deviation the standard deviation
     * @param random draws the values
     * @return the tensor
     */
    public static Tensor normal(Tensor tensor, double mean, double deviation, Generator random) {
        return draw(tensor, () -> mean + deviation * random.nextGaussian());
    }

    private static Tensor draw(Tensor tensor, DoubleSupplier values) {
        int size = Math.toIntExact(tensor.size());
        if (tensor.dtype() == DType.FLOAT64) {
            double[] doubles = new double[size];
            for (int i = 0; i < size; i++) {
                doubles[i] = values.getAsDouble();
            }
            return tensor.set(doubles);
        }
        float[] floats = new float[size];
        for (int i = 0; i < size; i++) {
            floats[i] = (float) values.getAsDouble();
        }
        return tensor.set(floats);
    }

    /** The inputs of an output, or the outputs of an input: what lies behind the first two axes counts for both. */
    private static double fan(Tensor weight, Fan fan) {
        Shape shape = weight.shape();
        if (shape.rank() < 2 || shape.size() == 0) {
            throw new ShapeException("Init: " + weight + " is no weight: [out, in, ...] is expected");
        }
        return (double) shape.size() / shape.dim(fan == Fan.IN ? 0 : 1);
    }
}
