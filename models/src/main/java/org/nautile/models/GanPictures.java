package org.nautile.models;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.metrics.FrechetDistance;
import org.nautile.optim.EpochResult;

/** The pictures of {@link MnistGan}, and the figures in them. */
final class GanPictures {
    /** Streams of random numbers of the run's seed, for what is shown and for what is judged. */
    static final long NOISE_STREAM = 2;

    static final long SAMPLE_STREAM = 3;
    private static final long PIXEL_STREAM = 4;
    private static final int SIDE = 28;
    private static final int PIXELS = SIDE * SIDE;
    private static final int ROWS = 10;
    private static final int BATCH = 500;

    private final Run run;
    private final Map<Integer, byte[]> samples = new TreeMap<>(); // by epoch

    GanPictures(Run run) {
        this.run = run;
    }

    /** Images of noise, each 28 x 28 pixels from 0 to 255. */
    static byte[] samples(MnistGan.Networks model, float[] noise, Device device) {
        int count = noise.length / MnistGan.NOISE;
        byte[] pixels = new byte[count * PIXELS];
        model.train(false);
        try (Autograd.Pause pause = Autograd.noGrad()) {
            for (int start = 0; start < count; start += BATCH) {
                int size = Math.min(BATCH, count - start);
                float[] part = Arrays.copyOfRange(noise, start * MnistGan.NOISE, (start + size) * MnistGan.NOISE);
                try (Scope scope = new Scope()) {
                    float[] images = model.forward(Tensor.of(device, part, Shape.of(size, MnistGan.NOISE)))
                            .toFloatArray();
                    for (int i = 0; i < images.length; i++) {
                        pixels[start * PIXELS + i] = (byte) Math.round(127.5F * (images[i] + 1));
                    }
                }
            }
        }
        return pixels;
    }

    /** Remembers what the generator makes of the same noise after each epoch. */
    void epoch(int epoch, byte[] images) {
        samples.put(epoch, images);
    }

    /** Draws samples.png, of ten epochs and the last, and curves.png. */
    void training(List<EpochResult> epochs) throws IOException {
        List<Map.Entry<Integer, byte[]>> rows = Frames.spread(List.copyOf(samples.entrySet()), ROWS);
        if (!rows.isEmpty()) {
            int columns = rows.get(0).getValue().length / PIXELS;
            ImageGrid grid =
                    new ImageGrid("Samples", "what the generator makes of the same noise, epoch by epoch", columns);
            for (Map.Entry<Integer, byte[]> row : rows) {
                for (int i = 0; i < columns; i++) {
                    add(grid, row.getValue(), i, "epoch " + row.getKey(), "");
                }
            }
            run.picture("samples.png", grid);
        }
        double[] x = TrainingPictures.column(epochs, EpochResult::epoch);
        double[] loss = TrainingPictures.column(epochs, EpochResult::trainLoss);
        run.picture(
                "curves.png",
                new LineChart("Loss of both networks", "epoch", "binary cross-entropy").add("train", x, loss));
    }

    /**
     * Draws digits.png and shares.png.
     *
     * @param pixels of the samples, as many as test images
     * @return the figures, on one line
     */
    String judged(DigitJudge judge, Digits digits, byte[] pixels) throws IOException {
        DigitJudge.Judgement real = judge.judge(digits.test());
        DigitJudge.Judgement fake = judge.judge(images(pixels));
        DigitJudge.Judgement noise = judge.judge(images(independentPixels(digits.train(), pixels.length / PIXELS)));
        double distance = FrechetDistance.of(real.features(), fake.features());
        double noiseDistance = FrechetDistance.of(real.features(), noise.features());

        double[] shares = shares(fake.answers(), digits.test().classes());
        ImageGrid grid = new ImageGrid(
                "Samples and what they are, to a classifier of digits",
                String.format(
                        Locale.ROOT,
                        "Frechet distance of its features to those of the test set: %.2f; of independent pixels: %.2f",
                        distance,
                        noiseDistance),
                ROWS);
        for (int i = 0; i < Math.min(5 * ROWS, fake.answers().length); i++) {
            add(grid, pixels, i, "a " + fake.answers()[i], "");
        }
        run.picture("digits.png", grid);
        double[] x = IntStream.range(0, shares.length).asDoubleStream().toArray();
        run.picture(
                "shares.png",
                new LineChart("Which digits are generated", "digit", "share")
                        .add("generated", x, shares)
                        .add("test set", x, shares(real.answers(), digits.test().classes()))
                        .percent()
                        .legendOutside());
        return String.format(
                Locale.ROOT,
                "Frechet distance %.2f (independent pixels %.2f); of %d samples the rarest digit has %.1f %%, entropy %.3f"
                        + " of %.3f; judge's test accuracy %.4f",
                distance,
                noiseDistance,
                fake.answers().length,
                100 * Arrays.stream(shares).min().orElse(0),
                entropy(shares),
                Math.log(shares.length),
                judge.accuracy());
    }

    /** The share of each digit among answers. */
    static double[] shares(int[] answers, int classes) {
        double[] shares = new double[classes];
        for (int answer : answers) {
            shares[answer] += 1.0 / answers.length;
        }
        return shares;
    }

    /** The entropy of a distribution, in nats. */
    static double entropy(double... shares) {
        return Arrays.stream(shares)
                .filter(share -> share > 0)
                .map(share -> -share * Math.log(share))
                .sum();
    }

    /** Noise that has each pixel's own distribution, and nothing of how pixels hang together. */
    private byte[] independentPixels(ImageDataset images, int count) {
        Generator random = new Generator(run.seed(), PIXEL_STREAM);
        byte[] pixels = new byte[count * PIXELS];
        float[][] all =
                IntStream.range(0, images.size()).mapToObj(images::pixels).toArray(float[][]::new);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) Math.round(255 * all[random.nextInt(all.length)][i % PIXELS]);
        }
        return pixels;
    }

    private static ImageDataset images(byte[] pixels) {
        return new ImageDataset(pixels, new byte[pixels.length / PIXELS], Mnist.IMAGE, 10);
    }

    private static void add(ImageGrid grid, byte[] images, int index, String first, String second) {
        float[] pixels = new float[PIXELS];
        for (int i = 0; i < PIXELS; i++) {
            pixels[i] = (images[index * PIXELS + i] & 0xFF) / 255.0F;
        }
        grid.add(pixels, 1, SIDE, SIDE, first, second);
    }
}
