package org.nautile.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.AttentionKernel;

/**
 * Scaled dot product attention (Vaswani et al. 2017, arXiv:1706.03762), as PyTorch's {@code scaled_dot_product_attention}:
 * {@code y = softmax(scale q k^T) v} for each head, with q [B, H, Lq, D], k [B, H, Lk, D], v [B, H, Lk, Dv], y [B, H, Lq, Dv]. Or the
 * heads lie side by side, as a projection leaves them: q [B, Lq, H*D], k [B, Lk, H*D], v [B, Lk, H*Dv], y [B, Lq, H*Dv]; nothing
 * is copied to split them. The optional mask is uint8 [B, Lk]: 1 for keys that take part, 0 for those that no query sees. A
 * query that sees no key gives zeros.
 *
 * <p>Scores are never stored as a whole (Dao et al. 2022, arXiv:2205.14135): memory grows with Lq + Lk, and the backward pass
 * computes them again.
 *
 * @param heads the number of heads that lie side by side; 0 for inputs with an axis of heads
 * @param causal whether query i sees only the first i + 1 keys
 * @param scale what products are multiplied by; 0 for {@code 1 / sqrt(D)}
 */
public record AttentionOp(int heads, boolean causal, double scale) implements Op {
    private static final List<String> INPUTS = List.of("q", "k", "v", "mask");
    private static final int TENSORS = 3; // that have gradients

    /**
     * Checks the parameters.
     *
     * @param heads the number of heads that lie side by side, {@code >= 0}
     * @param causal whether query i sees only the first i + 1 keys
     * @param scale finite
     */
    public AttentionOp {
        if (heads < 0 || !Double.isFinite(scale)) {
            throw new IllegalArgumentException("attention: " + heads + " heads, scale " + scale);
        }
    }

    /**
     * With the scale {@code 1 / sqrt(D)}.
     *
     * @param heads the number of heads that lie side by side; 0 for inputs with an axis of heads
     * @param causal whether query i sees only the first i + 1 keys
     */
    public AttentionOp(int heads, boolean causal) {
        this(heads, causal, 0);
    }

    @Override
    public String name() {
        return "attention";
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Tensor forward(Call call) {
        check(call);
        Tensor q = split(call.input(0));
        Tensor k = split(call.input(1));
        Tensor v = split(call.input(2));
        Shape shape = q.shape();
        Tensor y = call.result(
                q.dtype(), call.input(0).shape().with(-1, call.input(2).shape().dim(-1)));
        Tensor norms = Tensor.empty(q.device(), q.dtype(), shape.with(-1, 2));
        AttentionKernel.TYPE.on(q).forward(q, k, v, call.optional(TENSORS), split(y), norms, factor(shape), causal);
        call.save(norms);
        return y;
    }

    @Override
    public void backward(Call call, Tensor dy, Gradients gradients) {
        boolean[] accumulate = new boolean[TENSORS];
        Tensor[] results = new @Nullable Tensor[TENSORS];
        Tensor[] more = new @Nullable
                Tensor[TENSORS]; // of a tensor that is also an earlier input, whose gradient is written meanwhile
        for (int i = 0; i < TENSORS; i++) {
            Tensor x = call.input(i);
            if (!gradients.wants(i)) {
                continue;
            }
            if ((i > 0 && x == call.input(0)) || (i > 1 && x == call.input(1))) {
                more[i] = Tensor.empty(x.device(), x.dtype(), x.shape());
                results[i] = split(more[i]);
            } else {
                accumulate[i] = gradients.accumulates(i);
                results[i] = split(gradients.buffer(i));
            }
        }
        Tensor q = split(call.input(0));
        AttentionKernel.TYPE
                .on(q)
                .backward(
                        q,
                        split(call.input(1)),
                        split(call.input(2)),
                        call.optional(TENSORS),
                        split(call.output()),
                        call.saved(0),
                        split(dy),
                        results[0],
                        results[1],
                        results[2],
                        factor(q.shape()),
                        causal,
                        accumulate);
        for (int i = 0; i < TENSORS; i++) {
            Tensor gradient = more[i];
            if (gradient != null) {
                gradients.add(i, gradient);
            }
        }
    }

    private void check(Call call) {
        Shape q = call.input(0).shape();
        Shape k = call.input(1).shape();
        Shape v = call.input(2).shape();
        DType dtype = call.input(0).dtype();
        if (!dtype.isFloating()
                || call.input(1).dtype() != dtype
                || call.input(2).dtype() != dtype
                || (call.count() > TENSORS && call.input(TENSORS).dtype() != DType.UINT8)) {
            throw call.error("q, k and v must have one floating type, and the mask uint8");
        }
        int rank = heads == 0 ? 4 : 3;
        if (q.rank() != rank || k.rank() != rank || v.rank() != rank) {
            throw call.error(
                    heads == 0
                            ? "all must be [B,H,L,D]"
                            : "all must be [B,L,H*D] with " + heads + " heads side by side");
        }
        int rows = rank - 2;
        if (!k.with(rows, 1).equals(q.with(rows, 1)) || !v.with(-1, 1).equals(k.with(-1, 1))) {
            throw call.error("k must be as q but for its length, and v as k but for its width");
        }
        if (q.dim(-1) == 0 || v.dim(-1) == 0 || (heads > 0 && (q.dim(-1) % heads != 0 || v.dim(-1) % heads != 0))) {
            throw call.error("the last axis must be of " + Math.max(heads, 1) + " heads with at least one column each");
        }
        if (call.count() > TENSORS && !call.input(TENSORS).shape().equals(Shape.of(k.dim(0), k.dim(rows)))) {
            throw call.error("the mask must be [" + k.dim(0) + "," + k.dim(rows) + "], one for each key");
        }
    }

    /** [B, H, L, D], with columns that follow one another: a view where that is so already. */
    private Tensor split(Tensor tensor) {
        Tensor x = tensor.stride(-1) == 1 || tensor.shape().dim(-1) == 1 ? tensor : tensor.contiguous();
        if (heads == 0) {
            return x;
        }
        Shape shape = x.shape();
        long columns = shape.dim(2) / heads;
        return x.view(
                Shape.of(shape.dim(0), heads, shape.dim(1), columns), x.offset(), x.stride(0), columns, x.stride(1), 1);
    }

    private double factor(Shape q) {
        return scale == 0 ? 1 / Math.sqrt((double) q.dim(-1)) : scale;
    }
}
