package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.CrossEntropyKernel;
import org.nautile.backend.CrossEntropyKernel.Reduction;

/**
 * The cross-entropy of class scores (logits), with the softmax inside: for each example {@code loss = log sum exp x - (1 - s)
 * x[target] - s mean(x)}. Scores x [N, C] or [N, C, d1, ...], targets int64 [N] or [N, d1, ...]. As {@code
 * torch.nn.functional.cross_entropy}.
 *
 * @param reduction the losses themselves, their mean over the examples that are not ignored (NaN if there are none), or
 *     their sum
 * @param labelSmoothing the share s of the target that is spread over all classes, {@code 0 <= s <= 1}; Szegedy et al. 2016,
 *     arXiv:1512.00567
 * @param ignoreIndex examples with this target have no loss and no gradient
 */
public record CrossEntropyOp(Reduction reduction, double labelSmoothing, long ignoreIndex) implements Op {
    /** PyTorch's target of examples that are ignored. */
    public static final long IGNORE = -100;

    private static final List<String> INPUTS = List.of("x", "target");

    /** The mean, without smoothing. */
    public CrossEntropyOp() {
        this(Reduction.MEAN, 0, IGNORE);
    }

    /**
     * Checks the parameters.
     *
     * @param reduction what becomes of the losses
     * @param labelSmoothing from 0 to 1
     * @param ignoreIndex the target of examples that are ignored
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
        if (!x.dtype().isFloating() || target.dtype() != DType.INT64) {
            throw call.error("x must be floating and target int64");
        }
        if (shape.rank() < 2 || shape.dim(1) == 0 || !target.shape().equals(shape.without(1))) {
            throw call.error("x must be [N,C] or [N,C,...] with C >= 1, and target the same without C");
        }
        Tensor rows = rows(x);
        Tensor labels = target.contiguous();
        Tensor lse = Tensor.empty(x.device(), x.dtype(), Shape.of(labels.size(), 2));
        Tensor loss = call.result(x.dtype(), reduction == Reduction.NONE ? target.shape() : Shape.SCALAR);
        kernel(x).forward(rows, labels, loss, lse, labelSmoothing, ignoreIndex, reduction);
        call.save(lse);
        return loss;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        if (!gradients.wants(0)) {
            return;
        }
        Tensor x = call.input(0);
        Tensor labels = call.input(1).contiguous();
        Tensor lse = call.saved(0);
        if (x.shape().rank() == 2) {
            boolean accumulate = gradients.accumulates(0);
            Tensor dx = gradients.buffer(0);
            kernel(x).backward(x.contiguous(), labels, lse, dy, dx, labelSmoothing, ignoreIndex, reduction, accumulate);
            return;
        }
        Tensor rows = rows(x);
        Tensor dx = Tensor.empty(x.device(), x.dtype(), rows.shape());
        kernel(x).backward(rows, labels, lse, dy, dx, labelSmoothing, ignoreIndex, reduction, false);
        int[] order = Axes.toLast(x.shape().rank(), 1);
        Shape last = Axes.permute(x, order).shape();
        gradients.add(0, Axes.permute(dx.reshape(last), Axes.inverse(order)));
    }

    /** The scores as [examples, classes]. */
    private static Tensor rows(Tensor x) {
        long classes = x.shape().dim(1);
        return Axes.permute(x, Axes.toLast(x.shape().rank(), 1)).reshape(Shape.of(x.size() / classes, classes));
    }

    private static CrossEntropyKernel kernel(Tensor x) {
        return x.device().backend().kernel(CrossEntropyKernel.TYPE);
    }
}
