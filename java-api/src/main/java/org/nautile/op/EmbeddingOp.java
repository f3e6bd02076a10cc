package org.nautile.op;

import java.util.List;
import java.util.stream.LongStream;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.EmbeddingKernel;

/**
 * The rows of a matrix by their numbers: {@code y[..., :] = weight[index[...], :]}, weight {@code [V, D]}, index int64 of any
 * shape, y {@code [index's shape, D]}. The gradient of a row is the sum over its uses. As {@code torch.nn.functional.embedding}.
 *
 * @param paddingIndex a row that gets no gradient; {@link #NONE} for none
 */
public record EmbeddingOp(long paddingIndex) implements Op {
    /** Every row gets its gradient. */
    public static final long NONE = -1;

    private static final List<String> INPUTS = List.of("weight", "index");

    /** Every row gets its gradient. */
    public EmbeddingOp() {
        this(NONE);
    }

    @Override
    public String name() {
        return "embedding";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        Tensor weight = call.input(0).contiguous();
        Tensor index = call.input(1).contiguous();
        if (!weight.dtype().isFloating() || index.dtype() != DType.INT64) {
            throw call.error("weight must be floating and index int64");
        }
        if (weight.shape().rank() != 2) {
            throw call.error("weight must be [V,D]");
        }
        if (paddingIndex < NONE || paddingIndex >= weight.shape().dim(0)) {
            throw call.error("there is no row " + paddingIndex + " for padding");
        }
        long[] dims = LongStream.concat(
                        LongStream.of(index.shape().dims()),
                        LongStream.of(weight.shape().dim(1)))
                .toArray();
        Tensor y = call.result(weight.dtype(), Shape.of(dims));
        EmbeddingKernel.TYPE.on(weight).forward(weight, index, y);
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        if (gradients.wants(0)) {
            boolean accumulate = gradients.accumulates(0);
            Tensor dweight = gradients.buffer(0);
            EmbeddingKernel.TYPE.on(dy).backward(call.input(1).contiguous(), dy, dweight, paddingIndex, accumulate);
        }
    }
}
