package org.nautile.models.bert;

import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.nn.Activation;
import org.nautile.nn.LayerNorm;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.op.LinearOp;

/**
 * BERT with the two heads of its pre-training: scores of all tokens for a hidden one, made with the vectors of the
 * tokens themselves, and whether the second text follows the first. Parameters have the names of Hugging Face's
 * BertForPreTraining.
 */
public final class BertPretraining extends Module {
    private final BertModel bert;
    private final Dense transform;
    private final LayerNorm norm;
    private final Parameter bias;
    private final Dense next;

    /**
     * A network with drawn weights.
     *
     * @param config its sizes
     * @param random draws the weights and the seeds of dropout
     */
    public BertPretraining(BertConfig config, Generator random) {
        this(config, random, true);
    }

    /** With weights that are yet to be written, if they are not drawn. */
    BertPretraining(BertConfig config, Generator random, boolean drawn) {
        int hidden = config.hidden();
        bert = child("bert", new BertModel(config, random, drawn));
        try (Blank memory = new Blank((long) config.vocabulary() + (long) hidden * (hidden + 4))) {
            bias = parameter("cls.predictions.bias", memory.take(config.vocabulary()));
            transform = child("cls.predictions.transform.dense", new Dense(hidden, hidden, memory));
            next = child("cls.seq_relationship", new Dense(hidden, 2, memory));
        }
        norm = child(
                "cls.predictions.transform.LayerNorm", new LayerNorm(Shape.of(hidden), config.normEps(), true, true));
        if (drawn) {
            parameters().forEach((name, parameter) -> {
                if (!name.startsWith("bert.")) {
                    Dense.start(name, parameter.value(), random);
                }
            });
        }
    }

    /**
     * The encoder.
     *
     * @return a part of this network
     */
    public BertModel bert() {
        return bert;
    }

    /** The scores [B, L, V] of all tokens at each place, after tokens int64 [B, L]. */
    @Override
    public Tensor forward(Tensor x) {
        return words(bert.forward(x));
    }

    /**
     * The scores of all tokens for hidden ones.
     *
     * @param states of tokens [..., H]
     * @return [..., V]
     */
    public Tensor words(Tensor states) {
        Tensor x = norm.forward(new Activation(ActivationKernel.Function.GELU).forward(transform.forward(states)));
        return Autograd.apply(new LinearOp(), x, bert.words(), bias.value());
    }

    /**
     * The scores of the two answers: the second text follows the first, or it does not.
     *
     * @param states of tokens [B, L, H]
     * @return [B, 2]
     */
    public Tensor next(Tensor states) {
        return next.forward(bert.pooled(states));
    }
}
