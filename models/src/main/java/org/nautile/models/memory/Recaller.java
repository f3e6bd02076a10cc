package org.nautile.models.memory;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.nn.Embedding;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.nn.Parameter;
import org.nautile.nn.Recurrent;
import org.nautile.op.ArgmaxOp;
import org.nautile.op.ConcatOp;
import org.nautile.op.PermuteOp;
import org.nautile.op.ReshapeOp;
import org.nautile.op.SliceOp;
import org.nautile.optim.Score;

/**
 * A recurrent network that reads a symbol and distractors, is then asked for the symbol, and says it from its last
 * state. Parameters begin with {@code embedding.}, {@code rnn.} and {@code out.}.
 */
public final class Recaller extends Module {
    private static final Loss CROSS_ENTROPY = Loss.crossEntropy();

    private final int lag;
    private final int hidden;
    private final Embedding embedding;
    private final Recurrent layer;
    private final Linear out;

    /**
     * A new network.
     *
     * @param cell its kind
     * @param lag the distractors it reads, {@code >= 1}
     * @param hidden units, and numbers of a symbol's vector, {@code >= 1}
     * @param gateBias the first bias of the gates that keep an LSTM's or a GRU's state: the larger, the longer it is
     *     kept
     * @param random draws the first weights
     */
    public Recaller(Cell cell, int lag, int hidden, double gateBias, Generator random) {
        this.lag = lag;
        this.hidden = hidden;
        embedding = child("embedding", new Embedding(RecallTask.QUESTION + 1, hidden, random));
        layer = child("rnn", cell.layers(hidden, hidden, new Recurrent.Options(), random));
        out = child("out", new Linear(hidden, RecallTask.SYMBOLS, random));
        if (cell != Cell.RNN) {
            keep(cell, (float) gateBias);
        }
    }

    /**
     * Lets a state be kept at first, by a forget gate that is open (Jozefowicz et al. 2015), and by an input gate that is
     * as much closed, or distractors add up (Tallec and Ollivier 2018, arXiv:1804.11188). The blocks of biases are input,
     * forget, ... for the LSTM, and reset, update, ... for the GRU, whose update gate does both.
     */
    private void keep(Cell cell, float gateBias) {
        change("bias_ih_l0", bias -> {
            Arrays.fill(bias, hidden, 2 * hidden, gateBias);
            if (cell == Cell.LSTM) {
                Arrays.fill(bias, 0, hidden, -gateBias);
            }
        });
        change("bias_hh_l0", bias -> Arrays.fill(bias, 0, 2 * hidden, 0));
    }

    /** Changes first values of the recurrent layer. */
    void change(String name, Consumer<float[]> change) {
        Tensor value = Objects.requireNonNull(layer.parameters().get(name)).value();
        float[] values = value.toFloatArray();
        change.accept(values);
        value.set(values);
    }

    /**
     * Answers.
     *
     * @param sequences of a {@link RecallTask}, int64 [B, 1 + distractors] with at least as many distractors as this
     *     one reads
     * @return the scores of the symbols, [B, 8]
     */
    @Override
    public Tensor forward(Tensor sequences) {
        return answer(layer.run(read(sequences), null, null, null));
    }

    /** The vectors of what is read, [2 + lag, B, hidden]. */
    private Tensor read(Tensor sequences) {
        long batch = sequences.shape().dim(0);
        Tensor known = Autograd.apply(new SliceOp(1, 0, 1L + lag), sequences);
        Tensor question = Tensor.full(sequences.device(), DType.INT64, Shape.of(batch, 1), RecallTask.QUESTION);
        Tensor vectors = embedding.forward(Autograd.apply(new ConcatOp(1), known, question));
        return Autograd.apply(new PermuteOp(1, 0, 2), vectors);
    }

    private Tensor answer(Recurrent.Result result) {
        return out.forward(Autograd.apply(new ReshapeOp(-1, hidden), result.hn()));
    }

    /**
     * How wrong the answers are.
     *
     * @param sequences as for {@link #forward}
     * @return the mean cross-entropy, a scalar
     */
    public Tensor loss(Tensor sequences) {
        return CROSS_ENTROPY.of(forward(sequences), first(sequences));
    }

    private static Tensor first(Tensor sequences) {
        Tensor first = Autograd.apply(new SliceOp(1, 0, 1), sequences).contiguous();
        return Autograd.apply(new ReshapeOp(-1), first);
    }

    /**
     * How good the answers are. Without gradients.
     *
     * @param sequences as for {@link #forward}
     * @return the mean cross-entropy, and the share of right answers
     */
    public Score score(Tensor sequences) {
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor scores = forward(sequences);
            Tensor symbols = first(sequences);
            long[] said = new ArgmaxOp(1, false).apply(scores).toLongArray();
            long[] right = symbols.toLongArray();
            int count = 0;
            for (int i = 0; i < right.length; i++) {
                count += said[i] == right[i] ? 1 : 0;
            }
            return new Score(CROSS_ENTROPY.of(scores, symbols).item(), (double) count / right.length);
        }
    }

    /**
     * How much the loss depends on the state after some steps: the norm of its gradient by the state (that of an LSTM
     * with its cells), over all sequences.
     *
     * @param sequences as for {@link #forward}
     * @param steps the number of symbols read, {@code >= 1} and less than 2 + lag
     * @return the norm
     */
    public double gradientNorm(Tensor sequences, int steps) {
        try (Scope scope = new Scope()) {
            Tensor later;
            Tensor h;
            Tensor c;
            try (Autograd.Pause pause = Autograd.noGrad()) {
                Tensor all = read(sequences);
                Recurrent.Result before =
                        layer.run(Autograd.apply(new SliceOp(0, 0, steps), all).contiguous(), null, null, null);
                later = Autograd.apply(new SliceOp(0, steps, 2L + lag), all).contiguous();
                h = before.hn().copy();
                c = before.cn() == null ? null : before.cn().copy();
            }
            Tensor state = Autograd.requireGradient(h);
            Tensor cells = c == null ? null : Autograd.requireGradient(c);
            Autograd.backward(CROSS_ENTROPY.of(answer(layer.run(later, state, cells, null)), first(sequences)));
            double squares = squares(Autograd.gradient(state));
            squares += cells == null ? 0 : squares(Autograd.gradient(cells));
            parameters().values().forEach(Parameter::clearGradient); // nobody asked for those
            return Math.sqrt(squares);
        }
    }

    private static double squares(@Nullable Tensor gradient) {
        double sum = 0;
        for (float value : Objects.requireNonNull(gradient).toFloatArray()) {
            sum += (double) value * value;
        }
        return sum;
    }
}
