package org.nautile.nn;

import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.LossReduction;
import org.nautile.backend.PointwiseLossKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.op.ActivationOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.CrossEntropyOp;
import org.nautile.op.Op;
import org.nautile.op.PointwiseLossOp;
import org.nautile.op.ReduceOp;
import org.nautile.op.ScaleOp;

/** What training makes small. The losses here have the meaning, options and defaults of {@code torch.nn}. */
@FunctionalInterface
public interface Loss {
    /**
     * The loss of a batch.
     *
     * @param output what the model says
     * @param target what it should say
     * @return a scalar; without reduction the loss of each example or element
     */
    Tensor of(Tensor output, Tensor target);

    // ---------------------------------------------------------------------------------------------- classes

    /**
     * The cross-entropy of class scores, averaged over the batch.
     *
     * @return a loss of logits [N, C] or [N, C, d1, ...] and of labels, int64 [N] or [N, d1, ...], or probabilities of the
     *     logits' shape
     */
    static Loss crossEntropy() {
        return crossEntropy(null, LossReduction.MEAN, 0, CrossEntropyOp.IGNORE);
    }

    /**
     * The cross-entropy of class scores; {@code CrossEntropyLoss}.
     *
     * @param weight of each class, [C]; null for ones. The mean over labels divides by their weights' sum
     * @param reduction what becomes of the losses
     * @param labelSmoothing the share of the target that is spread over all classes
     * @param ignoreIndex the label of examples without loss, {@link CrossEntropyOp#IGNORE} by default
     * @return a loss as {@link #crossEntropy()}
     */
    static Loss crossEntropy(
            @Nullable Tensor weight, LossReduction reduction, double labelSmoothing, long ignoreIndex) {
        return weighted(new CrossEntropyOp(reduction, labelSmoothing, ignoreIndex), weight);
    }

    /**
     * The cross-entropy of class scores where every pixel has a weight of its own, for example by its distance to the border of an
     * object; the mean over the pixels, whatever their weights.
     *
     * @param pixelWeight as the labels, [N, d1, ...]
     * @return a loss of logits [N, C, d1, ...] and labels int64 [N, d1, ...]; of one batch, as the weights are
     */
    static Loss crossEntropyOfPixels(Tensor pixelWeight) {
        Loss pixels = crossEntropy(null, LossReduction.NONE, 0, CrossEntropyOp.IGNORE);
        return (output, target) ->
                mean(Autograd.apply(new BinaryOp(BinaryKernel.Function.MUL), pixels.of(output, target), pixelWeight));
    }

    /**
     * The negative log-likelihood of labels, averaged over the batch.
     *
     * @return a loss of log-probabilities [N, C] or [N, C, d1, ...] and labels int64 [N] or [N, d1, ...]
     */
    static Loss negativeLogLikelihood() {
        return negativeLogLikelihood(null, LossReduction.MEAN, CrossEntropyOp.IGNORE);
    }

    /**
     * The negative log-likelihood of labels; {@code NLLLoss}.
     *
     * @param weight of each class, [C]; null for ones. The mean divides by the sum of the labels' weights
     * @param reduction what becomes of the losses
     * @param ignoreIndex the label of examples without loss
     * @return a loss as {@link #negativeLogLikelihood()}
     */
    static Loss negativeLogLikelihood(@Nullable Tensor weight, LossReduction reduction, long ignoreIndex) {
        return weighted(new CrossEntropyOp(reduction, 0, ignoreIndex, true), weight);
    }

    // ---------------------------------------------------------------------------------------------- probabilities

    /**
     * The binary cross-entropy of probabilities, averaged over all elements.
     *
     * @return a loss of probabilities and of targets from 0 to 1, both of one shape
     */
    static Loss binaryCrossEntropy() {
        return binaryCrossEntropy(null, LossReduction.MEAN);
    }

    /**
     * The binary cross-entropy of probabilities; {@code BCELoss}. Logarithms are at least -100.
     *
     * @param weight of each element, of a shape that is broadcast; null for ones
     * @param reduction what becomes of the losses; the mean is over all elements, whatever their weights
     * @return a loss as {@link #binaryCrossEntropy()}
     */
    static Loss binaryCrossEntropy(@Nullable Tensor weight, LossReduction reduction) {
        return weighted(new PointwiseLossOp(PointwiseLossKernel.Function.BCE, reduction), weight);
    }

    /**
     * The binary cross-entropy of logits, averaged over all elements: more exact than a sigmoid and {@link
     * #binaryCrossEntropy()}.
     *
     * @return a loss of logits and of targets from 0 to 1, both of one shape
     */
    static Loss binaryCrossEntropyWithLogits() {
        return binaryCrossEntropyWithLogits(null, null, LossReduction.MEAN);
    }

    /**
     * The binary cross-entropy of logits; {@code BCEWithLogitsLoss}.
     *
     * @param weight of each element, of a shape that is broadcast; null for ones
     * @param posWeight of positive targets, of a shape that is broadcast, for example one for each class in the last axis; null
     *     for ones
     * @param reduction what becomes of the losses; the mean is over all elements, whatever their weights
     * @return a loss as {@link #binaryCrossEntropyWithLogits()}
     */
    static Loss binaryCrossEntropyWithLogits(
            @Nullable Tensor weight, @Nullable Tensor posWeight, LossReduction reduction) {
        Op op = new PointwiseLossOp(PointwiseLossKernel.Function.BCE_WITH_LOGITS, reduction);
        if (posWeight == null) {
            return weighted(op, weight);
        }
        return (output, target) -> Autograd.apply(
                op,
                output,
                target,
                weight != null ? weight : Tensor.full(output.device(), output.dtype(), Shape.SCALAR, 1),
                posWeight);
    }

