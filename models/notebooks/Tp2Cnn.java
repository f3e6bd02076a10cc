// %% [markdown]
// # TP 2: the convolutional network
//
// Convolutions on images, by hand and as a layer; then two networks for the photographs of CIFAR-10: one that does not know which
// pixels are neighbours, and one that does.
//
// You need about 30 minutes, of which the computer takes about one (five epochs of 10 000 images; more with all of CIFAR-10).

// %%
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Cifar10;
import org.nautile.data.DataLocation;
import org.nautile.data.ImageDataset;
import org.nautile.models.CifarCnnSmall;
import org.nautile.models.CifarMlp;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.MatrixChart;
import org.nautile.models.charts.Row;
import org.nautile.nn.Conv2d;
import org.nautile.nn.ConvOptions;
import org.nautile.nn.Loss;
import org.nautile.nn.MaxPool2d;
import org.nautile.nn.Sequential;
import org.nautile.optim.Adam;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Evaluation;
import org.nautile.optim.Trainer;

// %% [program]
class Tp2Cnn extends Practical {
    public static void main(String... args) throws Exception {

        // %% [markdown]
        // ## 1. The data
        //
        // CIFAR-10: photographs of 32 x 32 pixels in three colours, of ten classes (`./nautile download cifar-10`). Where it is missing,
        // drawn objects stand in. `most` limits the training images: raise it on a fast machine.

        // %%
        boolean quick = Boolean.getBoolean("nautile.quick"); // little data: to check the notebook
        int most = quick ? 400 : 10_000;
        Optional<Path> folder = DataLocation.find(Cifar10.NAME, null, Cifar10::isIn);
        ImageDataset train = (folder.isPresent() ? Cifar10.train(folder.get()) : Cifar10.generate(1, most)).limit(most);
        ImageDataset test = (folder.isPresent() ? Cifar10.test(folder.get()) : Cifar10.generate(2, 2_000))
                .limit(quick ? 200 : 10_000);
        System.out.println(folder.map(path -> "CIFAR-10 from " + path).orElse("generated objects, not CIFAR-10") + ", "
                + train.size() + " to train on, " + test.size() + " to test");

        ImageGrid examples = new ImageGrid("Training images", "with their labels", 8, 72);
        for (int i = 0; i < 16; i++) {
            examples.add(train.pixels(i), 3, 32, 32, train.names().get(train.label(i)), "");
        }
        show(examples);

        // %% [markdown]
        // ## 2. A convolution by hand
        //
        // A convolution slides a small kernel over the image and writes, at each place, the sum of products:
        // $y_{ij} = \sum_{u,v} k_{uv} \, x_{i+u, j+v}$. The kernel below is large where brightness rises to the right: it finds upright
        // edges.

        // %%
        float[] image = train.pixels(3);
        float[] grey = new float[32 * 32];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (image[i] + image[1024 + i] + image[2048 + i]) / 3;
        }
        float[] kernel = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
        float[] byHand = new float[30 * 30];
        for (int i = 0; i < 30; i++) {
            for (int j = 0; j < 30; j++) {
                for (int u = 0; u < 3; u++) {
                    for (int v = 0; v < 3; v++) {
                        byHand[i * 30 + j] += kernel[3 * u + v] * grey[(i + u) * 32 + j + v];
                    }
                }
            }
        }

        Conv2d layer = new Conv2d(1, 1, ConvOptions.kernel(3), new Generator(1, 0));
        layer.parameters().get("weight").value().set(kernel);
        layer.parameters().get("bias").value().fill(0);
        Tensor edges = layer.forward(Tensor.of(grey, 1, 1, 32, 32));
        float[] byLayer = edges.toFloatArray();
        double largest = 0;
        for (int i = 0; i < byHand.length; i++) {
            largest = Math.max(largest, Math.abs(byHand[i] - byLayer[i]));
        }
        System.out.println(edges.shape() + String.format(Locale.ROOT, ", largest difference %.1e", largest));

        float[] shown = new float[900];
        for (int i = 0; i < shown.length; i++) {
            shown[i] = 0.5F + byLayer[i] / 4;
        }
        float[] pooled = new MaxPool2d(2).forward(Tensor.of(shown, 1, 1, 30, 30)).toFloatArray();
        show(new ImageGrid("Upright edges", "white: brighter to the right", 3, 150)
                .add(grey, 1, 32, 32, "image", "32 x 32")
                .add(shown, 1, 30, 30, "convolution", "30 x 30")
                .add(pooled, 1, 15, 15, "max pooling", "15 x 15"));

        // %% [markdown]
        // **Question 1.** Why 30 x 30, and what would `ConvOptions.kernel(3).padding(1)` or `.stride(2)` give?
        //
        // <details><summary>Answer</summary>
        //
        // $\lfloor (n + 2 p - k) / s \rfloor + 1$: $32 - 3 + 1 = 30$. With padding 1 the size stays 32; with stride 2 it is
        // $\lfloor 29 / 2 \rfloor + 1 = 15$.
        //
        // </details>

        // %% [markdown]
        // **Question 2.** Change the kernel so that it finds level edges, and so that it blurs.
        //
        // <details><summary>Answer</summary>
        //
        // Level: the transpose, `{-1, -2, -1, 0, 0, 0, 1, 2, 1}`. Blur: nine times 1/9 (then show the values without `0.5F + ... / 4`).
        //
        // </details>

