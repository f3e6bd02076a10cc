package org.nautile.models;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Dataset;
import org.nautile.nn.Sequential;

/** What a channel of a network looks at: the images of which it makes nearly the same as of a given one. */
public final class ChannelMatches {
    private static final int BATCH = 100;

    private final Classifier classifier;
    private final Sequential network;
    private final int layer;

    /**
     * The channels of a layer.
     *
     * @param classifier its network is a {@link Sequential}
     * @param layer the layer whose output is compared, from 0
     */
    public ChannelMatches(Classifier classifier, int layer) {
        if (!(classifier.network() instanceof Sequential layers)) {
            throw new IllegalArgumentException("the network is no chain of layers");
        }
        this.classifier = classifier;
        this.network = layers;
        this.layer = layer;
    }

    /**
     * An image that matches.
     *
     * @param index its number in the data set
     * @param similarity the cosine of the angle between both outputs of the channel, from -1 to 1
     */
    public record Match(int index, double similarity) {}

    /**
     * The number of channels of each layer.
     *
     * @param classifier its network is a {@link Sequential}
     * @return 0 where the output is no image any more
     */
    public static int[] channels(Classifier classifier) {
        float[] blank = new float[(int) classifier.input().size()];
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            ChannelMatches any = new ChannelMatches(classifier, 0);
            return any.outputs(blank).stream()
                    .mapToInt(output ->
                            output.shape().rank() == 4 ? (int) output.shape().dim(1) : 0)
                    .toArray();
        }
    }

    private List<Tensor> outputs(float... pixels) {
        network.train(false);
        return network.outputs(classifier.prepared(pixels));
    }

    /**
     * The most similar images.
     *
     * @param image pixels of the classifier's input
     * @param channel of the layer
     * @param images where to look, of the classifier's input
     * @param count the most to find
     * @return the most similar first
     */
    public List<Match> find(float[] image, int channel, Dataset images, int count) {
        float[] wanted = channel(channel, image)[0];
        int size = (int) classifier.input().size();
        double[] similarity = new double[images.size()];
        for (int from = 0; from < similarity.length; from += BATCH) {
            int part = Math.min(BATCH, similarity.length - from);
            float[] pixels = new float[part * size];
            for (int i = 0; i < part; i++) {
                images.sample(from + i, pixels, i * size);
            }
            float[][] found = channel(channel, pixels);
            for (int i = 0; i < part; i++) {
                similarity[from + i] = cosine(wanted, found[i]);
            }
        }
        return IntStream.range(0, similarity.length)
                .mapToObj(i -> new Match(i, similarity[i]))
                .sorted(Comparator.comparingDouble(Match::similarity).reversed())
                .limit(count)
                .toList();
    }

    /** What the channel makes of each image. */
    private float[][] channel(int channel, float... pixels) {
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor output = outputs(pixels).get(layer);
            Shape shape = output.shape();
            if (shape.rank() != 4 || channel < 0 || channel >= shape.dim(1)) {
                throw new ShapeException("layer " + layer + " has no channel " + channel + ": its output is " + shape);
            }
            int plane = (int) (shape.dim(2) * shape.dim(3));
            int channels = (int) shape.dim(1);
            float[] all = output.toFloatArray();
            float[][] planes = new float[(int) shape.dim(0)][];
            for (int i = 0; i < planes.length; i++) {
                int start = (i * channels + channel) * plane;
                planes[i] = Arrays.copyOfRange(all, start, start + plane);
            }
            return planes;
        }
    }

    /** 0 where one of both is 0 everywhere: it has no direction. */
    private static double cosine(float[] a, float[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa * bb);
    }
}
