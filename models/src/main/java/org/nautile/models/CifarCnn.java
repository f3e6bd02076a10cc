package org.nautile.models;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.nautile.Generator;
import org.nautile.nn.Activation;
import org.nautile.nn.BatchNorm2d;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.Dropout;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.MaxPool2d;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The course's third model of CIFAR-10: a wider and deeper convolutional network. */
public final class CifarCnn implements Model {
    private static final int QUICK_TRAIN = 320;
    private static final double DROPOUT = 0.05;

    @Option(
            names = "--width",
            paramLabel = "N",
            description = "Channels of the first convolution; all other layers grow with it. Default: 32.")
    int width = 32;

    @Option(names = "--no-batch-norm", description = "Leave out batch normalisation. Default: with.")
    boolean noBatchNorm;

    @Option(names = "--no-dropout", description = "Leave out dropout. Default: with.")
    boolean noDropout;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM);

    @Mixin
    final Augmentations augmentations = new Augmentations();

    /** For {@link java.util.ServiceLoader}. */
    public CifarCnn() {}

    /**
     * The network: three times two convolutions and pooling, three linear layers. The softmax is in the loss.
     *
     * @param width channels of the first convolution, 32 in the course
     * @param batchNorm whether there is batch normalisation after every other convolution
     * @param dropout whether there is dropout before the first linear layer and before the last
     * @param random draws the first weights
     * @return 5 852 170 parameters for width 32 with batch normalisation
     */
    public static Sequential network(int width, boolean batchNorm, boolean dropout, Generator random) {
        List<Module> layers = new ArrayList<>();
        int in = 3;
        int[][] blocks = {{width, 2 * width}, {4 * width, 4 * width}, {8 * width, 8 * width}};
        for (int[] channels : blocks) { // [N, in, H, W] -> [N, channels[1], H / 2, W / 2]
            layers.add(convolution(in, channels[0], random));
            if (batchNorm) {
                layers.add(new BatchNorm2d(channels[0]));
            }
            layers.add(Activation.relu());
            layers.add(convolution(channels[0], channels[1], random));
            layers.add(Activation.relu());
            layers.add(new MaxPool2d(2));
            in = channels[1];
        }
        if (dropout) {
            layers.add(new Dropout(DROPOUT, random));
        }
        layers.add(new Flatten()); // [N, 8 width, 4, 4] -> [N, 128 width]
        layers.add(new Linear(128 * width, 32 * width, random));
        layers.add(Activation.relu());
        layers.add(new Linear(32 * width, 16 * width, random));
        layers.add(Activation.relu());
        if (dropout) {
            layers.add(new Dropout(DROPOUT, random));
        }
        layers.add(new Linear(16 * width, 10, random));
        return new Sequential(layers.toArray(Module[]::new));
    }

    private static Conv2d convolution(int in, int out, Generator random) {
        return new Conv2d(in, out, ConvOptions.kernel(3).padding(1), random);
    }

    @Override
    public void check() {
        Options.atLeast("--width", width, 1);
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        ImageSplit images = ImageSplit.cifar(run, QUICK_TRAIN);
        try (Sequential model = network(width, !noBatchNorm, !noDropout, new Generator(run.seed(), 0))) {
            ImageClassifier.train(run, model, images, techniques, augmentations);
        }
    }

    @Override
    public Trial trial() {
        width = 2;
        return new Trial(5, 8, 0.001);
    }

    @Override
    public Optional<Predictor> predictor() {
        return ImageClassifier.predictor(network(width, !noBatchNorm, !noDropout, new Generator(0, 0)), false);
    }

    @Override
    public String name() {
        return "cifar-cnn";
    }

    @Override
    public String part() {
        return "II CNN, RNN, Transformer";
    }

    @Override
    public String summary() {
        return "six convolutions with batch norm and dropout on photographs";
    }

    @Override
    public long parameters() {
        return 5_852_170;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(8, 64, 0.001);
    }
}
