package org.nautile.optim;

import java.util.Arrays;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.data.Dataset;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;

/**
 * A classifier's answers on a data set.
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
        double sum = 0;
        int done = 0;
        int right = 0;
        try (Autograd.Pause pause = Autograd.noGrad();
                DataLoader loader = new DataLoader(dataset, BATCH, device, false, 0)) {
            for (Batch batch : loader.epoch(1)) {
                try (batch;
                        Scope scope = new Scope()) {
                    Tensor output = model.forward(batch.x());
                    sum += loss.of(output, batch.y()).item() * batch.size();
                    float[] all = output.toFloatArray();
                    long[] truth = batch.y().toLongArray();
                    int classes = all.length / batch.size();
                    for (int i = 0; i < batch.size(); i++, done++) {
                        scores[done] = Arrays.copyOfRange(all, i * classes, (i + 1) * classes);
                        labels[done] = (int) truth[i];
                        predictions[done] = argmax(scores[done]);
                        right += predictions[done] == labels[done] ? 1 : 0;
                    }
                }
            }
        }
        model.train(before);
        return new Evaluation(sum / size, (double) right / size, labels, predictions, scores);
    }

    private static int argmax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }
}
