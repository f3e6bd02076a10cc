package org.nautile.nn;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.op.AttentionOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.LinearOp;
import org.nautile.op.MatmulOp;
import org.nautile.op.PermuteOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.ScaleOp;
import org.nautile.op.SliceOp;
import org.nautile.op.SoftmaxOp;

/**
 * Attention with several heads (Vaswani et al. 2017, arXiv:1706.03762): queries, keys and values are projected, each head attends
 * with its share of the columns, and the heads' results are projected once more. Query [B, Lq, E], key and value [B, Lk, E],
 * result [B, Lq, E]; as {@code torch.nn.MultiheadAttention} with {@code batch_first}, whose parameters have the same names: {@code
 * in_proj_weight} [3*E, E], Xavier-uniform at first, {@code in_proj_bias} [3*E] and {@code out_proj.bias} [E], zeros at first, {@code
 * out_proj.weight} [E, E].
 *
 * <p>A mask is uint8 [B, Lk] with 1 for keys that take part and 0 for padding: the opposite of PyTorch's {@code
 * key_padding_mask}.
 */
public final class MultiHeadAttention extends Module {
    private static final double HIDDEN = -1e30; // added to a score, leaves no weight and yet no NaN

    private final int embedding;
    private final int heads;
    private final Parameter inWeight;
    private final Parameter inBias;
    private final Linear out;

    /**
     * A layer.
     *
     * @param embedding the number of columns E, a multiple of heads
     * @param heads the number of heads, {@code >= 1}
     * @param random draws the first weights
     */
    public MultiHeadAttention(int embedding, int heads, Generator random) {
        if (heads < 1 || embedding < 1 || embedding % heads != 0) {
            throw new IllegalArgumentException(
                    "MultiHeadAttention: " + embedding + " columns cannot be shared by " + heads + " heads");
        }
        this.embedding = embedding;
        this.heads = heads;
        Device device = Device.defaultDevice();
        float bound = (float) Math.sqrt(6.0 / (4.0 * embedding)); // of 3*E rows and E columns
        float[] values = new float[Math.multiplyExact(3 * embedding, embedding)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat(-bound, bound);
        }
        inWeight = parameter("in_proj_weight", Tensor.of(device, values, Shape.of(3L * embedding, embedding)));
        inBias = parameter("in_proj_bias", Tensor.full(device, DType.FLOAT32, Shape.of(3L * embedding), 0));
        out = child("out_proj", new Linear(embedding, embedding, random));
        Objects.requireNonNull(out.parameters().get("bias")).value().fill(0);
    }

