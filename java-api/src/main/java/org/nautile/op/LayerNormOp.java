package org.nautile.op;

import java.util.Arrays;
import java.util.List;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.LayerNormKernel;

/**
 * Layer normalisation: {@code y = (x - mean) / sqrt(var + eps) weight + bias} with the mean and the biased variance over the
 * last axes. Weight and bias have the shape of these axes and may be absent. The output may be the input where no backward
 * pass follows.
 *
 * @param axes the number of last axes that are normalised together, {@code >= 1}
 * @param eps is added to the variance, {@code >= 0}
 */
public record LayerNormOp(int axes, double eps) implements Op {
    private static final List<String> INPUTS = List.of("x", "weight", "bias");

    /**
     * Checks the parameters.
     *
     * @param axes the number of last axes
     * @param eps is added to the variance
     */
    public LayerNormOp {
        if (axes < 1 || !(eps >= 0)) {
            throw new IllegalArgumentException("layer_norm: " + axes + " axes, eps " + eps + "; 1 and 0 at least");
        }
    }

    @Override
    public String name() {
        return "layer_norm";
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
        if (shape.rank() < axes) {
            throw call.error("x must have " + axes + " axes or more");
        }
        for (int i = 1; i < call.count(); i++) {
            if (!call.input(i).shape().equals(normalised(shape))) {
                throw call.error(INPUTS.get(i) + " must be " + normalised(shape));
            }
        }
        Tensor y = call.result(dtype, shape);
        Tensor rows = Axes.matrix(x, axes);
        Tensor stats = Tensor.empty(x.device(), dtype, Shape.of(rows.shape().dim(0), 3));
        LayerNormKernel.TYPE.on(x).forward(rows, call.optional(1), call.optional(2), Axes.matrix(y, axes), stats, eps);
        call.save(stats);
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        Tensor x = Axes.matrix(call.input(0), axes);
        Targets to = Targets.all(call, gradients);
        Tensor dx = to.x() == null ? null : Axes.matrix(to.x(), axes);
        Tensor g = Axes.matrix(dy, axes);
        LayerNormKernel.TYPE
                .on(x)
                .backward(x, call.optional(1), call.saved(0), g, dx, to.weight(), to.bias(), to.accumulate());
    }

    private Shape normalised(Shape shape) {
        long[] dims = shape.dims();
        return Shape.of(Arrays.copyOfRange(dims, dims.length - axes, dims.length));
    }
}
