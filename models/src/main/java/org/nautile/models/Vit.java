package org.nautile.models;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.data.Cifar10;
import org.nautile.data.Mnist;
import org.nautile.models.vision.VisionTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A small Vision Transformer (Dosovitskiy et al. 2020, arXiv:2010.11929): self-attention between the patches of an
 * image.
 */
public final class Vit implements Model {
    private static final int QUICK_TRAIN = 320;
    private static final int CLASSES = 10;
    private static final int LARGEST = 4096;

    /** The images it can be trained on. */
    enum Images {
        MNIST,
        CIFAR;

        Shape shape() {
            return this == MNIST ? Mnist.IMAGE : Cifar10.IMAGE;
        }

        List<String> classes() {
            return this == MNIST ? Digits.names(CLASSES) : Cifar10.CLASSES;
        }

        ImageSplit find(Run run) throws IOException {
            return this == MNIST ? ImageSplit.digits(run) : ImageSplit.cifar(run, QUICK_TRAIN);
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--images",
            paramLabel = "NAME",
            description = "What to learn from: one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    Images images = Images.MNIST;

    @Option(
            names = "--patch",
            paramLabel = "N",
            description = "Rows and columns of a patch; divides those of an image. Default: ${DEFAULT-VALUE}.")
    int patch = 4;

    @Option(names = "--width", paramLabel = "N", description = "Numbers for each patch. Default: ${DEFAULT-VALUE}.")
    int width = 64;

    @Option(
            names = "--heads",
            paramLabel = "N",
            description = "Heads of each layer's attention; they share --width. Default: ${DEFAULT-VALUE}.")
    int heads = 4;

    @Option(names = "--layers", paramLabel = "N", description = "Layers of the encoder. Default: ${DEFAULT-VALUE}.")
    int layers = 4;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            description = "The probability that what a layer adds is dropped, in training. Default: ${DEFAULT-VALUE}.")
    double dropout;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM, 1);

    @Mixin
    final Augmentations augmentations = new Augmentations();

    /** For {@link java.util.ServiceLoader}. */
    public Vit() {
        techniques.schedule = Techniques.ScheduleKind.ONECYCLE;
    }

    private VisionTransformer network(Generator random) {
        VisionTransformer.Sizes sizes = new VisionTransformer.Sizes(patch, width, heads, layers, dropout);
        return new VisionTransformer(images.shape(), images.classes().size(), sizes, random);
    }

    private VitAttention attention(VisionTransformer model) {
        return new VitAttention(
                model, ImageClassifier.classifier(model, images.shape(), false, images.classes()), patch);
    }

    @Override
    public void check() {
        Options.fromOne("--patch", patch, LARGEST);
        Options.fromOne("--width", width, LARGEST);
        Options.fromOne("--heads", heads, LARGEST);
        Options.fromOne("--layers", layers, LARGEST);
        if (images.shape().dim(1) % patch != 0) {
            throw new IllegalArgumentException(
                    "--patch " + patch + " does not divide " + images.shape().dim(1) + ", the rows of an image");
        }
        if (width % heads != 0) {
            throw new IllegalArgumentException("--heads " + heads + " do not divide --width " + width);
        }
        Options.share("--dropout", dropout);
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        ImageSplit split = images.find(run);
        try (VisionTransformer model = network(new Generator(run.seed(), 0))) {
            ImageClassifier.train(
                    run,
                    model,
                    split,
                    techniques,
                    augmentations,
                    Map.of("attention.png", () -> attention(model).picture(split.test())));
        }
    }

    @Override
    public Trial trial() {
        width = 16;
        heads = 2;
        layers = 2;
        return new Trial(8, 8, 0.001);
    }

    @Override
    public Optional<Predictor> predictor() {
        return Optional.of(attention(network(new Generator(0, 0))));
    }

    @Override
    public String name() {
        return "vit";
    }

    @Override
    public String part() {
        return "II CNN, RNN, Transformer";
    }

    @Override
    public String summary() {
        return "Vision Transformer on digits or photographs, with its attention";
    }

    @Override
    public long parameters() {
        return 139_018;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(3, 64, 0.002);
    }
}
