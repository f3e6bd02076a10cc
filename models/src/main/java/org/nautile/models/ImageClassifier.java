package org.nautile.models;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.data.Cifar10;
import org.nautile.models.charts.Picture;
import org.nautile.models.metrics.ClassConfusion;
import org.nautile.models.metrics.Confusion;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.op.BinaryOp;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Evaluation;

/**
 * What the models of CIFAR-10, and others of images in [-1, 1], have in common: the loop and what is shown of its end.
 */
final class ImageClassifier {
    private ImageClassifier() {}

    /** What a network of images of CIFAR-10 in [-1, 1] says of one, given from 0 to 1. */
    static Optional<Predictor> predictor(Module network, boolean flattened) {
        return Optional.of(classifier(network, Cifar10.IMAGE, flattened, Cifar10.CLASSES));
    }

    /** What a network of images in [-1, 1] says of one, given from 0 to 1. */
    static Classifier classifier(Module network, Shape image, boolean flattened, List<String> classes) {
        return new Classifier(
                network,
                image,
                x -> {
                    Tensor two = Tensor.of(x.device(), new float[] {2}, Shape.of(1));
                    Tensor one = Tensor.of(x.device(), new float[] {1}, Shape.of(1));
                    Tensor doubled = Autograd.apply(new BinaryOp(BinaryKernel.Function.MUL), x, two);
                    Tensor scaled = Autograd.apply(new BinaryOp(BinaryKernel.Function.SUB), doubled, one);
                    return flattened ? scaled.reshape(Shape.of(x.shape().dim(0), image.size())) : scaled;
                },
                classes);
    }

    /** Trains with cross-entropy, measures on the test images and draws the pictures. */
    static void train(Run run, Module model, ImageSplit images, Techniques techniques, Augmentations augmentations)
            throws IOException {
        train(run, model, images, techniques, augmentations, Map.of());
    }

    /** The same, and draws further pictures of what was learnt, by their files' names. */
    static void train(
            Run run,
            Module model,
            ImageSplit images,
            Techniques techniques,
            Augmentations augmentations,
            Map<String, Supplier<Picture>> pictures)
            throws IOException {
        run.describe(images.source(), model.parameterCount());

        // for each epoch, a step for each mini-batch, then the test
        List<EpochResult> epochs = run.train(
                techniques
                        .trainer(run, model, augmentations.of(images.train(), run.seed()))
                        .loss(Loss.crossEntropy())
                        .test(images.test()),
                model);
        if (run.interrupted()) {
            return;
        }

        Evaluation result = Evaluation.of(model, Loss.crossEntropy(), images.test(), run.device());
        ImagePictures.draw(run, epochs, images.test(), result);
        for (Map.Entry<String, Supplier<Picture>> picture : pictures.entrySet()) {
            run.picture(picture.getKey(), picture.getValue().get());
        }
        sayFigures(run, result, images.test().classes());
        EpochResult best = epochs.stream()
                .reduce((a, b) -> b.testMetric() > a.testMetric() ? b : a)
                .orElseThrow();
        run.result(String.format(
                Locale.ROOT,
                "test accuracy %.4f; best %.4f after epoch %d",
                result.accuracy(),
                best.testMetric(),
                best.epoch()));
    }

    /** Says how good the answers are on average over the classes. */
    static void sayFigures(Run run, Evaluation result, int classes) {
        ClassConfusion counts = new ClassConfusion(result.labels(), result.predictions(), classes);
        run.say(String.format(
                Locale.ROOT,
                "means of the classes: precision %.4f, recall %.4f, F1 %.4f",
                counts.macro(Confusion::precision, 0),
                counts.macro(Confusion::recall, 0),
                counts.macro(Confusion::f1, 0)));
    }
}
