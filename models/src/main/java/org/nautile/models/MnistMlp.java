package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.nautile.Generator;
import org.nautile.data.DataLocation;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.nn.Activation;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Evaluation;
import org.nautile.optim.Trainer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The course's first model: a multilayer perceptron that reads handwritten digits. */
public final class MnistMlp implements Model {
    private static final int QUICK_TRAIN = 6_000;
    private static final int QUICK_TEST = 1_000;

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
        if (classes < 2 || classes > 10) {
            throw new IllegalArgumentException("--classes " + classes + " is not from 2 to 10");
        }
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: the publishers' files, or drawn digits of the same shape
        Optional<Path> folder = DataLocation.find(Mnist.NAME, run.data(), Mnist::isIn);
        int trainSize = run.quick() ? QUICK_TRAIN : 60_000;
        int testSize = run.quick() ? QUICK_TEST : 10_000;
        ImageDataset train =
                folder.isPresent() ? Mnist.train(folder.get()) : Mnist.generate(2 * run.seed() + 1, trainSize);
        ImageDataset test =
                folder.isPresent() ? Mnist.test(folder.get()) : Mnist.generate(2 * run.seed() + 2, testSize);
        train = train.firstClasses(classes)
                .limit(Math.min(trainSize, run.limit()))
                .flattened();
        test = test.firstClasses(classes).limit(testSize).flattened();
        if (train.size() == 0 || test.size() == 0) {
            throw new IOException(folder.map(Path::toString).orElse(Mnist.NAME) + ": no images of the digits 0 to "
                    + (classes - 1) + " to train on or to test");
        }

        // the network
        try (Sequential model = network(classes, new Generator(run.seed(), 0))) {
            String source = folder.map(path -> "MNIST from " + path)
                    .orElse("generated digits, not MNIST (nautile download mnist gets the real ones)");
            run.describe(
                    String.format(Locale.ROOT, "%s, %d to train on, %d to test", source, train.size(), test.size()),
                    model.parameterCount());

            // the loop: for each epoch, a step for each mini-batch, then the test
            List<EpochResult> epochs = run.train(
                    techniques
                            .trainer(run, model, train)
                            .loss(Loss.crossEntropy())
                            .recorded(true)
                            .test(test),
                    model);
            if (run.interrupted()) {
                return;
            }

            // what it learnt
            Evaluation result = Trainer.evaluate(model, Loss.crossEntropy(), test, run.device());
            DigitPictures.draw(run, epochs, test, result);
            run.result(String.format(Locale.ROOT, "test accuracy %.4f", result.accuracy()));
        }
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
