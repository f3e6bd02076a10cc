package org.nautile.models;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nautile.Generator;
import org.nautile.data.ImageDataset;
import org.nautile.nn.Activation;
import org.nautile.nn.Linear;
import org.nautile.nn.Sequential;
import org.nautile.optim.Score;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Autoencoders for handwritten digits: networks that say again what they read, through a code of few numbers. They compress; they
 * take noise away; and they fail at what is unlike all they have seen.
 */
public final class Autoencoder implements Model {
    private static final int CLASSES = 10;
    private static final int PIXELS = 784;
    private static final int HIDDEN = 128;

    @Option(
            names = "--code",
            split = ",",
            paramLabel = "M",
            description = "Numbers in the code, one or several sizes: each gets a network. Default: 2,4,8,16,32,64.")
    List<Integer> codes = List.of(2, 4, 8, 16, 32, 64);

    @Option(
            names = "--denoise",
            paramLabel = "SIGMA",
            description = "Add normal noise of this deviation to what is read (pixels are 0 to 1), and learn to say the"
                    + " image without. Default: ${DEFAULT-VALUE}, no noise.")
    double sigma;

    @Option(
            names = "--anomaly",
            description = "Train a network on each digit alone, and find the other digits by its error. Default: off.")
    boolean anomaly;

    @Mixin
    final Techniques techniques = new Techniques(Techniques.OptimizerKind.ADAM);

    /** For {@link java.util.ServiceLoader}. */
    public Autoencoder() {}

    /**
     * The network: 784-128-code-128-784 with ReLU after the wide layers. The first three layers are the encoder.
     *
     * @param code the numbers in the code
     * @param random draws the first weights
     * @return 209 968 parameters for a code of 32 numbers
     */
    public static Sequential network(int code, Generator random) {
        return new Sequential(
                new Linear(PIXELS, HIDDEN, random),
                Activation.relu(),
                new Linear(HIDDEN, code, random),
                new Linear(code, HIDDEN, random),
                Activation.relu(),
                new Linear(HIDDEN, PIXELS, random));
    }

    /** The networks of this run, all with the same first weights where their shapes are the same. */
    SideBySide networks(long seed) {
        SideBySide networks = new SideBySide();
        for (int code : codes) {
            for (int digit = 0; digit < (anomaly ? CLASSES : 1); digit++) {
                Sequential network = network(code, new Generator(seed, 0));
                int target = anomaly ? digit : sigma > 0 ? 1 : 0;
                networks.add(
                        "code" + code + (anomaly ? "_digit" + digit : ""),
                        new SideBySide.Member(network, anomaly ? digit : 0, target));
            }
        }
        return networks;
    }

    private PixelRows rows(ImageDataset images, long seed) throws IOException {
        if (anomaly) {
            int[][] byDigit = images.byClass();
            for (int digit = 0; digit < CLASSES; digit++) {
                if (byDigit[digit].length == 0) {
                    throw new IOException("there is no image of the digit " + digit + " among " + images.size());
                }
            }
            return PixelRows.oneOfEach(images);
        }
        return sigma > 0 ? PixelRows.noisy(images, sigma, seed) : PixelRows.of(images);
    }

    @Override
    public void check() {
        if (codes.stream().anyMatch(code -> code < 1 || code > PIXELS) || new HashSet<>(codes).size() < codes.size()) {
            throw new IllegalArgumentException("--code " + codes + " is not of different numbers from 1 to " + PIXELS);
        }
        if (!(sigma >= 0 && sigma < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("--denoise " + sigma + " is not a number >= 0");
        }
        if (anomaly && sigma > 0) {
            throw new IllegalArgumentException("--anomaly and --denoise are for one training each");
        }
        techniques.check();
    }

    @Override
    public void train(Run run) throws IOException {
        // the data: digits, with noise or by kind
        Digits digits = Digits.load(run, CLASSES);
        PixelRows train = rows(digits.train(), run.seed());
        PixelRows test = rows(digits.test(), ~run.seed()); // other noise

        // the networks
        try (SideBySide model = networks(run.seed())) {
            run.describe(digits.source(), model.parameterCount());

            // the loop
            run.train(
                    techniques
                            .trainer(run, model, train)
                            .objective(batch -> model.forward(batch.x()))
                            .measure("", () -> new Score(model.loss(test, run.device()), Double.NaN)),
                    model);
            if (run.interrupted()) {
                return;
            }

            // what they learnt
            AutoencoderPictures pictures = new AutoencoderPictures(run, digits.test(), codes);
            List<SideBySide.Member> networks = model.members();
            if (anomaly) {
                PixelRows images = PixelRows.of(digits.test());
                double[][] errors = networks.stream()
                        .map(member -> new SideBySide.Member(member.network(), 0, 0).errors(images, run.device()))
                        .toArray(double[][]::new);
                run.result("mean one-class AUROC " + byCode(pictures.anomalies(errors)));
                return;
            }
            double[] error = networks.stream()
                    .mapToDouble(member -> Arrays.stream(member.errors(test, run.device()))
                            .average()
                            .orElse(Double.NaN))
                    .toArray();
            if (sigma > 0) {
                double[] gain = Arrays.stream(error)
                        .map(mean -> 10 * Math.log10(sigma * sigma / mean))
                        .toArray();
                pictures.denoised(networks, test, gain);
                run.result("gain in dB " + byCode(gain));
            } else {
                pictures.reconstructions(networks, test, error);
                run.result("mean squared error " + byCode(error));
            }
        }
    }

    private String byCode(double[] values) {
        return IntStream.range(0, values.length)
                .mapToObj(i -> String.format(Locale.ROOT, "%.5f (code of %d)", values[i], codes.get(i)))
                .collect(Collectors.joining(", "));
    }

    @Override
    public Trial trial() {
        codes = List.of(4);
        return new Trial(16, 16, 0.001);
    }

    @Override
    public String name() {
        return "autoencoder";
    }

    @Override
    public String part() {
        return "V Hands-on";
    }

    @Override
    public String summary() {
        return "784-128-m-128-784 autoencoders: compression, denoising, anomalies";
    }

    @Override
    public long parameters() {
        return 1_242_846;
    }

    @Override
    public Defaults defaults() {
        return new Defaults(10, 128, 0.001);
    }
}
