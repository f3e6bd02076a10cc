// %% [markdown]
// # TP 1: the multilayer perceptron
//
// From tensors and gradients, computed by hand, to a network that reads handwritten digits. Run the cells from top to bottom
// (Shift + Enter); then change numbers and run them again. Every cell is plain Java.
//
// You need about 40 minutes, of which the computer takes less than one.

// %%
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.data.ImageDataset;
import org.nautile.models.Digits;
import org.nautile.models.charts.ImageGrid;
import org.nautile.models.charts.LineChart;
import org.nautile.models.charts.MatrixChart;
import org.nautile.models.charts.Row;
import org.nautile.nn.Activation;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Sequential;
import org.nautile.op.BinaryOp;
import org.nautile.op.LinearOp;
import org.nautile.op.MatmulOp;
import org.nautile.op.ReduceOp;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Evaluation;
import org.nautile.optim.Sgd;
import org.nautile.optim.Trainer;

// %% [program]
class Tp1Mlp extends Practical {
    public static void main(String... args) throws Exception {

        // %% [markdown]
        // ## 1. Tensors
        //
        // A tensor is an array of numbers with a shape, on a device: `[2, 3]` has two rows of three numbers. An *op* makes tensors of
        // tensors; `Autograd.apply` applies it.

        // %%
        Tensor a = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor b = Tensor.of(new float[] {1, 0, 0, 1, 1, 1}, 3, 2);
        Tensor product = Autograd.apply(new MatmulOp(), a, b);
        System.out.println("on the device " + Device.defaultDevice() + ": " + product.shape());
        System.out.println(Arrays.toString(product.toFloatArray()));

        // %% [markdown]
        // **Question 1.** What shape has the product of `b` and `a`, and what happens with the product of `a` and `a`? Try both.
        //
        // <details><summary>Answer</summary>
        //
        // `[3, 2] x [2, 3]` gives `[3, 3]`. `a` and `a` cannot be multiplied: the inner sizes, 3 and 2, differ, and the error names
        // both shapes.
        //
        // </details>

        // %% [markdown]
        // ## 2. A gradient by hand
        //
        // One weight $w$, one example $x = 2$ with target $y = 1$, and the loss $\ell(w) = (w x - y)^2$. The chain rule gives
        // $\ell'(w) = 2 x (w x - y)$: at $w = 3$, $2 \cdot 2 \cdot 5 = 20$.
        //
        // Autograd does the same: it remembers the ops on the way forward, and goes back through them with the chain rule.

        // %%
        Tensor w = Autograd.requireGradient(Tensor.of(new float[] {3}, 1));
        Tensor x = Tensor.of(new float[] {2}, 1);
        Tensor y = Tensor.of(new float[] {1}, 1);
        Tensor wx = Autograd.apply(new BinaryOp(BinaryKernel.Function.MUL), w, x);
        Tensor difference = Autograd.apply(new BinaryOp(BinaryKernel.Function.SUB), wx, y);
        Tensor square = Autograd.apply(new BinaryOp(BinaryKernel.Function.MUL), difference, difference);
        Autograd.backward(Autograd.apply(ReduceOp.all(ReduceKernel.Function.SUM), square));
        System.out.println("by hand 20, by autograd " + Objects.requireNonNull(Autograd.gradient(w)).item());

        // %% [markdown]
        // **Question 2.** Compute loss and gradient a second time without `Autograd.clearGradient(w)` in between. What is the gradient?
        //
        // <details><summary>Answer</summary>
        //
        // 40: gradients *add up* in a leaf until they are cleared. That is what one wants where a weight is used twice, and why every
        // training loop clears them before a step.
        //
        // </details>

        // %% [markdown]
        // ## 3. The data
        //
        // MNIST: images of 28 x 28 pixels and the digits they show. If it is not on this machine (`./nautile download mnist` fetches it),
        // drawn digits stand in: the first line says which.

        // %%
        boolean quick = Boolean.getBoolean("nautile.quick"); // little data: to check the notebook
        Digits digits = Digits.find(null, 1, 10, quick ? 2_000 : 60_000, quick ? 500 : 10_000);
        System.out.println(digits.source());

        ImageGrid examples = new ImageGrid("Training images", "with their labels", 8, 60);
        for (int i = 0; i < 16; i++) {
            examples.add(
                    digits.train().pixels(i), 1, 28, 28, Integer.toString(digits.train().label(i)), "");
        }
        show(examples);

        // %% [markdown]
        // ## 4. One layer by hand
        //
        // A linear layer gives each class a score, $z = W x + b$; softmax makes probabilities of scores, $p_k = e^{z_k} / \sum_j
        // e^{z_j}$; the loss is the cross-entropy $-\log p_{label}$, averaged over the $B$ examples of a batch. By the scores its gradient
        // is simply
        //
        // $$\frac{\partial \ell}{\partial z_{ik}} = \frac{1}{B} \left( p_{ik} - [k = label_i] \right), \qquad
        // \frac{\partial \ell}{\partial W} = \sum_i \frac{\partial \ell}{\partial z_i} x_i^T, \qquad
        // \frac{\partial \ell}{\partial b} = \sum_i \frac{\partial \ell}{\partial z_i}.$$
        //
        // The next cell computes the gradient by $W$ with these formulas, in plain Java, and compares it with autograd's.

        // %%
        int size = 784;
        int batchSize = 8;
        Tensor weight = Autograd.requireGradient(Tensor.zeros(10, size));
        Tensor bias = Autograd.requireGradient(Tensor.zeros(10));
        float[] images = new float[batchSize * size];
        long[] labels = new long[batchSize];
        for (int i = 0; i < batchSize; i++) {
            digits.train().flattened().sample(i, images, i * size);
            labels[i] = digits.train().label(i);
        }
        Tensor input = Tensor.of(images, batchSize, size);
        Tensor target = Tensor.of(Device.defaultDevice(), labels, Shape.of(batchSize));
        Tensor scores = Autograd.apply(new LinearOp(), input, weight, bias);
        Tensor loss = Loss.crossEntropy().of(scores, target);
        Autograd.backward(loss);
        float[] byAutograd = Objects.requireNonNull(Autograd.gradient(weight)).toFloatArray();

        double[] byHand = new double[10 * size];
        float[] z = scores.toFloatArray();
        for (int i = 0; i < batchSize; i++) {
            double sum = 0;
            for (int k = 0; k < 10; k++) {
                sum += Math.exp(z[i * 10 + k]);
            }
            for (int k = 0; k < 10; k++) {
                double dz = (Math.exp(z[i * 10 + k]) / sum - (k == labels[i] ? 1 : 0)) / batchSize;
                for (int j = 0; j < size; j++) {
                    byHand[k * size + j] += dz * images[i * size + j];
                }
            }
        }
        double largest = 0;
        for (int i = 0; i < byHand.length; i++) {
            largest = Math.max(largest, Math.abs(byHand[i] - byAutograd[i]));
        }
        System.out.println(String.format(Locale.ROOT, "loss %.4f, largest difference %.1e", loss.item(), largest));

        // %% [markdown]
        // **Question 3.** All weights are zero. Why is the loss 2.3026?
        //
        // <details><summary>Answer</summary>
        //
        // All scores are 0, so that each class has probability 1/10, and $-\log(1/10) = 2.3026$: what guessing costs. A network that
        // starts far above that has weights that are too large.
        //
        // </details>

        // %% [markdown]
        // ## 5. A training loop by hand
        //
        // *Gradient descent*: for each mini-batch, compute the loss, go back for the gradients, and take a small step against them,
        // $W \leftarrow W - \eta \, \partial \ell / \partial W$. The scope frees the tensors of a step at its end.

        // %%
        double rate = 0.1;
        float[] weights = weight.toFloatArray();
        float[] biases = bias.toFloatArray();
        ImageDataset few = digits.train().limit(2_000).flattened();
        try (DataLoader loader = new DataLoader(few, 64, Device.defaultDevice(), true, 1)) {
            for (int epoch = 1; epoch <= 5; epoch++) {
                double sum = 0;
                for (Batch batch : loader.epoch(epoch)) {
                    try (Scope scope = new Scope()) {
                        Autograd.clearGradient(weight);
                        Autograd.clearGradient(bias);
                        Tensor here = Loss.crossEntropy()
                                .of(Autograd.apply(new LinearOp(), batch.x(), weight, bias), batch.y());
                        Autograd.backward(here);
                        float[] dw = Objects.requireNonNull(Autograd.gradient(weight)).toFloatArray();
                        float[] db = Objects.requireNonNull(Autograd.gradient(bias)).toFloatArray();
                        for (int i = 0; i < weights.length; i++) {
                            weights[i] -= (float) (rate * dw[i]);
                        }
                        for (int i = 0; i < biases.length; i++) {
                            biases[i] -= (float) (rate * db[i]);
                        }
                        weight.set(weights);
                        bias.set(biases);
                        sum += here.item() * batch.size();
                    }
                }
                System.out.println(String.format(Locale.ROOT, "epoch %d: loss %.4f", epoch, sum / few.size()));
            }
        }

        // %% [markdown]
        // Each class has a weight for each pixel, so that weights can be looked at: white speaks for the digit, black against it.

        // %%
        ImageGrid templates = new ImageGrid("Weights of the linear layer", "white: for, black: against", 5, 84);
        for (int k = 0; k < 10; k++) {
            float[] shown = Arrays.copyOfRange(weights, k * size, (k + 1) * size);
            float scale = 0;
            for (float value : shown) {
                scale = Math.max(scale, Math.abs(value));
            }
            for (int i = 0; i < shown.length; i++) {
                shown[i] = 0.5F + 0.5F * shown[i] / scale;
            }
            templates.add(shown, 1, 28, 28, Integer.toString(k), "");
        }
        show(templates);

        // %% [markdown]
        // ## 6. The perceptron and the trainer
        //
        // Two hidden layers with ReLU, 784-64-32-10. `Trainer` has the loop of part 5, for any network, optimizer and loss; it also
        // measures the network on test images after each epoch.

        // %%
        Generator random = new Generator(1, 0);
        Sequential model = new Sequential(
                new Linear(784, 64, random),
                Activation.relu(),
                new Linear(64, 32, random),
                Activation.relu(),
                new Linear(32, 10, random));
        System.out.println(model.parameterCount() + " parameters");

        ImageDataset train = digits.train().flattened();
        ImageDataset test = digits.test().flattened();
        List<EpochResult> epochs = Trainer.of(model)
                .optimizer(new Sgd(model, quick ? 0.1 : 0.01))
                .batchSize(64)
                .epochs(quick ? 4 : 12)
                .train(train)
                .test(test)
                .build()
                .run();

        double[] number = epochs.stream().mapToDouble(EpochResult::epoch).toArray();
        LineChart losses = new LineChart("Loss", "epoch", "cross-entropy")
                .add("train", number, epochs.stream().mapToDouble(EpochResult::trainLoss).toArray())
                .add("test", number, epochs.stream().mapToDouble(EpochResult::testLoss).toArray());
        LineChart accuracy = new LineChart("Accuracy", "epoch", "correct on the test set")
                .add("test", number, epochs.stream().mapToDouble(EpochResult::testMetric).toArray())
                .percent();
        show(new Row("Training", losses, accuracy));

        // %% [markdown]
        // **Question 4.** Count the parameters by hand.
        //
        // <details><summary>Answer</summary>
        //
        // $(784 \cdot 64 + 64) + (64 \cdot 32 + 32) + (32 \cdot 10 + 10) = 50240 + 2080 + 330 = 52650$.
        //
        // </details>

        // %% [markdown]
        // **Question 5.** Try the learning rates 0.001, 0.1 and 10. What do the curves say? (Run the whole cell again: a network that
        // has learnt goes on from where it was.)
        //
        // <details><summary>Answer</summary>
        //
        // Too small a rate hardly gets anywhere in twelve epochs. 0.1 learns faster than 0.01, and sooner or later the training loss
        // falls below the test loss: overfitting begins. With 10 steps are so long that the loss jumps or is not a number any more.
        //
        // </details>

        // %% [markdown]
        // ## 7. What it has learnt

        // %%
        Evaluation answers = Evaluation.of(model, Loss.crossEntropy(), test, Device.defaultDevice());
        System.out.println(String.format(Locale.ROOT, "test accuracy %.4f", answers.accuracy()));
        show(MatrixChart.confusion("Confusion matrix", answers.labels(), answers.predictions(), test.names()));

        // %% [markdown]
        // The wrong answers with the highest scores:

        // %%
        ImageGrid mistakes = new ImageGrid("Mistakes", "what the network says, and what is right", 8, 60);
        IntStream.range(0, test.size())
                .filter(i -> answers.predictions()[i] != answers.labels()[i])
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -answers.scores()[i][answers.predictions()[i]]))
                .limit(16)
                .forEach(i -> mistakes.add(
                        test.pixels(i),
                        1,
                        28,
                        28,
                        "says " + answers.predictions()[i],
                        "is " + answers.labels()[i]));
        show(mistakes);

        // %% [markdown]
        // **Question 6.** Which digits are confused most, and would you have read them?
        //
        // **To go on.** Replace ReLU by `Activation.sigmoid()`; take a hidden layer away; use
        // `new org.nautile.optim.Adam(model, 0.001)`. In a terminal: `./nautile train mnist-mlp --find-lr` tries learning rates, and
        // `./nautile train mnist-mlp --live` shows the curves while it learns.

        // %% [program]
    }
}
