package org.nautile.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.BatchNormKernel;
import org.nautile.backend.BatchNormKernel.Settings;

/**
 * Batch normalisation of [N, C, ...]: {@code y = (x - mean) / sqrt(var + eps) weight + bias} for each channel. In training the mean
 * and the biased variance are those of the batch, over N and all places, and the running ones move towards them (the variance
 * that divides by the count less 1); otherwise the running ones are used. Weight and bias are [C] and may be absent, both.
 * Pictures are best channels-last, and the result is. The output may be the input where no backward pass follows.
 *
 * <p>The running statistics are inputs without gradient that training changes in place, so that a recorded plan does, too:
 * {@code running_mean} and {@code running_var} [C], and {@code num_batches_tracked}, int64 [], which counts the batches. An empty
 * batch is counted and changes nothing else.
 *
 * @param training whether the batch's own statistics are used
 * @param tracked whether there are running statistics; they are needed if not in training
 * @param momentum the batch's share in the running statistics, from 0 to 1; {@link #AVERAGE}: they are averages over all batches
 * @param eps is added to the variance, {@code >= 0}
 */
public record BatchNormOp(boolean training, boolean tracked, double momentum, double eps) implements Op {
    /** The momentum for running statistics that are averages over all batches so far. */
    public static final double AVERAGE = -1;

    private static final List<String> INPUTS = List.of("x", "weight", "bias");
    private static final List<String> TRACKED_INPUTS =
            List.of("x", "running_mean", "running_var", "num_batches_tracked", "weight", "bias");

    /**
     * Checks the parameters.
     *
     * @param training whether the batch's own statistics are used
     * @param tracked whether there are running statistics
     * @param momentum the batch's share in the running statistics
     * @param eps is added to the variance
     */
    public BatchNormOp {
        if (!(momentum == AVERAGE || (momentum >= 0 && momentum <= 1)) || !(eps >= 0)) {
            throw new IllegalArgumentException("batch_norm: momentum " + momentum + ", eps " + eps);
        }
        if (!training && !tracked) {
            throw new IllegalArgumentException("batch_norm: neither training nor running statistics");
        }
    }

    @Override
    public String name() {
        return "batch_norm";
    }

    @Override
    public List<String> inputs() {
        return tracked ? TRACKED_INPUTS : INPUTS;
    }

    @Override
    public boolean overwrites(int input) {
        return input == 0;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor x = call.input(0);
        Shape shape = x.shape();
        if (!x.dtype().isFloating() || shape.rank() < 2 || shape.dim(1) == 0) {
            throw call.error("x must be floating, [N,C] or [N,C,...]");
        }
        long channels = shape.dim(1);
        for (int i = 1; i < call.count(); i++) {
            Tensor input = call.input(i);
            boolean counter = tracked && i == 3;
            DType dtype = counter ? DType.INT64 : x.dtype();
            Shape wanted = counter ? Shape.SCALAR : Shape.of(channels);
            if (input.dtype() != dtype || !input.shape().equals(wanted)) {
                throw call.error(inputs().get(i) + " must be " + wanted + " " + dtype);
            }
        }
        if (training && shape.size() == channels) {
            throw call.error("training needs more than one value for each channel");
        }
        Tensor[] running = new @Nullable Tensor[3];
        for (int i = 0; i < 3 && tracked; i++) {
            running[i] = call.input(1 + i).contiguous();
        }
        Tensor stats = Tensor.empty(x.device(), x.dtype(), Shape.of(3, channels));
        Tensor rows = Axes.matrix(Channels.last(x), 1);
        call.save(stats);
        Tensor result = Channels.result(
                call,
                x.dtype(),
                shape,
                (y, add) -> BatchNormKernel.TYPE
                        .on(x)
                        .forward(
                                rows,
                                call.optional(weight()),
                                call.optional(weight() + 1),
                                running[0],
                                running[1],
                                running[2],
                                Axes.matrix(y, 1),
                                stats,
                                new Settings(training, momentum, eps)));
        for (int i = 0; i < 3 && tracked && training; i++) {
            Tensor moved = running[i];
            if (moved != null && moved != call.input(1 + i)) {
                call.input(1 + i).copyFrom(moved);
            }
        }
        return result;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Tensor x = call.input(0);
        Tensor rows = Axes.matrix(Channels.last(x), 1);
        Tensor upstream = Axes.matrix(Channels.last(dy), 1);
        Channels.gradients(
                call,
                gradients,
                weight(),
                to -> BatchNormKernel.TYPE
                        .on(x)
                        .backward(
                                rows,
                                call.optional(weight()),
                                call.saved(0),
                                upstream,
                                to.x() == null ? null : Axes.matrix(to.x(), 1),
                                to.weight(),
                                to.bias(),
                                training,
                                to.accumulate()));
    }

    /** The weight's place among the inputs; the bias follows. */
    private int weight() {
        return tracked ? 4 : 1;
    }
}