        // %% [markdown]
        // ## 3. Two networks
        //
        // Model 1 is a perceptron, 3072-1024-256-64-10; model 2 has two convolutions with pooling and three linear layers.

        // %%
        Sequential perceptron = CifarMlp.network(quick ? 64 : 1024, new Generator(1, 0));
        Sequential convolutional = CifarCnnSmall.network(new Generator(1, 0));
        System.out.println("perceptron: " + perceptron.parameterCount() + " parameters");
        System.out.println("convolutional: " + convolutional.parameterCount() + " parameters");
        System.out.println(convolutional);

        // %% [markdown]
        // **Question 3.** How many parameters has the first convolution, 3 -> 6 channels with kernels of 5 x 5? How many would a linear
        // layer from the same inputs to the same outputs, $6 \times 28 \times 28$, have?
        //
        // <details><summary>Answer</summary>
        //
        // $6 \cdot 3 \cdot 5 \cdot 5 + 6 = 456$. The linear layer: $3072 \cdot 4704 + 4704 = 14\,455\,392$. A convolution connects only
        // neighbours, and uses the same weights at every place.
        //
        // </details>

        // %%
        int epochs = quick ? 2 : 5;
        ImageDataset centred = train.scaled(-1, 1); // pixels from -1 to 1
        ImageDataset centredTest = test.scaled(-1, 1);
        List<EpochResult> ofPerceptron = Trainer.of(perceptron)
                .optimizer(new Adam(perceptron, 0.001))
                .epochs(epochs)
                .train(centred.flattened())
                .test(centredTest.flattened())
                .build()
                .run();
        List<EpochResult> ofConvolutional = Trainer.of(convolutional)
                .optimizer(new Adam(convolutional, 0.001))
                .epochs(epochs)
                .train(centred)
                .test(centredTest)
                .build()
                .run();

        double[] number = ofPerceptron.stream().mapToDouble(EpochResult::epoch).toArray();
        LineChart losses = new LineChart("Loss", "epoch", "cross-entropy").legendOutside();
        LineChart accuracies = new LineChart("Accuracy", "epoch", "correct on the test set").percent().legendOutside();
        losses.add("perceptron, train", number, ofPerceptron.stream().mapToDouble(EpochResult::trainLoss).toArray())
                .add("perceptron, test", number, ofPerceptron.stream().mapToDouble(EpochResult::testLoss).toArray())
                .add("CNN, train", number, ofConvolutional.stream().mapToDouble(EpochResult::trainLoss).toArray())
                .add("CNN, test", number, ofConvolutional.stream().mapToDouble(EpochResult::testLoss).toArray());
        accuracies
                .add("perceptron", number, ofPerceptron.stream().mapToDouble(EpochResult::testMetric).toArray())
                .add("CNN", number, ofConvolutional.stream().mapToDouble(EpochResult::testMetric).toArray());
        show(new Row("Training", losses, accuracies));

        // %% [markdown]
        // **Question 4.** Which network is better on test images, and which one on training images? What does the gap between its two
        // losses mean?
        //
        // <details><summary>Answer</summary>
        //
        // With 55 times fewer parameters the convolutional network is usually better on test images. The perceptron can learn training
        // images by heart: its training loss goes on falling while its test loss rises. That gap is overfitting.
        //
        // </details>

        // %%
        Evaluation answers = Evaluation.of(convolutional, Loss.crossEntropy(), centredTest, Device.defaultDevice());
        System.out.println(String.format(Locale.ROOT, "test accuracy of the CNN %.4f", answers.accuracy()));
        show(MatrixChart.confusion("Confusion matrix", answers.labels(), answers.predictions(), test.names()));

        // %% [markdown]
        // ## 4. What the first convolution sees
        //
        // Its six channels for one image: each is the image as one kernel answers it.

        // %%
        float[] pixels = centredTest.pixels(0);
        ImageGrid channels = new ImageGrid("Channels of the first convolution", "white: a strong answer", 7, 96);
        channels.add(test.pixels(0), 3, 32, 32, test.names().get(test.label(0)), "");
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Conv2d first = new Conv2d(3, 6, 5, new Generator(1, 0));
            first.parameters().get("weight").value().copyFrom(convolutional.parameters().get("0.weight").value());
            first.parameters().get("bias").value().copyFrom(convolutional.parameters().get("0.bias").value());
            float[] all = first.forward(Tensor.of(pixels, 1, 3, 32, 32)).toFloatArray();
            for (int c = 0; c < 6; c++) {
                float[] plane = Arrays.copyOfRange(all, c * 784, (c + 1) * 784);
                float low = Float.MAX_VALUE;
                float high = -Float.MAX_VALUE;
                for (float value : plane) {
                    low = Math.min(low, value);
                    high = Math.max(high, value);
                }
                for (int i = 0; i < plane.length; i++) {
                    plane[i] = (plane[i] - low) / (high - low);
                }
                channels.add(plane, 1, 28, 28, "channel " + c, "");
            }
        }
        show(channels);

        // %% [markdown]
        // **To go on.** `./nautile compare-models` trains all three models of the course with and without batch norm and dropout, and
        // draws them on one figure; `./nautile channels` shows which images look alike to a channel; `./nautile explain RUN` which
        // pixels speak for a class. In this notebook: more images (`most`), more epochs,
        // `org.nautile.models.CifarCnn.network(32, true, true, new Generator(1, 0))`.

        // %% [program]
    }
}
