package org.nautile.op;

import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.GroupNormKernel;

/**
 * Group normalisation of [N, C, ...]: {@code y = (x - mean) / sqrt(var + eps) weight + bias} with the mean and the biased variance
 * of each example's group of channels, over the channels of the group and all places. Groups are of C / groups channels beside
 * each other. Weight and bias are [C] and may be absent. Pictures are best channels-last, and the result is. The output may be
 * the input where no backward pass follows.
 *
 * @param groups divides C; as many as C: instance normalisation
 * @param eps is added to the variance, {@code >= 0}
 */
public record GroupNormOp(long groups, double eps) implements Op {
    private static final List<String> INPUTS = List.of("x", "weight", "bias");

    /**
     * Checks the parameters.
     *
     * @param groups the number of groups
     * @param eps is added to the variance
     */
    public GroupNormOp {
        if (groups < 1 || !(eps >= 0)) {
            throw new IllegalArgumentException("group_norm: " + groups + " groups, eps " + eps + "; 1 and 0 at least");
        }
    }

    @Override
    public String name() {
        return "group_norm";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public boolean overwrites(int input) {
        return input == 0;
    }

    @Override
    public Tensor forward(Call call) {
        DType dtype = call.floating();
        Tensor x = call.input(0);
        Shape shape = x.shape();
        if (shape.rank() < 2 || shape.dim(1) == 0 || shape.dim(1) % groups != 0) {
            throw call.error("x must be [N,C,...] with C a multiple of " + groups);
        }
        long channels = shape.dim(1);
        for (int i = 1; i < call.count(); i++) {
            if (!call.input(i).shape().equals(Shape.of(channels))) {
                throw call.error(INPUTS.get(i) + " must be [" + channels + "]");
            }
        }
        Tensor stats = Tensor.empty(x.device(), dtype, Shape.of(shape.dim(0), 3, channels));
        Tensor last = Channels.last(x);
        call.save(stats);
        return Channels.result(call, dtype, shape, (y, add) -> {
            if (shape.size() > 0) {
                GroupNormKernel.TYPE.on(x).forward(last, call.optional(1), call.optional(2), y, stats, groups, eps);
            }
        });
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Tensor x = call.input(0);
        Tensor last = Channels.last(x);
        Tensor upstream = Channels.last(dy);
        Channels.gradients(
                call,
                gradients,
                1,
                to -> GroupNormKernel.TYPE
                        .on(x)
                        .backward(
                                last,
                                call.optional(1),
                                call.saved(0),
                                upstream,
                                to.x(),
                                to.weight(),
                                to.bias(),
                                groups,
                                to.accumulate()));
    }
}
