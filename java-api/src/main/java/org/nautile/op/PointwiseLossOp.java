package org.nautile.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.LossReduction;
import org.nautile.backend.PointwiseLossKernel;
import org.nautile.backend.PointwiseLossKernel.Function;

/**
 * A loss that compares element by element: {@code weight f(x, target)} for x and target of one shape, an optional weight and,
 * for {@link Function#BCE_WITH_LOGITS}, an optional weight of positive targets, both of a shape that is broadcast to it. There
 * are gradients by x and by the target, none by the weights. Formulas as in {@code torch.nn.functional}.
 *
 * @param function the function f
 * @param delta the parameter of {@link Function#HUBER}, positive; unused otherwise
 * @param reduction the losses themselves, their mean over all elements whatever their weights, or their sum
 */
public record PointwiseLossOp(Function function, double delta, LossReduction reduction) implements Op {
    private static final List<String> INPUTS = List.of("x", "target", "weight", "pos_weight");

    /**
     * A function without parameter.
     *
     * @param function the function f; of {@link Function#HUBER} that with delta 1
     * @param reduction what becomes of the losses
     */
    public PointwiseLossOp(Function function, LossReduction reduction) {
        this(function, 1, reduction);
    }

    /**
     * Checks the parameters.
     *
     * @param function the function f
     * @param delta the parameter of {@link Function#HUBER}
     * @param reduction what becomes of the losses
     */
    public PointwiseLossOp {
        if (!(delta > 0)) {
            throw new IllegalArgumentException("pointwise_loss: delta " + delta + " is not positive");
        }
    }

    @Override
    public String name() {
        return "pointwise_loss";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        call.floating();
        Tensor x = call.input(0);
        Tensor target = call.input(1);
        if (!target.shape().equals(x.shape())) {
            throw call.error("target must have the shape of x");
        }
        if (call.count() > 3 && function != Function.BCE_WITH_LOGITS) {
            throw call.error("pos_weight is of bce_with_logits alone");
        }
        Tensor loss = reduction == LossReduction.NONE ? call.resultLike(x) : call.result(x.dtype(), Shape.SCALAR);
        Tensor like = reduction == LossReduction.NONE ? loss : x;
        PointwiseLossKernel.TYPE
                .on(x)
                .forward(
                        x.laidOutAs(like),
                        target.laidOutAs(like),
                        weight(call, 2, like),
                        weight(call, 3, like),
                        loss,
                        function,
                        delta,
                        reduction);
        return loss;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        for (int i = 2; i < call.count(); i++) {
            if (gradients.wants(i)) {
                throw call.error("there is no gradient by " + INPUTS.get(i));
            }
        }
        for (int i = 0; i < 2; i++) {
            if (gradients.wants(i)) {
                boolean accumulate = gradients.accumulates(i);
                Tensor dx = gradients.denseBuffer(i);
                PointwiseLossKernel.TYPE
                        .on(dx)
                        .backward(
                                call.input(0).laidOutAs(dx),
                                call.input(1).laidOutAs(dx),
                                weight(call, 2, dx),
                                weight(call, 3, dx),
                                reduction == LossReduction.NONE ? dy.laidOutAs(dx) : dy,
                                dx,
                                function,
                                delta,
                                reduction,
                                i == 1,
                                accumulate);
            }
        }
    }

    /** An optional input, repeated to the shape of another tensor and laid out as that. */
    private static @Nullable Tensor weight(Call call, int input, Tensor like) {
        if (call.count() <= input) {
            return null;
        }
        Tensor weight = call.input(input);
        Shape shape = like.shape();
        int extra = shape.rank() - weight.shape().rank();
        long[] strides = new long[shape.rank()];
        for (int axis = 0; axis < weight.shape().rank(); axis++) {
            long extent = weight.shape().dim(axis);
            if (extra < 0 || (extent != 1 && extent != shape.dim(axis + extra))) {
                throw call.error(INPUTS.get(input) + " must have a shape that is broadcast to that of x");
            }
            strides[axis + extra] = extent == 1 ? 0 : weight.stride(axis);
        }
        return weight.view(shape, weight.offset(), strides).laidOutAs(like);
    }
}
