package org.nautile.models;

import java.io.IOException;
import java.util.Optional;
import org.nautile.Generator;
import org.nautile.nn.Activation;
import org.nautile.nn.Linear;
import org.nautile.nn.Sequential;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The course's first model of CIFAR-10: a multilayer perceptron, which does not know which pixels are neighbours. */
public final class CifarMlp implements Model {
    private static final int QUICK_TRAIN = 1_000;
    private static final int WIDTH = 1024;

    @Option(
            names = "--width",
            paramLabel = "N",
            description =
                    "Outputs of the first layer, a multiple of 16; the next have 1/4 and 1/16 of it. Default: 1024.")
    int width = WIDTH;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM);

    @Mixin
    final Augmentations augmentations = new Augmentations();

    /** For {@link java.util.ServiceLoader}. */
    public CifarMlp() {}

    /**
     * The network: with the course's width 3072-1024-256-64-10, with ReLU between the layers. The softmax is in the loss.
     *
     * @param width outputs of the first layer, a multiple of 16
     * @param random draws the first weights
     * @return 3 426 250 parameters for width 1024
     */
    public static Sequential network(int width, Generator random) {
        return new Sequential(
                new Linear(3072, width, random),
                Activation.relu(),
                new Linear(width, width / 4, random),
                Activation.relu(),
                new Linear(width / 4, width / 16, random),
                Activation.relu(),
                new Linear(width / 16, 10, random));
    }

    @Override
    public void check() {
        if (width < 16 || width % 16 != 0) {
            throw new IllegalArgumentException("--width " + width + " is not a positive multiple of 16");
        }
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        ImageSplit images = ImageSplit.cifar(run, QUICK_TRAIN).flattened();
        try (Sequential model = network(width, new Generator(run.seed(), 0))) {
            ImageClassifier.train(run, model, images, techniques, augmentations);
        }
    }

    @Override
    public Trial trial() {
        width = 64;
        return new Trial(5, 8, 0.001);
    }

    @Override
    public Optional<Predictor> predictor() {
        return ImageClassifier.predictor(network(width, new Generator(0, 0)), true);
    }

    @Override
    public String name() {
        return "cifar-mlp";
    }

    @Override
    public String part() {
        return "II CNN, RNN, Transformer";
    }

    @Override
    public String summary() {
        return "3072-1024-256-64-10 perceptron on photographs";
    }

    @Override
    public long parameters() {
        return 3_426_250;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(10, 64, 0.001);
    }
}
