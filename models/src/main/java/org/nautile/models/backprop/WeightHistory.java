package org.nautile.models.backprop;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.nautile.nn.Module;
import org.nautile.optim.EpochResult;
import org.nautile.optim.TrainerListener;

/**
 * Keeps what a network was at some moments of its training: at the start; after 1, 2, 3, 4 updates and all powers of
 * two; every k updates for a while; at the end.
 */
public final class WeightHistory implements TrainerListener {
    private static final int FIRST = 4; // updates that are all kept

    private final Module network;
    private final int every;
    private final int most;
    private final SortedMap<Integer, Perceptron> kept = new TreeMap<>();
    private int batches;
    private int last; // updates so far

    /**
     * Keeps the start.
     *
     * @param network what is trained, as it is before; see {@link Perceptron#of}
     * @param every k, {@code >= 1}
     * @param most how often every k updates, {@code >= 1}
     */
    public WeightHistory(Module network, int every, int most) {
        this.network = network;
        this.every = every;
        this.most = most;
        kept.put(0, Perceptron.of(network));
    }

    @Override
    public void started(int epochs, int steps) {
        batches = steps;
    }

    @Override
    public void resumed(List<EpochResult> done) {
        last = updates(done.size(), batches);
    }

    private int updates(int epoch, int batch) {
        return (int) Math.min(Integer.MAX_VALUE, (epoch - 1L) * batches + batch);
    }

    @Override
    public void batchDone(int epoch, int batch, double loss) {
        last = updates(epoch, batch);
        if (last <= FIRST || Integer.bitCount(last) == 1 || isFrame(last)) {
            kept.put(last, Perceptron.of(network));
        }
    }

    private boolean isFrame(int updates) {
        return updates % every == 0 && updates / every <= most;
    }

    @Override
    public void finished(List<EpochResult> results) {
        kept.put(last, Perceptron.of(network));
    }

    /**
     * All moments.
     *
     * @return the network by the number of updates before
     */
    public SortedMap<Integer, Perceptron> all() {
        return new TreeMap<>(kept);
    }

    /**
     * The start, every k updates for a while, and the end.
     *
     * @return the network by the number of updates before
     */
    public SortedMap<Integer, Perceptron> frames() {
        SortedMap<Integer, Perceptron> frames = new TreeMap<>();
        for (Map.Entry<Integer, Perceptron> moment : kept.entrySet()) {
            int updates = moment.getKey();
            if (updates == last || isFrame(updates)) {
                frames.put(updates, moment.getValue());
            }
        }
        return frames;
    }
}
