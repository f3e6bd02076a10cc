package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.data.Batch;
import org.nautile.data.DataLocation;
import org.nautile.nn.Activation;
import org.nautile.nn.BatchNorm2d;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.ConvTranspose2d;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;
import org.nautile.op.BinaryOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;
import org.nautile.optim.Adam;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;
import picocli.CommandLine.Option;

/**
 * A generative adversarial network: a generator that makes digits of noise, and a discriminator that tells them from real ones, learn
 * from each other.
 */
public final class MnistGan implements Model {
    /** The numbers of noise that become an image. */
    static final int NOISE = 64;

    private static final int PIXELS = 784;
    private static final int CLASSES = 10;
    private static final double GOOD_JUDGE = 0.985; // test accuracy
    private static final BinaryOp ADD = new BinaryOp(BinaryKernel.Function.ADD);
    private static final ConvOptions TWICE = ConvOptions.kernel(4).stride(2).padding(1); // or half
    private static final Loss BCE = Loss.binaryCrossEntropyWithLogits();

    /** The kinds of networks: linear layers, or convolutions (Radford et al. 2015, arXiv:1511.06434). */
    enum Kind {
        MLP,
        DCGAN;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--generator",
            paramLabel = "NAME",
            description = "The networks: one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    Kind kind = Kind.DCGAN;

    @Option(
            names = "--judge",
            paramLabel = "FILE",
            description = "Weights of the classifier that judges the digits; where there are none, it is trained first."
                    + " Default: mnist-judge.safetensors in the cache.")
    @Nullable
    Path judgeFile;

    /** For {@link java.util.ServiceLoader}. */
    public MnistGan() {}

    /** Both networks; the forward pass is the generator's. */
    static final class Networks extends Module {
        final Sequential generator;
        final Sequential discriminator;
        private final long[] noise;
        private final long[] image;

        Networks(Kind kind, Generator random) {
            generator = child("generator", kind == Kind.MLP ? mlpGenerator(random) : dcganGenerator(random));
            discriminator =
                    child("discriminator", kind == Kind.MLP ? mlpDiscriminator(random) : dcganDiscriminator(random));
            noise = kind == Kind.MLP ? new long[] {-1, NOISE} : new long[] {-1, NOISE, 1, 1};
            image = kind == Kind.MLP ? new long[] {-1, PIXELS} : new long[] {-1, 1, 28, 28};
        }

        private static Sequential mlpGenerator(Generator random) {
            return new Sequential(
                    new Linear(NOISE, 256, random),
                    Activation.relu(),
                    new Linear(256, 512, random),
                    Activation.relu(),
                    new Linear(512, PIXELS, random),
                    Activation.tanh());
        }

        private static Sequential mlpDiscriminator(Generator random) {
            return new Sequential(
                    new Linear(PIXELS, 512, random),
                    leaky(),
                    new Linear(512, 256, random),
                    leaky(),
                    new Linear(256, 1, random));
        }

        private static Sequential dcganGenerator(Generator random) {
            return new Sequential(
                    new ConvTranspose2d(NOISE, 64, ConvOptions.kernel(7).withoutBias(), random), // 7 x 7
                    new BatchNorm2d(64),
                    Activation.relu(),
                    new ConvTranspose2d(64, 32, TWICE.withoutBias(), random),
                    new BatchNorm2d(32), // 14 x 14
                    Activation.relu(),
                    new ConvTranspose2d(32, 1, TWICE, random), // 28 x 28
                    Activation.tanh());
        }

        private static Sequential dcganDiscriminator(Generator random) {
            return new Sequential(
                    new Conv2d(1, 32, TWICE, random), // 14 x 14
                    leaky(),
                    new Conv2d(32, 64, TWICE.withoutBias(), random), // 7 x 7
                    new BatchNorm2d(64),
                    leaky(),
                    new Flatten(),
                    new Linear(64 * 49, 1, random));
        }

        private static Activation leaky() {
            return new Activation(ActivationKernel.Function.LEAKY_RELU, 0.2);
        }

