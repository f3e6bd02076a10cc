package org.nautile.models.sentiment;

import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.data.Batch;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;
import org.nautile.optim.Evaluation;

/** A network that reads tokens and says by a logit how probable it is that they speak well of something. */
public abstract class SentimentNetwork extends Module {
    private static final Loss LOSS = Loss.binaryCrossEntropyWithLogits();

    /**
     * The sizes of the recurrent layers.
     *
     * @param hidden the units H of a layer and direction, {@code >= 1}
     * @param layers {@code >= 1}
     * @param dropout the probability with which vectors, what a layer gives to the next, and last states are dropped
     */
    public record Sizes(int hidden, int layers, double dropout) {}

    /** For subclasses. */
    SentimentNetwork() {}

    /**
     * What the network says.
     *
     * @param tokens int64 [B, T]
     * @param lengths int64 [B], how many tokens of each text are read; null for all
     * @return the logits [B]
     */
    public abstract Tensor logits(Tensor tokens, @Nullable Tensor lengths);

    /**
     * What training changes.
     *
     * @return this, or a part of it
     */
    public Module trained() {
        return this;
    }

    /** The logits [B] of tokens int64 [B, T], all of which are read. */
    @Override
    public final Tensor forward(Tensor x) {
        return logits(x, null);
    }

    private Tensor logits(Batch batch) {
        Tensor y = batch.y();
        Tensor lengths = Autograd.apply(new SliceOp(1, 0, 1), y).contiguous();
        Tensor tokens = Autograd.apply(new SliceOp(1, 1, y.shape().dim(1)), y).contiguous();
        return logits(tokens, Autograd.apply(new ReshapeOp(batch.size()), lengths));
    }

    /**
     * The loss of a batch of {@link TokenisedReviews}.
     *
     * @param batch some reviews
     * @return the mean binary cross-entropy
     */
    public final Tensor loss(Batch batch) {
        return LOSS.of(logits(batch), Autograd.apply(new ReshapeOp(batch.size()), batch.x()));
    }

    /**
     * The probabilities of reviews to be positive. They are read in batches of about one length; the network is not in
     * training meanwhile.
     *
     * @param reviews the reviews
     * @param device where the network is
     * @param batch reviews at a time, {@code >= 1}
     * @return what the network says of each, in their order
     */
    public final Opinions read(TokenisedReviews reviews, Device device, int batch) {
        boolean before = training();
        train(false);
        int[] order = reviews.byLength();
        double[] logits = new double[order.length];
        Evaluation.each(reviews.ordered(order), batch, device, (part, first) -> {
            double[] said = logits(part).toDoubleArray();
            for (int i = 0; i < said.length; i++) {
                logits[order[first + i]] = said[i];
            }
        });
        train(before);
        return new Opinions(reviews, logits);
    }

    /**
     * The probability of one text to be positive.
     *
     * @param ids its tokens
     * @param device where the network is
     * @return from 0 to 1
     */
    public final double probability(long[] ids, Device device) {
        boolean before = training();
        train(false);
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            double logit =
                    forward(Tensor.of(device, ids, Shape.of(1, ids.length))).item();
            return Opinions.probability(logit);
        } finally {
            train(before);
        }
    }
}
