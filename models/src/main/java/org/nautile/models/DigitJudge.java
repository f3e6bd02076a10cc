package org.nautile.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.data.ImageDataset;
import org.nautile.io.Safetensors;
import org.nautile.nn.Activation;
import org.nautile.nn.Conv2d;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.MaxPool2d;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;
import org.nautile.op.ArgmaxOp;
import org.nautile.optim.Adam;
import org.nautile.optim.Evaluation;
import org.nautile.optim.Trainer;

/** A classifier of digits that judges generated ones: by its answers, and by the numbers that its last layer reads. */
final class DigitJudge implements AutoCloseable {
    private static final int CLASSES = 10;
    private static final int FEATURES = 64;
    private static final int EPOCHS = 3;
    private static final int BATCH = 64;
    private static final int JUDGING_BATCH = 500;

    private final Network network;
    private final Device device;
    private final double accuracy;

    private DigitJudge(Network network, Device device, double accuracy) {
        this.network = network;
        this.device = device;
        this.accuracy = accuracy;
    }

    /** Convolutions with 16 and 32 kernels of 5 x 5, each with a pooling, then two layers. */
    private static final class Network extends Module {
        private final Sequential features;
        private final Linear head;

        Network(Generator random) {
            features = child(
                    "features",
                    new Sequential(
                            new Conv2d(1, 16, 5, random),
                            Activation.relu(),
                            new MaxPool2d(2),
                            new Conv2d(16, 32, 5, random),
                            Activation.relu(),
                            new MaxPool2d(2),
                            new Flatten(),
                            new Linear(512, FEATURES, random),
                            Activation.relu()));
            head = child("head", new Linear(FEATURES, CLASSES, random));
        }

        @Override
        public Tensor forward(Tensor x) {
            return head.forward(features.forward(x));
        }
    }

    /**
     * What the judge finds.
     *
     * @param answers the digit that each image is, to the judge
     * @param features what the last layer reads of each image
     */
    record Judgement(int[] answers, float[][] features) {}

    /**
     * Reads the judge's weights, if there are any that are good for these digits; else trains it, and writes them if they are good.
     *
     * @param good the least test accuracy
     * @throws IOException if the file holds something else, or cannot be read or written
     */
    static DigitJudge open(Path file, double good, Digits digits, Device device, long seed) throws IOException {
        Network network = new Network(new Generator(seed, 0));
        if (Files.exists(file)) {
            Weights.load(network, "the judge", file);
            double accuracy = accuracy(network, digits.test(), device);
            if (accuracy >= good) {
                return new DigitJudge(network, device, accuracy);
            }
        }
        Trainer.of(network)
                .optimizer(new Adam(network, 0.001))
                .train(digits.train())
                .epochs(EPOCHS)
                .batchSize(BATCH)
                .seed(seed)
                .device(device)
                .build()
                .run();
        double accuracy = accuracy(network, digits.test(), device);
        if (accuracy >= good) {
            try (Scope scope = new Scope()) {
                Path folder = file.toAbsolutePath().getParent();
                if (folder != null) {
                    Files.createDirectories(folder);
                }
                Safetensors.write(file, network.state());
            }
        }
        return new DigitJudge(network, device, accuracy);
    }

    private static double accuracy(Network network, ImageDataset test, Device device) {
        return Evaluation.of(network, Loss.crossEntropy(), test, device).accuracy();
    }

    /** The share of test images that the judge calls right. */
    double accuracy() {
        return accuracy;
    }

    /** Judges images. */
    Judgement judge(ImageDataset images) {
        int[] answers = new int[images.size()];
        float[][] features = new float[images.size()][];
        Evaluation.each(images, JUDGING_BATCH, device, (batch, first) -> {
            Tensor read = network.features.forward(batch.x());
            float[] numbers = read.toFloatArray();
            long[] said =
                    new ArgmaxOp(1, false).apply(network.head.forward(read)).toLongArray();
            for (int i = 0; i < batch.size(); i++) {
                features[first + i] = Arrays.copyOfRange(numbers, i * FEATURES, (i + 1) * FEATURES);
                answers[first + i] = (int) said[i];
            }
        });
        return new Judgement(answers, features);
    }

    @Override
    public void close() {
        network.close();
    }
}
