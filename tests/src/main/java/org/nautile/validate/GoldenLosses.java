package org.nautile.validate;

import static org.nautile.validate.GoldenOps.NONE;
import static org.nautile.validate.GoldenOps.check;
import static org.nautile.validate.GoldenOps.on;

import java.io.IOException;
import org.nautile.Device;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.LossReduction;
import org.nautile.nn.Loss;
import org.nautile.op.ActivationOp;
import org.nautile.op.CrossEntropyOp;
import org.nautile.op.LogSoftmaxOp;
import org.nautile.op.Op;

/** PyTorch's cases of losses. */
final class GoldenLosses {
    private GoldenLosses() {}

    static Measure crossEntropy(GoldenFile file, Device device) throws IOException {
        LossReduction reduction = reduction(file);
        double smoothing = file.hasAttribute("label_smoothing") ? file.number("label_smoothing") : 0;
        Op op = new CrossEntropyOp(reduction, smoothing, CrossEntropyOp.IGNORE);
        long rows = file.shape("in.y").size();
        long losses = reduction == LossReduction.SUM ? Math.max(rows, 1) : 1;
        Budget forward = Budget.ulp(1, "the contract of cross_entropy.h: 1e-6 for each loss")
                .plus(1e-6 * losses);
        return check(file, device, on(op), forward, crossEntropyGradient(file, rows / losses), NONE, "x", "y");
    }

    /** Cross-entropy once more, of two ops: the file's x is scores. */
    static Measure negativeLogLikelihood(GoldenFile file, Device device) throws IOException {
        Op logProbability = new LogSoftmaxOp(-1);
        Loss loss = Loss.negativeLogLikelihood(null, reduction(file), CrossEntropyOp.IGNORE);
        Budget forward = Budget.ulp(2, "log-probabilities of 4 ulp, which are of order 10")
                .plus(4e-6);
        Budget backward = crossEntropyGradient(file, file.shape("in.y").size());
        GoldenOps.Formula formula = in -> loss.of(Autograd.apply(logProbability, in[0]), in[1]);
        return check(file, device, formula, forward, backward, NONE, "x", "y");
    }

    static Measure crossEntropyOfPixels(GoldenFile file, Device device) throws IOException {
        Budget forward = Budget.ulp(1, "the contract of cross_entropy.h: 1e-6 for each loss, times its weight")
                .plus(1e-5);
        double largest = 0;
        for (double weight : file.doubles("in.w")) {
            largest = Math.max(largest, Math.abs(weight));
        }
        double g = largest
                * Math.abs(file.scalar(GoldenOps.UPSTREAM))
                / file.shape("in.y").size();
        Budget backward = Budget.ulp(2, "weights to 1e-6, times the gradient by the loss")
                .plus(1e-6 * g)
                .within(1e-6);
        GoldenOps.Formula formula = in -> Loss.crossEntropyOfPixels(in[2]).of(in[0], in[1]);
        return check(file, device, formula, forward, backward, NONE, "x", "y", "w");
    }

    /**
     * The gradient {@code g (weight - wanted)}: weights to 1e-6, as the sum of the exponentials was rounded to float32.
     *
     * @param losses the losses that the gradient by the result is spread over
     */
    private static Budget crossEntropyGradient(GoldenFile file, long losses) throws IOException {
        double g = Math.abs(file.scalar(GoldenOps.UPSTREAM)) / losses;
        return Budget.ulp(1, "weights to 1e-6, times the gradient by the loss")
                .plus(1e-6 * g)
                .within(1e-6);
    }

    static Measure meanSquaredError(GoldenFile file, Device device) throws IOException {
        return ofNumbers(file, device, Loss.meanSquaredError(reduction(file)));
    }

    static Measure absoluteError(GoldenFile file, Device device) throws IOException {
        return ofNumbers(file, device, Loss.absoluteError(reduction(file)));
    }

    static Measure huber(GoldenFile file, Device device) throws IOException {
        return ofNumbers(file, device, Loss.huber(file.number("delta"), reduction(file)));
    }

    private static Measure ofNumbers(GoldenFile file, Device device, Loss loss) throws IOException {
        Budget forward = Budget.ulp(4, "differences, squares, mean: 4 roundings of positive numbers");
        Budget backward = Budget.ulp(5, "5 roundings of a product");
        return check(file, device, in -> loss.of(in[0], in[1]), forward, backward, NONE, "x", "y");
    }

    /** After a sigmoid: the file's x is logits. */
    static Measure binaryCrossEntropy(GoldenFile file, Device device) throws IOException {
        Op sigmoid = new ActivationOp(ActivationKernel.Function.SIGMOID);
        Loss loss = Loss.binaryCrossEntropy(null, reduction(file));
        return ofProbabilities(file, device, (x, y) -> loss.of(Autograd.apply(sigmoid, x), y));
    }

    static Measure binaryCrossEntropyWithLogits(GoldenFile file, Device device) throws IOException {
        return ofProbabilities(file, device, Loss.binaryCrossEntropyWithLogits(null, null, reduction(file)));
    }

    static Measure dice(GoldenFile file, Device device) throws IOException {
        return ofProbabilities(file, device, Loss.dice());
    }

    private static Measure ofProbabilities(GoldenFile file, Device device, Loss loss) throws IOException {
        Budget forward = Budget.ulp(8, "the contract of pointwise_loss.h").plus(2e-7);
        double g =
                Math.abs(file.scalar(GoldenOps.UPSTREAM)) / file.shape("in.x").size();
        Budget backward = Budget.ulp(8, "a few roundings, of a probability that may be near the target")
                .plus(1e-6 * g)
                .within(1e-6);
        return check(file, device, in -> loss.of(in[0], in[1]), forward, backward, NONE, "x", "y");
    }

    private static LossReduction reduction(GoldenFile file) throws IOException {
        String text = file.text("reduction");
        return switch (text) {
            case "mean" -> LossReduction.MEAN;
            case "sum" -> LossReduction.SUM;
            default -> throw file.unknown("reduction", text);
        };
    }
}