    /**
     * Self-attention: every place of a sequence attends to all of them.
     *
     * @param x {@code [B, L, E]}
     * @return {@code [B, L, E]}
     */
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, null, false);
    }

    /**
     * Self-attention.
     *
     * @param x {@code [B, L, E]}
     * @param mask uint8 [B, L], 1 for places that may be attended to; null for all
     * @param causal whether each place attends only to itself and those before it
     * @return {@code [B, L, E]}
     */
    public Tensor forward(Tensor x, @Nullable Tensor mask, boolean causal) {
        return attend(project(x, 0, 3), mask, causal);
    }

    /**
     * Attention to another sequence.
     *
     * @param query {@code [B, Lq, E]}
     * @param memory {@code [B, Lk, E]}, keys and values in one
     * @param mask uint8 [B, Lk], 1 for keys that take part; null for all
     * @return {@code [B, Lq, E]}
     */
    public Tensor forward(Tensor query, Tensor memory, @Nullable Tensor mask) {
        return attend(projections(query, memory), mask, false);
    }

    /**
     * Attention to another sequence.
     *
     * @param query {@code [B, Lq, E]}
     * @param key {@code [B, Lk, E]}
     * @param value {@code [B, Lk, E]}
     * @param mask uint8 [B, Lk], 1 for keys that take part; null for all
     * @param causal whether query i attends only to the first i + 1 keys
     * @return {@code [B, Lq, E]}
     */
    public Tensor forward(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, boolean causal) {
        Tensor[] projected = {project(query, 0, 1)[0], project(key, 1, 2)[0], project(value, 2, 3)[0]};
        return attend(projected, mask, causal);
    }

    /**
     * Self-attention of the next place of each sequence to itself and those before it: what {@link #forward(Tensor, Tensor, boolean)}
     * gives for that place when it is causal. Without gradients.
     *
     * @param x {@code [B, 1, E]}
     * @param cache what was read before; x is added to it
     * @return {@code [B, 1, E]}
     * @throws ShapeException if x is not one place of each of the cache's sequences, or the cache is full
     */
    public Tensor step(Tensor x, KeyValueCache cache) {
        if (x.shape().rank() != 3 || x.shape().dim(1) != 1) {
            throw new ShapeException("MultiHeadAttention: a step takes one place, [B,1,E]; x is " + x);
        }
        try (Autograd.Pause pause = Autograd.noGrad()) {
            Tensor[] projected = project(x, 0, 3);
            cache.append(projected[1], projected[2]);
            return attend(new Tensor[] {projected[0], cache.keys(), cache.values()}, null, false);
        }
    }

    /**
     * The keys and values of another sequence, computed once for all steps of {@link #forward(Tensor, KeyValueCache, Tensor)}. Without
     * gradients.
     *
     * @param memory {@code [B, Lk, E]}
     * @return a cache, which the caller closes
     */
    public KeyValueCache cache(Tensor memory) {
        int batch = (int) memory.shape().dim(0);
        KeyValueCache cache =
                new KeyValueCache(memory.device(), batch, (int) memory.shape().dim(1), embedding);
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor[] pair = project(memory, 1, 3);
            cache.append(pair[0], pair[1]);
        }
        return cache;
    }

    /**
     * Attention to another sequence whose keys and values are known. Without gradients.
     *
     * @param query {@code [B, Lq, E]}
     * @param memory what {@link #cache} made of {@code [B, Lk, E]}
     * @param mask uint8 [B, Lk], 1 for keys that take part; null for all
     * @return {@code [B, Lq, E]}
     */
    public Tensor forward(Tensor query, KeyValueCache memory, @Nullable Tensor mask) {
        try (Autograd.Pause pause = Autograd.noGrad()) {
            Tensor projected = project(query, 0, 1)[0];
            return attend(new Tensor[] {projected, memory.keys(), memory.values()}, mask, false);
        }
    }

    /**
     * What each query attends to, for pictures: the weights, which {@link #forward} never stores as a whole. Without gradients.
     *
     * @param query {@code [B, Lq, E]}
     * @param memory {@code [B, Lk, E]}; the query itself for self-attention
     * @param mask uint8 [B, Lk], 1 for keys that take part; null for all
     * @param causal whether query i attends only to the first i + 1 keys
     * @return {@code [B, H, Lq, Lk]}; rows have the sum 1, or 0 where no key takes part
     */
    public Tensor weights(Tensor query, Tensor memory, @Nullable Tensor mask, boolean causal) {
        try (Autograd.Pause pause = Autograd.noGrad()) {
            Tensor[] projected = projections(query, memory);
            Tensor q = split(projected[0]);
            Tensor k = split(projected[1]);
            Tensor scores = new MatmulOp(false, true).apply(q, k);
            double scale = 1 / Math.sqrt((double) embedding / heads);
            Tensor seen = seen(scores, mask, causal);
            Tensor hidden = new ScaleOp(-HIDDEN, HIDDEN).apply(seen); // 0 where seen
            Tensor shifted = new BinaryOp(BinaryKernel.Function.ADD).apply(new ScaleOp(scale, 0).apply(scores), hidden);
            return new BinaryOp(BinaryKernel.Function.MUL).apply(new SoftmaxOp(-1).apply(shifted), seen);
        }
    }

    /** Float [B, 1, Lq, Lk]: 1 where a query sees a key, 0 elsewhere. */
    private static Tensor seen(Tensor scores, @Nullable Tensor mask, boolean causal) {
        int batch = (int) scores.shape().dim(0);
        int queries = (int) scores.shape().dim(2);
        int keys = (int) scores.shape().dim(3);
        byte[] kept = mask == null ? new byte[0] : (byte[]) mask.toArray();
        float[] seen = new float[batch * queries * keys];
        for (int i = 0; i < seen.length; i++) {
            int key = i % keys;
            boolean hidden = (causal && key > i / keys % queries)
                    || (mask != null && kept[i / (queries * keys) * keys + key] == 0);
            seen[i] = hidden ? 0 : 1;
        }
        return Tensor.of(scores.device(), seen, Shape.of(batch, 1, queries, keys));
    }

    /** Queries, keys and values. */
    private Tensor[] projections(Tensor query, Tensor memory) {
        if (query == memory) {
            return project(query, 0, 3);
        }
        Tensor[] pair = project(memory, 1, 3);
        return new Tensor[] {project(query, 0, 1)[0], pair[0], pair[1]};
    }

    /** Some of the three projections of x, by one product: views [B, L, E] of its result. */
    private Tensor[] project(Tensor x, int from, int to) {
        Tensor weight = inWeight.value();
        Tensor bias = inBias.value();
        if (to - from < 3) {
            SliceOp rows = new SliceOp(0, (long) from * embedding, (long) to * embedding);
            weight = Autograd.apply(rows, weight);
            bias = Autograd.apply(rows, bias);
        }
        Tensor all = Autograd.apply(new LinearOp(), x, weight, bias);
        Tensor[] parts = new Tensor[to - from];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = parts.length == 1
                    ? all
                    : Autograd.apply(new SliceOp(-1, (long) i * embedding, (i + 1L) * embedding), all);
        }
        return parts;
    }

    private Tensor attend(Tensor[] projected, @Nullable Tensor mask, boolean causal) {
        AttentionOp op = new AttentionOp(heads, causal);
        Tensor y = mask == null
                ? Autograd.apply(op, projected)
                : Autograd.apply(op, projected[0], projected[1], projected[2], mask);
        return out.forward(y);
    }

    /** [B, L, E] as [B, H, L, E/H]. */
    private Tensor split(Tensor x) {
        long[] dims = {x.shape().dim(0), x.shape().dim(1), heads, embedding / heads};
        return PermuteOp.transpose(4, 1, 2).apply(new ReshapeOp(dims).apply(x));
    }

    @Override
    protected String describe() {
        return "MultiHeadAttention(" + embedding + ", " + heads + (heads == 1 ? " head)" : " heads)");
    }
}
