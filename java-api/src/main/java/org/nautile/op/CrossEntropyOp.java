package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.CrossEntropyKernel;
import org.nautile.backend.CrossEntropyKernel.Options;
import org.nautile.backend.LossReduction;

/**
 * The cross-entropy of class scores (logits), with the softmax inside: for each example {@code loss = sum_c q[c] (log sum exp x -
 * x[c])}, where {@code q[c] = weight[c] ((1 - s) target[c] + s / C)}. Scores x [N, C] or [N, C, d1, ...]; the target is labels,
 * int64 [N] or [N, d1, ...], or probabilities of x's type and shape, for example one-hot; an optional weight of each class
 * [C]. As {@code torch.nn.functional.cross_entropy}; there is a gradient by x alone.
 *
 * @param reduction the losses themselves; their mean, which divides by the sum of the weights of the labels that are not ignored
 *     (NaN if there are none), or with probabilities by the number of examples; or their sum
 * @param labelSmoothing the share s of the target that is spread over all classes, {@code 0 <= s <= 1}; Szegedy et al. 2016,
 *     arXiv:1512.00567
 * @param ignoreIndex examples with this label have no loss and no gradient
 * @param logProbabilities x is logarithms of probabilities already: no softmax, {@code loss = -sum_c q[c] x[c]}, as {@code
 *     torch.nn.functional.nll_loss}
 */
public record CrossEntropyOp(LossReduction reduction, double labelSmoothing, long ignoreIndex, boolean logProbabilities)
        implements Op {
    /** PyTorch's label of examples that are ignored. */
    public static final long IGNORE = -100;

    private static final List<String> INPUTS = List.of("x", "target", "weight");

    /** The mean, without smoothing. */
    public CrossEntropyOp() {
        this(LossReduction.MEAN, 0, IGNORE);
    }

    /**
     * Of class scores.
     *
     * @param reduction what becomes of the losses
     * @param labelSmoothing from 0 to 1
     * @param ignoreIndex the label of examples that are ignored
     */
    public CrossEntropyOp(LossReduction reduction, double labelSmoothing, long ignoreIndex) {
        this(reduction, labelSmoothing, ignoreIndex, false);
    }

    /**
     * Checks the parameters.
     *
     * @param reduction what becomes of the losses
     * @param labelSmoothing from 0 to 1
     * @param ignoreIndex the label of examples that are ignored
     * @param logProbabilities whether x is logarithms of probabilities
     */
    public CrossEntropyOp {
        if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
            throw new IllegalArgumentException(
                    "cross_entropy: label smoothing " + labelSmoothing + " is not in [0, 1]");
        }
    }

    @Override
    public String name() {
        return "cross_entropy";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor x = call.input(0);
        Tensor target = call.input(1);
        Shape shape = x.shape();
        boolean probabilities = target.dtype() == x.dtype();
        if (!x.dtype().isFloating() || !(probabilities || target.dtype() == DType.INT64)) {
            throw call.error("x must be floating, and target int64 (labels) or of x's type (probabilities)");
        }
        if (shape.rank() < 2 || shape.dim(1) == 0) {
            throw call.error("x must be [N,C] or [N,C,...] with C >= 1");
        }
        Shape examples = shape.without(1);
        if (!target.shape().equals(probabilities ? shape : examples)) {
            throw call.error("target must have the shape of x, for labels without C");
        }
        Tensor weight = call.optional(2);
        if (weight != null && (weight.dtype() != x.dtype() || !weight.shape().equals(Shape.of(shape.dim(1))))) {
            throw call.error("weight must be [C] of x's type");
        }
        Tensor saved = Tensor.empty(x.device(), x.dtype(), Shape.of(2 * examples.size() + 1));
        Tensor loss = call.result(x.dtype(), reduction == LossReduction.NONE ? examples : Shape.SCALAR);
        CrossEntropyKernel.TYPE.on(x).forward(rows(x), target(call), weight, loss, saved, options());
        call.save(saved);
        return loss;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        for (int i = 1; i < call.count(); i++) {
            if (gradients.wants(i)) {
                throw call.error("there is no gradient by " + INPUTS.get(i));
            }
        }
        if (!gradients.wants(0)) {
            return;
        }
        Tensor x = call.input(0);
        Tensor rows = rows(x);
        Tensor saved = call.saved(0);
        if (x.shape().rank() == 2) {
            boolean accumulate = gradients.accumulates(0);
            Tensor dx = gradients.buffer(0);
            CrossEntropyKernel.TYPE
                    .on(x)
                    .backward(rows, target(call), call.optional(2), saved, dy, dx, options(), accumulate);
            return;
        }
        Tensor dx = Tensor.empty(x.device(), x.dtype(), rows.shape());
        CrossEntropyKernel.TYPE.on(x).backward(rows, target(call), call.optional(2), saved, dy, dx, options(), false);
        int[] order = Axes.toLast(x.shape().rank(), 1);
        Shape last = Axes.permute(x, order).shape();
        gradients.add(0, Axes.permute(dx.reshape(last), Axes.inverse(order)));
    }

    private Options options() {
        return new Options(labelSmoothing, ignoreIndex, logProbabilities, reduction);
    }

    /** Labels [examples] or probabilities [examples, classes]. */
    private static Tensor target(Call call) {
        Tensor target = call.input(1);
        return target.dtype().isFloating() ? rows(target) : target.contiguous();
    }

    /** The scores as [examples, classes]. */
    private static Tensor rows(Tensor x) {
        long classes = x.shape().dim(1);
        Tensor last = Axes.permute(x, Axes.toLast(x.shape().rank(), 1));
        return last.reshape(Shape.of(x.size() / classes, classes));
    }
}