        /** Images in [-1, 1] of noise [N, 64]. */
        @Override
        public Tensor forward(Tensor z) {
            return generator.forward(Autograd.apply(new ReshapeOp(noise), z));
        }

        /** How real images are: logits [N, 1]. */
        Tensor realness(Tensor images) {
            return discriminator.forward(Autograd.apply(new ReshapeOp(image), images));
        }
    }

    /**
     * A step of each network. The discriminator makes log D(x) + log(1 - D(G(z))) large, then the generator -log D(G(z)) small.
     *
     * @return the sum of both losses
     */
    static Tensor step(Networks model, Adam generatorSteps, Adam discriminatorSteps, Batch batch) {
        Tensor x = Autograd.apply(new SliceOp(1, 0, PIXELS), batch.x());
        Tensor z = Autograd.apply(new SliceOp(1, PIXELS, PIXELS + NOISE), batch.x());
        Tensor ones = Tensor.full(x.device(), x.dtype(), Shape.of(batch.size(), 1), 1);
        Tensor zeros = Tensor.full(x.device(), x.dtype(), Shape.of(batch.size(), 1), 0);
        Tensor fake = model.forward(z);

        discriminatorSteps.clearGradients();
        Tensor onReal = BCE.of(model.realness(x), ones);
        Tensor onFake = BCE.of(model.realness(fake.detach()), zeros);
        Tensor discriminatorLoss = Autograd.apply(ADD, onReal, onFake);
        Autograd.backward(discriminatorLoss);
        discriminatorSteps.step();

        generatorSteps.clearGradients();
        Tensor generatorLoss = BCE.of(model.realness(fake), ones);
        Autograd.backward(generatorLoss);
        generatorSteps.step();
        return Autograd.apply(ADD, discriminatorLoss.detach(), generatorLoss.detach());
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: digits, each with noise for the generator
        Digits digits = Digits.load(run, CLASSES);
        ImagesWithNoise train = new ImagesWithNoise(digits.train(), NOISE, run.seed());

        // the networks
        try (Networks model = new Networks(kind, new Generator(run.seed(), 0))) {
            run.describe(digits.source(), model.parameterCount());

            // the loop: a step of the discriminator and one of the generator for each mini-batch
            Adam generatorSteps = new Adam(model.generator, run.learningRate(), 0.5, 0.999, 1e-8, 0);
            Adam discriminatorSteps = new Adam(model.discriminator, run.learningRate(), 0.5, 0.999, 1e-8, 0);
            GanPictures pictures = new GanPictures(run);
            float[] shown = ImagesWithNoise.noise(run.seed(), GanPictures.NOISE_STREAM, 10 * NOISE);
            List<EpochResult> epochs = run.train(
                    Trainer.of(model)
                            .optimizer(generatorSteps, discriminatorSteps)
                            .step(batch -> step(model, generatorSteps, discriminatorSteps, batch))
                            .train(train)
                            .listener(new TrainerListener() {
                                @Override
                                public void epochDone(EpochResult result) {
                                    pictures.epoch(result.epoch(), GanPictures.samples(model, shown, run.device()));
                                }
                            }),
                    model);
            if (run.interrupted()) {
                return;
            }

            // what it learnt
            pictures.training(epochs);
            Path weights = judgeFile != null ? judgeFile : DataLocation.cache().resolve("mnist-judge.safetensors");
            try (DigitJudge judge = DigitJudge.open(weights, GOOD_JUDGE, digits, run.device(), run.seed())) {
                int count = digits.test().size();
                float[] noise = ImagesWithNoise.noise(run.seed(), GanPictures.SAMPLE_STREAM, count * NOISE);
                run.result(pictures.judged(judge, digits, GanPictures.samples(model, noise, run.device())));
            }
        }
    }

    @Override
    public Trial trial() {
        kind = Kind.MLP;
        return new Trial(8, 16, 0.0002);
    }

    @Override
    public String name() {
        return "mnist-gan";
    }

    @Override
    public String part() {
        return "IV Applications";
    }

    @Override
    public String summary() {
        return "generative adversarial networks that write digits";
    }

    @Override
    public long parameters() {
        return 270_754;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(4, 64, 0.0002);
    }
}
