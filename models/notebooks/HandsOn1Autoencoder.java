// %% [markdown]
// # Hands-on 1: the autoencoder
//
// A network that says again what it read, through a *code* of few numbers: $x \in \mathbb{R}^{784} \to$ encoder $\to c \in
// \mathbb{R}^m \to$ decoder $\to \hat{x} \in \mathbb{R}^{784}$, with the loss $\lVert \hat{x} - x \rVert^2 / 784$. Nobody needs to
// label anything. Three uses: compression, taking noise away, finding what is unlike the rest.
//
// You need about 30 minutes, of which the computer takes less than two.

// %%
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.data.ImageDataset;
import org.nautile.models.Autoencoder;
import org.nautile.models.Digits;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.metrics.RocCurve;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;
import org.nautile.optim.Adam;

// %% [program]
class HandsOn1Autoencoder extends Practical {
    public static void main(String... args) throws Exception {

        // %% [markdown]
        // ## 1. The data
        //
        // Handwritten digits, as rows of 784 numbers from 0 to 1.

        // %%
        boolean quick = Boolean.getBoolean("nautile.quick"); // little data: to check the notebook
        Digits digits = Digits.find(null, 1, 10, quick ? 1_500 : 20_000, quick ? 300 : 2_000);
        System.out.println(digits.source());
        ImageDataset train = digits.train().flattened();
        ImageDataset test = digits.test().flattened();

        // %% [markdown]
        // ## 2. Training
        //
        // The network is 784-128-m-128-784. The target of an image is the image itself, so here is a loop of our own. It
        // gets a network, images, how much noise is added to what the network reads (0 for now), and how often it goes through them.

        // %%
        interface Training {
            double run(Sequential network, ImageDataset images, double noise, int epochs);
        }

        Training training = (network, images, noise, count) -> {
            Adam optimizer = new Adam(network, 0.001);
            Generator random = new Generator(7, 0);
            double mean = 0;
            network.train(true);
            try (DataLoader loader = new DataLoader(images, 128, Device.defaultDevice(), true, 1)) {
                for (int epoch = 1; epoch <= count; epoch++) {
                    double sum = 0;
                    for (Batch batch : loader.epoch(epoch)) {
                        try (Scope scope = new Scope()) {
                            Tensor read = batch.x();
                            if (noise > 0) {
                                float[] noisy = read.toFloatArray();
                                for (int i = 0; i < noisy.length; i++) {
                                    noisy[i] += (float) (noise * random.nextGaussian());
                                }
                                read = Tensor.of(noisy, batch.size(), 784);
                            }
                            optimizer.clearGradients();
                            Tensor loss = Loss.meanSquaredError().of(network.forward(read), batch.x());
                            Autograd.backward(loss);
                            optimizer.step();
                            sum += loss.item() * batch.size();
                        }
                    }
                    mean = sum / images.size();
                }
            }
            network.train(false);
            return mean;
        };

        // %% [markdown]
        // ## 3. Compression
        //
        // A network for each size of the code.

        // %%
        int[] codes = quick ? new int[] {2, 16} : new int[] {2, 8, 32};
        Map<Integer, Sequential> networks = new LinkedHashMap<>();
        double[] errors = new double[codes.length];
        for (int i = 0; i < codes.length; i++) {
            Sequential network = Autoencoder.network(codes[i], new Generator(1, 0));
            errors[i] = training.run(network, train, 0, quick ? 4 : 5);
            networks.put(codes[i], network);
            System.out.println(String.format(
                    Locale.ROOT, "code of %2d numbers: training error %.4f", codes[i], errors[i]));
        }
        show(new LineChart("Rate and error", "numbers in the code", "mean squared error")
                .add("train", Arrays.stream(codes).asDoubleStream().toArray(), errors));

        // %%
        interface Answer {
            float[] of(Sequential network, float... pixels);
        }

        Answer answer = (network, pixels) -> {
            try (Autograd.Pause pause = Autograd.noGrad();
                    Scope scope = new Scope()) {
                return network.forward(Tensor.of(pixels, 1, 784)).toFloatArray();
            }
        };

        ImageGrid reconstructions = new ImageGrid("Test images and what comes back", "", 8, 60);
        float[][] shown = new float[8][];
        for (int i = 0; i < 8; i++) {
            shown[i] = test.pixels(i);
            reconstructions.add(shown[i], 1, 28, 28, "image", "");
        }
        networks.forEach((code, network) -> {
            for (float[] pixels : shown) {
                reconstructions.add(answer.of(network, pixels), 1, 28, 28, "code of " + code, "");
            }
        });
        show(reconstructions);

        // %% [markdown]
        // **Question 1.** An image is 784 bytes. How many times smaller is a code of 32 numbers in float32?
        //
        // <details><summary>Answer</summary>
        //
        // $784 / (32 \cdot 4) \approx 6$ times. With one byte for each number of the code, which costs little quality, 24 times; the
        // decoder's weights must be on the other side, too.
        //
        // </details>

        // %% [markdown]
        // **Question 2.** Without ReLU this would be a well-known method. Which?
        //
        // <details><summary>Answer</summary>
        //
        // Principal component analysis: the best linear code with mean squared error spans the space of the first $m$ components.
        //
        // </details>

        // %% [markdown]
        // ## 4. Noise
        //
        // The same network reads images with normal noise, and is to say them *without*.

        // %%
        double sigma = 0.3;
        int denoisingCode = codes[codes.length - 1];
        Sequential denoiser = Autoencoder.network(denoisingCode, new Generator(2, 0));
        training.run(denoiser, train, sigma, quick ? 4 : 5);

        Generator random = new Generator(3, 0);
        ImageGrid denoised = new ImageGrid("Taking noise away", "", 8, 60);
        float[][] noisy = new float[8][784];
        double before = 0;
        double after = 0;
        float[][] cleaned = new float[8][];
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < 784; j++) {
                noisy[i][j] = shown[i][j] + (float) (sigma * random.nextGaussian());
            }
            cleaned[i] = answer.of(denoiser, noisy[i]);
            for (int j = 0; j < 784; j++) {
                before += Math.pow(noisy[i][j] - shown[i][j], 2) / (8 * 784);
                after += Math.pow(cleaned[i][j] - shown[i][j], 2) / (8 * 784);
            }
            denoised.add(noisy[i], 1, 28, 28, "with noise", "");
        }
        for (float[] pixels : cleaned) {
            denoised.add(pixels, 1, 28, 28, "cleaned", "");
        }
        System.out.println(String.format(
                Locale.ROOT,
                "error with noise %.4f, cleaned %.4f: %.1f dB better",
                before,
                after,
                10 * Math.log10(before / after)));
        show(denoised);

        // %% [markdown]
        // ## 5. Anomalies
        //
        // A network that has seen the digit 1 alone says other digits badly: its error is a score for "this is something else". The ROC
        // curve has, for each threshold, the share of anomalies found against the share of false alarms; its area is 1 for a perfect
        // score and 1/2 for a coin.

        // %%
        int normal = 1; // the digit that the network sees
        int[] members = train.byClass()[normal];
        byte[] normalPixels = new byte[members.length * 784];
        byte[] normalLabels = new byte[members.length];
        for (int i = 0; i < members.length; i++) {
            float[] row = train.pixels(members[i]);
            for (int j = 0; j < 784; j++) {
                normalPixels[i * 784 + j] = (byte) Math.round(255 * row[j]);
            }
            normalLabels[i] = (byte) normal;
        }
        ImageDataset normalOnly = new ImageDataset(normalPixels, normalLabels, Shape.of(784), 10);
        Sequential expert = Autoencoder.network(8, new Generator(4, 0));
        training.run(expert, normalOnly, 0, quick ? 20 : 10);

        double[] scores = new double[test.size()];
        boolean[] anomalous = new boolean[test.size()];
        for (int i = 0; i < test.size(); i++) {
            float[] row = test.pixels(i);
            float[] said = answer.of(expert, row);
            for (int j = 0; j < 784; j++) {
                scores[i] += Math.pow(said[j] - row[j], 2) / 784;
            }
            anomalous[i] = test.label(i) != normal;
        }
        RocCurve roc = new RocCurve(scores, anomalous);
        System.out.println(String.format(Locale.ROOT, "area under the ROC curve %.4f", roc.auroc()));
        show(new LineChart("Which digits are no " + normal + "?", "false alarms", "anomalies found")
                .add("ROC", roc.falsePositiveRate(), roc.recall()));

        // %% [markdown]
        // **Question 3.** Take 8 as the normal digit (`normal`). Is the area larger or smaller, and why?
        //
        // <details><summary>Answer</summary>
        //
        // Smaller: an 8 has strokes nearly everywhere, so that who can say any 8 can say parts of most other digits, too. A 1 is little
        // else than one stroke.
        //
        // </details>

        // %% [markdown]
        // **To go on.** `./nautile train autoencoder --anomaly` does this for all ten digits; `--denoise 0.3` and `--code 2,4,8,16,32,64`
        // do parts 3 and 4 at length.

        // %% [program]
    }
}
