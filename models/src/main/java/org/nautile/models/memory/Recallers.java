package org.nautile.models.memory;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.BinaryKernel;
import org.nautile.data.Batch;
import org.nautile.nn.Module;
import org.nautile.op.BinaryOp;
import org.nautile.op.Op;
import org.nautile.optim.Optimizer;
import org.nautile.optim.Score;

/**
 * Networks of several kinds, one for each lag, that learn side by side from the same sequences, each with an optimizer
 * of its own: as they would alone. Parameters begin with {@code rnn10.} and the like.
 */
public final class Recallers extends Module {
    private static final Op ADD = new BinaryOp(BinaryKernel.Function.ADD);

    private static final int GRADIENT_BATCH = 64;

    private final Map<Cell, Map<Integer, Recaller>> networks = new EnumMap<>(Cell.class);
    private final Map<Recaller, Optimizer> optimizers = new LinkedHashMap<>();

    /**
     * Networks of each kind for each lag.
     *
     * @param cells the kinds, at least one
     * @param lags the lags, at least one
     * @param hidden units of each network, {@code >= 1}
     * @param gateBias the first bias of the gates that keep a state
     * @param seed draws the first weights; those of a network do not depend on which others there are
     */
    public Recallers(List<Cell> cells, List<Integer> lags, int hidden, double gateBias, long seed) {
        for (Cell cell : cells) {
            Map<Integer, Recaller> byLag = new LinkedHashMap<>();
            for (int lag : lags) {
                Generator random = new Generator(seed, (long) lag * Cell.values().length + cell.ordinal());
                Recaller network = new Recaller(cell, lag, hidden, gateBias, random);
                byLag.put(lag, child(cell.toString() + lag, network));
            }
            networks.put(cell, Collections.unmodifiableMap(byLag));
        }
    }

    /**
     * The networks.
     *
     * @return by kind and lag
     */
    public Map<Cell, Map<Integer, Recaller>> networks() {
        return Collections.unmodifiableMap(networks);
    }

    /**
     * Gives each network an optimizer.
     *
     * @param optimizer makes that of a network
     * @return all of them
     */
    public Optimizer[] optimizers(Function<Module, Optimizer> optimizer) {
        networks.values()
                .forEach(byLag -> byLag.values().forEach(network -> optimizers.put(network, optimizer.apply(network))));
        return optimizers.values().toArray(Optimizer[]::new);
    }

    /**
     * A step of each network.
     *
     * @param batch of a {@link RecallTask}
     * @param clip the largest norm of a network's gradients; infinite for no clipping
     * @return the sum of the networks' losses before it
     */
    public Tensor step(Batch batch, double clip) {
        Tensor sum = null;
        for (Map.Entry<Recaller, Optimizer> entry : optimizers.entrySet()) {
            Recaller network = entry.getKey();
            entry.getValue().clearGradients();
            Tensor loss = network.loss(batch.y());
            Autograd.backward(loss);
            if (clip < Double.POSITIVE_INFINITY) {
                network.flatten().clipGradNorm(clip);
            }
            entry.getValue().step();
            sum = sum == null ? loss.detach() : ADD.apply(sum, loss.detach());
        }
        if (sum == null) {
            throw new IllegalStateException("no network has an optimizer");
        }
        return sum;
    }

    /** The sum of the losses of sequences int64 [B, 1 + distractors]. */
    @Override
    public Tensor forward(Tensor sequences) {
        return networks.values().stream()
                .flatMap(byLag -> byLag.values().stream())
                .map(network -> network.loss(sequences))
                .reduce((a, b) -> Autograd.apply(ADD, a, b))
                .orElseThrow();
    }

    /** The first sequences, at most so many, in one batch. */
    static Tensor first(RecallTask task, int most, Device device) {
        int length = (int) task.targetShape().dim(0);
        int size = Math.min(most, task.size());
        long[] all = new long[size * length];
        for (int i = 0; i < size; i++) {
            task.target(i, all, i * length);
        }
        return Tensor.of(device, all, Shape.of(size, length));
    }

    /**
     * How good the networks are.
     *
     * @param task the sequences
     * @param device where the networks are
     * @return {@link Recaller#score} by kind, in the order of the lags
     */
    public Map<Cell, List<Score>> scores(RecallTask task, Device device) {
        Map<Cell, List<Score>> scores = new EnumMap<>(Cell.class);
        try (Scope scope = new Scope()) {
            Tensor sequences = first(task, Integer.MAX_VALUE, device);
            networks.forEach((cell, byLag) -> scores.put(
                    cell,
                    byLag.values().stream()
                            .map(network -> network.score(sequences))
                            .toList()));
        }
        return scores;
    }

    /**
     * How good the networks are together.
     *
     * @param task the sequences
     * @param device where the networks are
     * @return the sum of their losses, and the mean of their shares of right answers
     */
    public Score score(RecallTask task, Device device) {
        List<Score> all =
                scores(task, device).values().stream().flatMap(List::stream).toList();
        return new Score(
                all.stream().mapToDouble(Score::loss).sum(),
                all.stream().mapToDouble(Score::metric).average().orElseThrow());
    }

    /**
     * How much the losses depend on the states on the way.
     *
     * @param lag of the networks
     * @param task some sequences of it are read
     * @param steps after how many symbols the states are
     * @param device where the networks are
     * @return by kind {@link Recaller#gradientNorm} for each of the steps
     */
    public Map<Cell, double[]> gradients(int lag, RecallTask task, int[] steps, Device device) {
        Map<Cell, double[]> norms = new EnumMap<>(Cell.class);
        try (Scope scope = new Scope()) {
            Tensor sequences = first(task, GRADIENT_BATCH, device);
            networks.forEach((cell, byLag) -> {
                Recaller network = Objects.requireNonNull(byLag.get(lag));
                norms.put(
                        cell,
                        Arrays.stream(steps)
                                .mapToDouble(step -> network.gradientNorm(sequences, step))
                                .toArray());
            });
        }
        return norms;
    }
}
