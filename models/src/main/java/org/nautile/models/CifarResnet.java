package org.nautile.models;

import java.io.IOException;
import java.util.Optional;
import org.nautile.Generator;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.nn.Activation;
import org.nautile.nn.AdaptiveAvgPool2d;
import org.nautile.nn.BatchNorm2d;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;
import org.nautile.op.BinaryOp;
import org.nautile.op.Op;
import org.nautile.op.PadOp;
import org.nautile.op.SliceOp;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** ResNet-20 of He, Zhang, Ren and Sun 2015, section 4.2 (arXiv:1512.03385), with parameterless shortcuts (option A). */
public final class CifarResnet implements Model {
    private static final int QUICK_TRAIN = 640;
    private static final int BLOCKS = 3; // in each of three stages: 6 * 3 + 2 = 20 layers with weights

    @Option(names = "--width", paramLabel = "N", description = "Channels of the first stage. Default: 16.")
    int width = 16;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.MOMENTUM);

    @Mixin
    final Augmentations augmentations = new Augmentations(Augmentations.Kind.FLIP, Augmentations.Kind.CROP);

    /** For {@link java.util.ServiceLoader}. */
    public CifarResnet() {
        techniques.weightDecay = 1e-4;
        techniques.schedule = Techniques.ScheduleKind.COSINE;
        techniques.init = Techniques.InitKind.HE;
    }

    /** The network. */
    public static final class Network extends Module {
        private final Module first;
        private final Module stages;
        private final Module last;

        /**
         * A network: a convolution, three stages of residual blocks, the mean over each channel, a linear layer.
         *
         * @param width channels of the first stage, 16 in the paper; the next have twice and four times as many
         * @param random draws the first weights
         */
        public Network(int width, Generator random) {
            Conv2d conv1 = child("conv1", convolution(3, width, 1, random));
            BatchNorm2d bn1 = child("bn1", new BatchNorm2d(width));
            first = new Sequential(conv1, bn1, Activation.relu()); // [N, 3, 32, 32] -> [N, width, 32, 32]
            stages = new Sequential(
                    child("layer1", stage(width, width, random)),
                    child("layer2", stage(width, 2 * width, random)), // -> [N, 2 width, 16, 16]
                    child("layer3", stage(2 * width, 4 * width, random))); // -> [N, 4 width, 8, 8]
            Linear fc = child("fc", new Linear(4 * width, 10, random));
            last = new Sequential(new AdaptiveAvgPool2d(1), new Flatten(), fc);
        }

        private static Sequential stage(int in, int out, Generator random) {
            Module[] blocks = new Module[BLOCKS];
            for (int i = 0; i < BLOCKS; i++) {
                blocks[i] = new Block(i == 0 ? in : out, out, random);
            }
            return new Sequential(blocks);
        }

        @Override
        public Tensor forward(Tensor x) {
            return last.forward(stages.forward(first.forward(x)));
        }
    }

    /** Two convolutions learn what is to be added to their input. */
    private static final class Block extends Module {
        private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);

        private final int added; // channels
        private final Module residual;
        private final Module relu = Activation.relu();

        Block(int in, int out, Generator random) {
            added = out - in;
            Conv2d conv1 = child("conv1", convolution(in, out, added == 0 ? 1 : 2, random));
            BatchNorm2d bn1 = child("bn1", new BatchNorm2d(out));
            Conv2d conv2 = child("conv2", convolution(out, out, 1, random));
            BatchNorm2d bn2 = child("bn2", new BatchNorm2d(out));
            residual = new Sequential(conv1, bn1, relu, conv2, bn2);
        }

        @Override
        public Tensor forward(Tensor x) {
            return relu.forward(Autograd.apply(ADD, residual.forward(x), shortcut(x)));
        }

        /** The input, or every other row and column of it with channels of zeros: option A. */
        private Tensor shortcut(Tensor x) {
            if (added == 0) {
                return x;
            }
            Tensor rows = Autograd.apply(new SliceOp(2, 0, x.shape().dim(2), 2), x);
            Tensor half = Autograd.apply(new SliceOp(3, 0, x.shape().dim(3), 2), rows);
            return Autograd.apply(new PadOp(PadOp.Mode.CONSTANT, 1, added / 2, added - added / 2), half);
        }
    }

    private static Conv2d convolution(int in, int out, int stride, Generator random) {
        ConvOptions options = ConvOptions.kernel(3).stride(stride).padding(1).withoutBias();
        return new Conv2d(in, out, options, random);
    }

    @Override
    public void check() {
        Options.atLeast("--width", width, 1);
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        ImageSplit images = ImageSplit.cifar(run, QUICK_TRAIN);
        try (Network model = new Network(width, new Generator(run.seed(), 0))) {
            ImageClassifier.train(run, model, images, techniques, augmentations);
        }
    }

    @Override
    public Trial trial() {
        width = 2;
        // at the rate of training, an error of 1e-7 in one weight is one of 1e-3 in the loss ten steps later
        return new Trial(5, 8, 0.001);
    }

    @Override
    public Optional<Predictor> predictor() {
        return ImageClassifier.predictor(new Network(width, new Generator(0, 0)), false);
    }

    @Override
    public String name() {
        return "cifar-resnet";
    }

    @Override
    public String part() {
        return "II CNN, RNN, Transformer";
    }

    @Override
    public String summary() {
        return "ResNet-20 on photographs";
    }

    @Override
    public long parameters() {
        return 269_722;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(20, 128, 0.1);
    }
}
