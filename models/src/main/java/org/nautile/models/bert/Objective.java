package org.nautile.models.bert;

import java.util.Arrays;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.CompareKernel;
import org.nautile.data.Batch;
import org.nautile.data.DataLoader;
import org.nautile.nn.Loss;
import org.nautile.op.BinaryOp;
import org.nautile.op.CompareOp;
import org.nautile.op.CrossEntropyOp;
import org.nautile.op.GatherOp;
import org.nautile.op.Op;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;

/**
 * What pre-training makes small: the cross-entropy of the hidden tokens, a mean over them, and that of whether the
 * second text follows the first.
 */
public final class Objective {
    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);
    private static final Loss NEXT = Loss.crossEntropy();
    private static final int BATCH = 64; // in measurements

    private final BertPretraining network;
    private final int length;
    private final int hidden;

    /**
     * A figure for each of the two tasks.
     *
     * @param words the cross-entropy of hidden tokens, nats
     * @param next that of whether the second text follows, nats
     * @param nextRight the share of right answers to it
     * @param unigram the cross-entropy of the same hidden tokens if only their frequencies are known, nats
     */
    public record Measured(double words, double next, double nextRight, double unigram) {}

    /** The scores of a batch. */
    private record Scores(Tensor words, Tensor hiddenWords, Tensor next, Tensor follows) {}

    /**
     * The objective of a network.
     *
     * @param network the network
     * @param examples what it is trained on, or of the same length
     */
    public Objective(BertPretraining network, Pairs examples) {
        this.network = network;
        length = examples.length();
        hidden = examples.hidden();
    }

    /**
     * The loss of a batch of {@link Pairs}.
     *
     * @param batch the examples
     * @return the sum of the two tasks' losses, nats
     */
    public Tensor loss(Batch batch) {
        Scores scores = scores(batch);
        Tensor words = Autograd.apply(new CrossEntropyOp(), scores.words, scores.hiddenWords);
        return Autograd.apply(ADD, words, NEXT.of(scores.next, scores.follows));
    }

    private Scores scores(Batch batch) {
        Tensor x = batch.x();
        Tensor y = batch.y();
        Tensor nothing = Tensor.full(x.device(), DType.FLOAT32, Shape.of(1), 0);
        Tensor mask = Autograd.apply(new CompareOp(CompareKernel.Function.GT), x, nothing);
        Tensor states = network.bert().states(part(y, 0, length), part(y, length, length), mask);

        // only the states of hidden tokens, [B, P, H]: scores of all tokens for all places would be most of the work
        long batchSize = y.shape().dim(0);
        int at = 2 * length;
        long numbers = states.shape().dim(2);
        Tensor places = y.view(Shape.of(batchSize, hidden, numbers), y.offset() + at, y.stride(0), y.stride(1), 0);
        Tensor gathered = Autograd.apply(new GatherOp(1), states, places.contiguous());
        Tensor rows = Autograd.apply(new ReshapeOp(batchSize * hidden, numbers), gathered);
        Tensor hiddenWords = part(y, at + hidden, hidden).reshape(Shape.of(batchSize * hidden));
        Tensor follows = part(y, at + 2 * hidden, 1).reshape(Shape.of(batchSize));
        return new Scores(network.words(rows), hiddenWords, network.next(states), follows);
    }

    private static Tensor part(Tensor y, int from, int count) {
        return Autograd.apply(new SliceOp(1, from, from + count), y).contiguous();
    }

    /**
     * Measures the network on examples, whose hidden tokens are always the same ones.
     *
     * @param examples others than those it was trained on
     * @param frequencies how often each token is in the text it was trained on
     * @param device where the network is
     * @return means over hidden tokens, and over examples
     */
    public Measured measure(Pairs examples, long[] frequencies, Device device) {
        double all = Arrays.stream(frequencies).sum() + (double) frequencies.length; // each once more than it is there
        double words = 0;
        double unigram = 0;
        long count = 0;
        double next = 0;
        int right = 0;
        boolean training = network.training();
        network.train(false);
        try (Autograd.Pause pause = Autograd.noGrad();
                DataLoader loader = new DataLoader(examples, BATCH, device, false, 0)) {
            for (Batch batch : loader.epoch(1)) {
                try (batch;
                        Scope scope = new Scope()) {
                    Scores scores = scores(batch);
                    long[] tokens = scores.hiddenWords.toLongArray();
                    long here = Arrays.stream(tokens).filter(token -> token >= 0).count();
                    words += here * Autograd.apply(new CrossEntropyOp(), scores.words, scores.hiddenWords).item();
                    unigram += Arrays.stream(tokens)
                            .filter(token -> token >= 0)
                            .mapToDouble(token -> -Math.log((frequencies[(int) token] + 1) / all))
                            .sum();
                    count += here;
                    next += batch.size() * NEXT.of(scores.next, scores.follows).item();
                    float[] answers = scores.next.toFloatArray();
                    long[] follows = scores.follows.toLongArray();
                    for (int i = 0; i < follows.length; i++) {
                        right += (answers[2 * i + 1] > answers[2 * i] ? 1 : 0) == follows[i] ? 1 : 0;
                    }
                }
            }
        }
        network.train(training);
        int size = examples.size();
        return new Measured(words / count, next / size, (double) right / size, unigram / count);
    }
}
