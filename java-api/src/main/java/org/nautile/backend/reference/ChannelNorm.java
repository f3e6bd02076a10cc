package org.nautile.backend.reference;

import org.jspecify.annotations.Nullable;
import org.nautile.Tensor;

/**
 * Batch and group normalisation: numbers [samples, rows, channels], normalised over the rows of a sample and the channels of a
 * group.
 */
final class ChannelNorm {
    private final int samples;
    private final int rows;
    private final int channels;
    private final int size; // channels of a group

    ChannelNorm(int samples, int rows, int channels, int groups) {
        this.samples = samples;
        this.rows = rows;
        this.channels = channels;
        this.size = channels / groups;
    }

    private int place(int sample, int row, int channel) {
        return (sample * rows + row) * channels + channel;
    }

    /** The first channel of a channel's group. */
    private int first(int channel) {
        return channel / size * size;
    }

    /** The mean of each sample's group, for each of its channels: [samples, channels]. */
    double[] means(double... x) {
        double[] means = new double[samples * channels];
        for (int i = 0; i < means.length; i++) {
            int begin = first(i % channels);
            for (int r = 0; r < rows; r++) {
                for (int c = begin; c < begin + size; c++) {
                    means[i] += x[place(i / channels, r, c)] / ((double) rows * size);
                }
            }
        }
        return means;
    }

    /** The sum of the squared differences to the mean. */
    double[] squares(double[] x, double... means) {
        double[] squares = new double[samples * channels];
        for (int i = 0; i < squares.length; i++) {
            int begin = first(i % channels);
            for (int r = 0; r < rows; r++) {
                for (int c = begin; c < begin + size; c++) {
                    double difference = x[place(i / channels, r, c)] - means[i];
                    squares[i] += difference * difference;
                }
            }
        }
        return squares;
    }

    /** Normalises with these means and variances, and keeps them. */
    void forward(
            double[] x,
            double[] means,
            double[] variances,
            double eps,
            @Nullable Tensor weight,
            @Nullable Tensor bias,
            Tensor y,
            Tensor stats) {
        double[] scale = Values.read(weight, channels, 1);
        double[] shift = Values.read(bias, channels, 0);
        double[] out = new double[x.length];
        double[] kept = new double[3 * means.length];
        for (int i = 0; i < means.length; i++) {
            int sample = i / channels;
            int c = i % channels;
            double rstd = 1 / Math.sqrt(variances[i] + eps);
            for (int r = 0; r < rows; r++) {
                out[place(sample, r, c)] = (x[place(sample, r, c)] - means[i]) * rstd * scale[c] + shift[c];
            }
            kept[3 * sample * channels + c] = (float) means[i];
            kept[(3 * sample + 1) * channels + c] = means[i] - (float) means[i];
            kept[(3 * sample + 2) * channels + c] = rstd;
        }
        Values.write(out, y);
        Values.write(kept, stats);
    }

    /** The wanted gradients; `measured`: the statistics depend on x. */
    void backward(
            Tensor x,
            @Nullable Tensor weight,
            Tensor stats,
            Tensor dy,
            @Nullable Tensor dx,
            @Nullable Tensor dweight,
            @Nullable Tensor dbias,
            boolean measured,
            boolean... accumulate) {
        double[] in = Values.read(x);
        double[] upstream = Values.read(dy);
        double[] kept = Values.read(stats);
        double[] scale = Values.read(weight, channels, 1);
        double[] normal = new double[in.length];
        double[] rstd = new double[in.length];
        double[] scaled = new double[in.length]; // g = dy weight
        double[] products = new double[in.length]; // g n
        double[] scaleGradient = new double[channels];
        double[] shiftGradient = new double[channels];
        for (int i = 0; i < in.length; i++) {
            int c = i % channels;
            int at = 3 * (i / channels / rows) * channels + c;
            rstd[i] = kept[at + 2 * channels];
            normal[i] = (in[i] - kept[at] - kept[at + channels]) * rstd[i];
            scaled[i] = upstream[i] * scale[c];
            products[i] = scaled[i] * normal[i];
            scaleGradient[c] += upstream[i] * normal[i];
            shiftGradient[c] += upstream[i];
        }
        double[] mean = means(scaled);
        double[] slope = means(products);
        double[] gradient = new double[in.length];
        for (int i = 0; i < in.length; i++) {
            int at = i / channels / rows * channels + i % channels;
            gradient[i] = rstd[i] * (measured ? scaled[i] - mean[at] - normal[i] * slope[at] : scaled[i]);
        }
        if (dx != null) {
            Values.write(gradient, dx, accumulate[0]);
        }
        if (dweight != null) {
            Values.write(scaleGradient, dweight, accumulate[1]);
        }
        if (dbias != null) {
            Values.write(shiftGradient, dbias, accumulate[2]);
        }
    }
}
