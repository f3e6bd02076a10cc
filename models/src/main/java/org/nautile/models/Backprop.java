package org.nautile.models;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.autograd.Autograd;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.models.backprop.GradientCheck;
import org.nautile.models.backprop.Perceptron;
import org.nautile.models.backprop.WeightHistory;
import org.nautile.nn.Activation;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;
import org.nautile.op.AvgPool2dOp;
import org.nautile.optim.Evaluation;
import org.nautile.optim.Trainer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Back-propagation, seen: a perceptron so small that all of its weights can be drawn learns four digits, one example a
 * step; its gradients are those of the slides' formulas.
 */
public final class Backprop implements Model {
    private static final int CLASSES = 4;
    private static final int QUICK_FRAMES = 20;
    private static final int EDGE = 28; // pixels along each edge of a digit of MNIST

    @Option(
            names = "--side",
            paramLabel = "N",
            description = "Pixels along each edge of what is read: 7 (means of 4 x 4 pixels), 14 or 28. Default:"
                    + " ${DEFAULT-VALUE}.")
    int side = 7;

    @Option(
            names = "--every",
            paramLabel = "K",
            description = "Updates from one frame of the animation to the next. Default: ${DEFAULT-VALUE}.")
    int every = 16;

    @Option(
            names = "--frames",
            paramLabel = "N",
            description = "Frames of the animation between the first and the last, with --quick at most 20. Default:"
                    + " ${DEFAULT-VALUE}.")
    int frames = 60;

    @Option(
            names = "--digit",
            paramLabel = "D",
            description = "The digit that is read in the pictures, 0 to 3. Default: ${DEFAULT-VALUE}.")
    int digit = 2;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.SGD);

    /** For {@link java.util.ServiceLoader}. */
    public Backprop() {}

    /**
     * The network: inputs-16-8-4 with ReLU between the layers. The softmax is in the loss.
     *
     * @param inputs the pixels of a digit
     * @param random draws the first weights
     * @return 972 parameters for 49 inputs
     */
    public static Sequential network(int inputs, Generator random) {
        return new Sequential(
                new Linear(inputs, 16, random),
                Activation.relu(),
                new Linear(16, 8, random),
                Activation.relu(),
                new Linear(8, CLASSES, random));
    }

    @Override
    public void check() {
        if (side != 7 && side != 14 && side != EDGE) {
            throw new IllegalArgumentException("--side " + side + " is not 7, 14 or 28");
        }
        Options.atLeast("--every", every, 1);
        Options.fromOne("--frames", frames, 500);
        Options.between("--digit", digit, 0, CLASSES - 1);
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: digits 0 to 3, small enough to be drawn
        Digits digits = Digits.load(run, CLASSES).averaged(side);
        ImageDataset train = digits.train().flattened();
        ImageDataset test = digits.test().flattened();

        // the network, and what the slides' formulas say of it before the first step
        try (Sequential model = network(side * side, new Generator(run.seed(), 0))) {
            run.describe(digits.source(), model.parameterCount());
            Trainer.Builder trainer = techniques
                    .trainer(run, model, train)
                    .loss(Loss.crossEntropy())
                    .test(test);
            WeightHistory moments =
                    new WeightHistory(model, every, run.quick() ? Math.min(frames, QUICK_FRAMES) : frames);
            Evaluation before = Evaluation.of(model, Loss.crossEntropy(), test, run.device());
            compareGradients(run, Perceptron.of(model), train);

            // the loop: a step for each digit
            run.train(trainer.listener(moments), model);
            if (run.interrupted()) {
                return;
            }

            // what it learnt
            BackpropPictures pictures = new BackpropPictures(moments.all(), test, side);
            run.picture("outputs.png", pictures.outputs());
            run.picture("learning.png", pictures.learning(digit));
            run.picture("learning.gif", pictures.animation(moments.frames(), digit));
            run.picture("curves.png", pictures.curves());
            Evaluation after = Evaluation.of(model, Loss.crossEntropy(), test, run.device());
            run.result(String.format(
                    Locale.ROOT,
                    "test accuracy %.4f, loss %.4f; before training %.4f, %.4f",
                    after.accuracy(),
                    after.loss(),
                    before.accuracy(),
                    before.loss()));
        }
    }

    private static void compareGradients(Run run, Perceptron network, ImageDataset train) {
        GradientCheck check = new GradientCheck(network, BackpropPictures.pixels(train, 0), train.label(0));
        run.say("gradients of the loss of a " + train.label(0) + " before training, by the slides' formulas in float64;"
                + " the largest relative difference of a number from autograd's:");
        check.table().forEach(line -> run.say("  " + line));
        run.say(String.format(Locale.ROOT, "  largest of all: %.1e", check.worst()));
    }

    @Override
    public Optional<Predictor> predictor() {
        return Optional.of(new Classifier(
                network(side * side, new Generator(0, 0)),
                Mnist.IMAGE,
                // the means that Digits.averaged gives, but not rounded to bytes
                x -> Autograd.apply(new AvgPool2dOp(EDGE / side), x)
                        .reshape(Shape.of(x.shape().dim(0), (long) side * side)),
                Digits.names(CLASSES)));
    }

    @Override
    public Trial trial() {
        return new Trial(60, 1, 0.05);
    }

    @Override
    public String name() {
        return "backprop";
    }

    @Override
    public String part() {
        return "I Foundations";
    }

    @Override
    public String summary() {
        return "weights and neurons of a small perceptron while it learns";
    }

    @Override
    public long parameters() {
        return 972;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(3, 1, 0.05);
    }
}
