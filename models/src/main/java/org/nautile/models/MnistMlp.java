package org.nautile.models;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.nn.Activation;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Evaluation;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The course's first model: a multilayer perceptron that reads handwritten digits. */
public final class MnistMlp implements Model {
    @Option(names = "--classes", description = "Digits to tell apart, from 0; 2 to 10. Default: 10.")
    int classes = 10;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.SGD);

    /** For {@link java.util.ServiceLoader}. */
    public MnistMlp() {}

    /**
     * The network: 784-64-32-classes with ReLU between the layers. The softmax is in the loss.
     *
     * @param classes the number of outputs
     * @param random draws the first weights
     * @return 52 650 parameters for ten classes
     */
    public static Sequential network(int classes, Generator random) {
        return new Sequential(
                new Linear(784, 64, random),
                Activation.relu(),
                new Linear(64, 32, random),
                Activation.relu(),
                new Linear(32, classes, random));
    }

    @Override
    public void check() {
        Options.between("--classes", classes, 2, 10);
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: the publishers' files, or drawn digits of the same shape
        Digits digits = Digits.load(run, classes);
        ImageDataset train = digits.train().flattened();
        ImageDataset test = digits.test().flattened();

        // the network
        try (Sequential model = network(classes, new Generator(run.seed(), 0))) {
            run.describe(digits.source(), model.parameterCount());

            // the loop: for each epoch, a step for each mini-batch, then the test
            List<EpochResult> epochs = run.train(
                    techniques
                            .trainer(run, model, train)
                            .loss(Loss.crossEntropy())
                            .test(test),
                    model);
            if (run.interrupted()) {
                return;
            }

            // what it learnt
            Evaluation result = Evaluation.of(model, Loss.crossEntropy(), test, run.device());
            ImagePictures.draw(run, epochs, test, result);
            ImageClassifier.sayFigures(run, result, classes);
            run.result(String.format(Locale.ROOT, "test accuracy %.4f", result.accuracy()));
        }
    }

    @Override
    public Optional<Predictor> predictor() {
        return Optional.of(new Classifier(
                network(classes, new Generator(0, 0)),
                Mnist.IMAGE,
                x -> x.reshape(Shape.of(x.shape().dim(0), Mnist.IMAGE.size())),
                Digits.names(classes)));
    }

    @Override
    public String name() {
        return "mnist-mlp";
    }

    @Override
    public String part() {
        return "I Foundations";
    }

    @Override
    public String summary() {
        return "784-64-32-10 perceptron on handwritten digits";
    }

    @Override
    public long parameters() {
        return 52_650;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(12, 64, 0.01);
    }
}
