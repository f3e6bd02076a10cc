package org.nautile.models.bert;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.ShapeException;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.nn.Activation;
import org.nautile.nn.Dropout;
import org.nautile.nn.LayerNorm;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.op.AttentionOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.EmbeddingOp;
import org.nautile.op.Op;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

/**
 * BERT's encoder: the sum of a token's, its place's and its text's vectors, blocks of attention and feed-forward parts,
 * each with a layer norm after the sum with its input, and a pooler over the first token. Parameters have the names of
 * Hugging Face's BertModel.
 *
 * <p>Source: Devlin et al. 2018, arXiv:1810.04805.
 */
public final class BertModel extends Module {
    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);

    private final BertConfig config;
    private final Parameter words;
    private final Parameter positions;
    private final Parameter types;
    private final Module norm;
    private final @Nullable Dropout dropout;
    private final List<Block> blocks = new ArrayList<>();
    private final Dense pooler;

    /** The layers of an encoder block. */
    private record Block(
            Dense query,
            Dense key,
            Dense value,
            Dense attended,
            @Nullable Dropout attendedDropout,
            LayerNorm attendedNorm,
            Dense inner,
            Dense outer,
            @Nullable Dropout outerDropout,
            LayerNorm outerNorm) {}

    /**
     * A network with drawn weights: matrices from a normal distribution of deviation 0.02, biases zero.
     *
     * @param config its sizes
     * @param random draws the weights and the seeds of dropout
     */
    public BertModel(BertConfig config, Generator random) {
        this(config, random, true);
    }

    /** With weights that are yet to be written, if they are not drawn. */
    BertModel(BertConfig config, Generator random, boolean drawn) {
        this.config = config;
        int hidden = config.hidden();
        try (Blank memory = new Blank(size(config))) {
            words = parameter("embeddings.word_embeddings.weight", memory.take(config.vocabulary(), hidden));
            positions = parameter("embeddings.position_embeddings.weight", memory.take(config.positions(), hidden));
            types = parameter("embeddings.token_type_embeddings.weight", memory.take(config.types(), hidden));
            norm = norm("embeddings.LayerNorm");
            dropout = dropout("embeddings.dropout", random);
            for (int layer = 0; layer < config.layers(); layer++) {
                blocks.add(block("encoder.layer." + layer + ".", random, memory));
            }
            pooler = child("pooler.dense", new Dense(hidden, hidden, memory));
        }
        if (drawn) {
            parameters().forEach((name, parameter) -> Dense.start(name, parameter.value(), random));
        }
    }

    private Block block(String name, Generator random, Blank memory) {
        int hidden = config.hidden();
        return new Block(
                child(name + "attention.self.query", new Dense(hidden, hidden, memory)),
                child(name + "attention.self.key", new Dense(hidden, hidden, memory)),
                child(name + "attention.self.value", new Dense(hidden, hidden, memory)),
                child(name + "attention.output.dense", new Dense(hidden, hidden, memory)),
                dropout(name + "attention.output.dropout", random),
                norm(name + "attention.output.LayerNorm"),
                child(name + "intermediate.dense", new Dense(hidden, config.inner(), memory)),
                child(name + "output.dense", new Dense(config.inner(), hidden, memory)),
                dropout(name + "output.dropout", random),
                norm(name + "output.LayerNorm"));
    }

    /** The elements of all matrices, and as many for their biases and the places between them as are needed at most. */
    private static long size(BertConfig config) {
        long hidden = config.hidden();
        long tables = hidden * ((long) config.vocabulary() + config.positions() + config.types());
        long block = 4 * hidden * hidden + 2 * hidden * config.inner() + 5 * hidden + config.inner() + 12 * 16;
        return tables + config.layers() * block + hidden * hidden + hidden + 5 * 16;
    }

    private LayerNorm norm(String name) {
        return child(name, new LayerNorm(Shape.of(config.hidden()), config.normEps(), true, true));
    }

    private @Nullable Dropout dropout(String name, Generator random) {
        return config.dropout() == 0 ? null : child(name, new Dropout(config.dropout(), random));
    }

    /**
     * The sizes.
     *
     * @return those it was made with
     */
    public BertConfig config() {
        return config;
    }

    /** The vectors of tokens [V, H], which also score them. */
    Tensor words() {
        return words.value();
    }

    /** The states [B, L, H] of tokens int64 [B, L] of one text each, all of which are there. */
    @Override
    public Tensor forward(Tensor x) {
        return states(x, null, null);
    }

    /**
     * What each token has become.
     *
     * @param ids tokens, int64 [B, L]
     * @param segments the text of each token, int64 [B, L]; null where all are of the first, 0
     * @param mask uint8 [B, L]: 1 for tokens that are there, 0 for those that only fill up; null where all are there
     * @return the states [B, L, H]; those of tokens that only fill up mean nothing
     * @throws ShapeException if there are more tokens than places
     */
    public Tensor states(Tensor ids, @Nullable Tensor segments, @Nullable Tensor mask) {
        if (ids.shape().rank() != 2) {
            throw new ShapeException("bert: tokens are " + ids + ", [B,L] expected");
        }
        long length = ids.shape().dim(1);
        if (length > config.positions()) {
            throw new ShapeException(
                    "bert: " + length + " tokens, but max_position_embeddings is " + config.positions());
        }
        Tensor x = rows(words, ids);
        x = add(x, segments == null ? first(types, 1) : rows(types, segments));
        x = add(x, first(positions, length));
        x = dropped(dropout, norm.forward(x));
        for (Block block : blocks) {
            if (Autograd.isPaused()) {
                try (Scope scope = new Scope()) { // what no backward pass needs goes at once
                    x = scope.keep(after(block, x, mask));
                }
            } else {
                x = after(block, x, mask);
            }
        }
        return x;
    }

    private Tensor after(Block block, Tensor x, @Nullable Tensor mask) {
        Tensor q = block.query.forward(x);
        Tensor k = block.key.forward(x);
        Tensor v = block.value.forward(x);
        Op attention = new AttentionOp(config.heads(), false);
        Tensor seen = mask == null ? Autograd.apply(attention, q, k, v) : Autograd.apply(attention, q, k, v, mask);
        Tensor attended = dropped(block.attendedDropout, block.attended.forward(seen));
        Tensor middle = block.attendedNorm.forward(add(attended, x));
        Tensor inner = new Activation(ActivationKernel.Function.GELU).forward(block.inner.forward(middle));
        Tensor outer = dropped(block.outerDropout, block.outer.forward(inner));
        return block.outerNorm.forward(add(outer, middle));
    }

    /**
     * What an input has become as a whole: a layer with tanh over the state of its first token.
     *
     * @param states of tokens [B, L, H]
     * @return [B, H]
     */
    public Tensor pooled(Tensor states) {
        Tensor first = Autograd.apply(new SliceOp(1, 0, 1, 1), states);
        Tensor flat = Autograd.apply(new ReshapeOp(states.shape().dim(0), config.hidden()), first);
        return Activation.tanh().forward(pooler.forward(flat));
    }

    private static Tensor rows(Parameter table, Tensor numbers) {
        return Autograd.apply(new EmbeddingOp(), table.value(), numbers);
    }

    private static Tensor first(Parameter table, long count) {
        return Autograd.apply(new SliceOp(0, 0, count, 1), table.value());
    }

    private static Tensor add(Tensor a, Tensor b) {
        return Autograd.apply(ADD, a, b);
    }

    private static Tensor dropped(@Nullable Dropout dropout, Tensor x) {
        return dropout == null ? x : dropout.forward(x);
    }
}