    /**
     * The Kullback-Leibler divergence of distributions, averaged over the batch: {@code KLDivLoss} with the reduction {@code
     * batchmean}, which is what the word means.
     *
     * @param logTarget whether the targets are log-probabilities, too
     * @return a loss of log-probabilities [N, ...] and probabilities of that shape
     */
    static Loss klDivergence(boolean logTarget) {
        Loss sum = klDivergence(logTarget, LossReduction.SUM);
        return (output, target) ->
                Autograd.apply(new ScaleOp(1.0 / output.shape().dim(0), 0), sum.of(output, target));
    }

    /**
     * The terms of the Kullback-Leibler divergence, element by element; {@code KLDivLoss}.
     *
     * @param logTarget whether the targets are log-probabilities, too
     * @param reduction what becomes of the terms; the mean is over all elements
     * @return a loss of log-probabilities and probabilities of that shape
     */
    static Loss klDivergence(boolean logTarget, LossReduction reduction) {
        PointwiseLossKernel.Function function =
                logTarget ? PointwiseLossKernel.Function.KL_DIV_LOG_TARGET : PointwiseLossKernel.Function.KL_DIV;
        return weighted(new PointwiseLossOp(function, reduction), null);
    }

    /**
     * One minus the Dice coefficient of masks, over the whole batch: {@code 1 - 2 sum(y p) / (sum y + sum p)} with {@code p =
     * sigmoid(x)}; Milletari et al. 2016, arXiv:1606.04797.
     *
     * @return a loss of logits x and masks y of one shape; NaN where nothing is and nothing is wanted
     */
    static Loss dice() {
        return dice(0);
    }

    /**
     * {@link #dice()} with a constant added to both sides of the fraction, so that empty masks have a loss.
     *
     * @param smooth the constant, 1 in many publications
     * @return a loss of logits and masks of one shape
     */
    static Loss dice(double smooth) {
        Op sigmoid = new ActivationOp(ActivationKernel.Function.SIGMOID);
        Op sum = ReduceOp.all(ReduceKernel.Function.SUM);
        Op multiply = new BinaryOp(BinaryKernel.Function.MUL);
        Op add = new BinaryOp(BinaryKernel.Function.ADD);
        Op divide = new BinaryOp(BinaryKernel.Function.DIV);
        return (output, target) -> {
            Tensor p = Autograd.apply(sigmoid, output);
            Tensor both = Autograd.apply(sum, Autograd.apply(multiply, target, p));
            Tensor sizes = Autograd.apply(add, Autograd.apply(sum, target), Autograd.apply(sum, p));
            Tensor coefficient = Autograd.apply(
                    divide,
                    Autograd.apply(new ScaleOp(2, smooth), both),
                    Autograd.apply(new ScaleOp(1, smooth), sizes));
            return Autograd.apply(new ScaleOp(-1, 1), coefficient);
        };
    }

    // ---------------------------------------------------------------------------------------------- numbers

    /**
     * The mean of the squared differences.
     *
     * @return a loss of two tensors of one shape
     */
    static Loss meanSquaredError() {
        return meanSquaredError(LossReduction.MEAN);
    }

    /**
     * The squared differences; {@code MSELoss}.
     *
     * @param reduction what becomes of them
     * @return a loss of two tensors of one shape
     */
    static Loss meanSquaredError(LossReduction reduction) {
        return weighted(new PointwiseLossOp(PointwiseLossKernel.Function.MSE, reduction), null);
    }

    /**
     * The mean of the absolute differences.
     *
     * @return a loss of two tensors of one shape
     */
    static Loss absoluteError() {
        return absoluteError(LossReduction.MEAN);
    }

    /**
     * The absolute differences; {@code L1Loss}.
     *
     * @param reduction what becomes of them
     * @return a loss of two tensors of one shape
     */
    static Loss absoluteError(LossReduction reduction) {
        return weighted(new PointwiseLossOp(PointwiseLossKernel.Function.L1, reduction), null);
    }

    /**
     * The mean of Huber's loss with delta 1.
     *
     * @return a loss of two tensors of one shape
     */
    static Loss huber() {
        return huber(1, LossReduction.MEAN);
    }

    /**
     * Huber's loss: {@code d^2 / 2} for differences d up to delta, {@code delta (|d| - delta / 2)} beyond; {@code HuberLoss}.
     *
     * @param delta where squares become lines, positive
     * @param reduction what becomes of the losses
     * @return a loss of two tensors of one shape
     */
    static Loss huber(double delta, LossReduction reduction) {
        return weighted(new PointwiseLossOp(PointwiseLossKernel.Function.HUBER, delta, reduction), null);
    }

    /**
     * Huber's loss divided by its delta: {@code d^2 / (2 beta)} for differences d up to beta, {@code |d| - beta / 2} beyond;
     * {@code SmoothL1Loss}.
     *
     * @param beta where squares become lines, positive; PyTorch's default is 1
     * @param reduction what becomes of the losses
     * @return a loss of two tensors of one shape
     */
    static Loss smoothAbsoluteError(double beta, LossReduction reduction) {
        Loss huber = huber(beta, reduction);
        Op scale = new ScaleOp(1 / beta, 0);
        return (output, target) -> Autograd.apply(scale, huber.of(output, target));
    }

    private static Loss weighted(Op op, @Nullable Tensor weight) {
        return weight == null
                ? (output, target) -> Autograd.apply(op, output, target)
                : (output, target) -> Autograd.apply(op, output, target, weight);
    }

    private static Tensor mean(Tensor losses) {
        return Autograd.apply(ReduceOp.all(ReduceKernel.Function.MEAN), losses);
    }
}
