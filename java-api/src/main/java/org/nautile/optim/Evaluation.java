package org.nautile.optim;

import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.ObjIntConsumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.data.Dataset;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.op.ArgmaxOp;

/**
 * A classifier's answers on a data set. Other models are measured by {@link #each} and {@link #mean}.
 *
 * @param loss the mean loss
 * @param accuracy the share of examples classified right, 0 to 1
 * @param labels what the examples are
 * @param predictions the class with the largest score of each example
 * @param scores the scores of each example, [example][class], as the model gives them
 */
public record Evaluation(double loss, double accuracy, int[] labels, int[] predictions, float[][] scores) {
    private static final int BATCH = 1000;

    /**
     * Measures a classifier.
     *
     * @param model gives class scores [N, C]
     * @param loss of scores and labels, a mean over the batch
     * @param dataset the examples, at least one
     * @param device where the model's parameters are
     * @return loss, accuracy and all answers
     */
    public static Evaluation of(Module model, Loss loss, Dataset dataset, Device device) {
        boolean before = model.training();
        model.train(false);
        int size = dataset.size();
        int[] labels = new int[size];
        int[] predictions = new int[size];
        float[][] scores = new float[size][];
        DoubleAdder losses = new DoubleAdder(); // of one thread; a lambda may add to it
        each(dataset, BATCH, device, (batch, first) -> {
            Tensor output = model.forward(batch.x());
            losses.add(loss.of(output, batch.y()).item() * batch.size());
            float[] all = output.toFloatArray();
            long[] truth = batch.y().toLongArray();
            long[] said = new ArgmaxOp(1, false).apply(output).toLongArray();
            int classes = all.length / batch.size();
            for (int i = 0; i < batch.size(); i++) {
                scores[first + i] = Arrays.copyOfRange(all, i * classes, (i + 1) * classes);
                labels[first + i] = (int) truth[i];
                predictions[first + i] = (int) said[i];
            }
        });
        model.train(before);
        long right = IntStream.range(0, size)
                .filter(i -> predictions[i] == labels[i])
                .count();
        return new Evaluation(losses.sum() / size, (double) right / size, labels, predictions, scores);
    }

    /**
     * Goes through a data set once, in its order and without gradients. What is made of a batch is freed before the next.
     *
     * @param dataset the examples
     * @param batchSize the examples in a batch, {@code >= 1}
     * @param device where the batches go
     * @param action is given each batch, and the number of its first example, from 0
     */
    public static void each(Dataset dataset, int batchSize, Device device, ObjIntConsumer<Batch> action) {
        int first = 0;
        try (Autograd.Pause pause = Autograd.noGrad();
                DataLoader loader = new DataLoader(dataset, batchSize, device, false, 0)) {
            for (Batch batch : loader.epoch(1)) {
                try (batch;
                        Scope scope = new Scope()) {
                    action.accept(batch, first);
                }
                first += batch.size();
            }
        }
    }

    /**
     * The mean of what is measured of each batch, {@linkplain #each one after the other}.
     *
     * @param dataset the examples, at least one
     * @param batchSize the examples in a batch, {@code >= 1}
     * @param device where the batches go
     * @param measure gives a mean over the examples of a batch, for example a loss
     * @return the mean over all examples
     */
    public static double mean(Dataset dataset, int batchSize, Device device, ToDoubleFunction<Batch> measure) {
        DoubleAdder sum = new DoubleAdder();
        each(dataset, batchSize, device, (batch, first) -> sum.add(measure.applyAsDouble(batch) * batch.size()));
        return sum.sum() / dataset.size();
    }
}
