package org.nautile.models;

import java.io.IOException;
import java.util.Optional;
import org.nautile.Generator;
import org.nautile.nn.Activation;
import org.nautile.nn.Conv2d;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.MaxPool2d;
import org.nautile.nn.Sequential;
import picocli.CommandLine.Mixin;

/** The course's second model of CIFAR-10: a small convolutional network. */
public final class CifarCnnSmall implements Model {
    private static final int QUICK_TRAIN = 2_000;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM);

    @Mixin
    final Augmentations augmentations = new Augmentations();

    /** For {@link java.util.ServiceLoader}. */
    public CifarCnnSmall() {}

    /**
     * The network: two convolutions with pooling, three linear layers. The softmax is in the loss.
     *
     * @param random draws the first weights
     * @return 62 006 parameters
     */
    public static Sequential network(Generator random) {
        return new Sequential(
                new Conv2d(3, 6, 5, random), // [N, 3, 32, 32] -> [N, 6, 28, 28]
                Activation.relu(),
                new MaxPool2d(2),
                new Conv2d(6, 16, 5, random), // [N, 6, 14, 14] -> [N, 16, 10, 10]
                Activation.relu(),
                new MaxPool2d(2),
                new Flatten(), // [N, 16, 5, 5] -> [N, 400]
                new Linear(400, 120, random),
                Activation.relu(),
                new Linear(120, 84, random),
                Activation.relu(),
                new Linear(84, 10, random));
    }

    @Override
    public void check() {
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        ImageSplit images = ImageSplit.cifar(run, QUICK_TRAIN);
        try (Sequential model = network(new Generator(run.seed(), 0))) {
            ImageClassifier.train(run, model, images, techniques, augmentations);
        }
    }

    @Override
    public Trial trial() {
        return new Trial(5, 8, 0.001);
    }

    @Override
    public Optional<Predictor> predictor() {
        return ImageClassifier.predictor(network(new Generator(0, 0)), false);
    }

    @Override
    public String name() {
        return "cifar-cnn-small";
    }

    @Override
    public String part() {
        return "II CNN, RNN, Transformer";
    }

    @Override
    public String summary() {
        return "two convolutions and three linear layers on photographs";
    }

    @Override
    public long parameters() {
        return 62_006;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(10, 64, 0.001);
    }
}
