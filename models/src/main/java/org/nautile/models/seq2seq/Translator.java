package org.nautile.models.seq2seq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.optim.Evaluation;

/**
 * What a network, not in training, makes of texts.
 *
 * @param network the network
 * @param device where it is
 */
public record Translator(EncoderDecoder network, Device device) {
    private static final int TOGETHER = 100; // texts

    /**
     * A text that was written.
     *
     * @param text the text
     * @param probability what the network gives it, of all texts
     */
    public record Written(String text, double probability) {}

    /**
     * Writes.
     *
     * @param sources what is read
     * @param beam the width of the beam, {@code >= 1}; 1 is greedy
     * @return what is written for each
     * @throws IllegalArgumentException if a source is none of the task's: {@link Task#read}
     */
    public List<Written> write(List<String> sources, int beam) {
        Task task = network.sizes().task();
        BeamSearch search = new BeamSearch(network, beam);
        List<int[]> read = sources.stream().map(task::read).toList();
        List<Written> written = new ArrayList<>();
        for (int start = 0; start < read.size(); start += TOGETHER) {
            for (BeamSearch.Found found :
                    search.of(read.subList(start, Math.min(start + TOGETHER, read.size())), device)) {
                written.add(new Written(task.target().text(found.tokens()), Math.exp(found.logProbability())));
            }
        }
        return written;
    }

    /**
     * The share of texts that are written without any mistake.
     *
     * @param pairs examples, at least one
     * @param written what was written for each
     * @return from 0 to 1
     */
    public static double exactMatch(List<Pair> pairs, List<Written> written) {
        long right = IntStream.range(0, pairs.size())
                .filter(i -> written.get(i).text().equals(pairs.get(i).target()))
                .count();
        return (double) right / pairs.size();
    }

    /**
     * The loss on examples, with all tokens before each known.
     *
     * @param pairs examples, at least one
     * @return the mean loss per token of each batch of 100, weighted by its number of examples; nats
     */
    public double loss(List<Pair> pairs) {
        Pairs examples = new Pairs(network.sizes().task(), pairs);
        return Evaluation.mean(
                examples, TOGETHER, device, batch -> network.loss(batch).item());
    }

    /**
     * What the decoder attends to in a source while it writes a text: the weights of its last layer, averaged over the heads.
     *
     * @param source what is read
     * @param text what is written
     * @return for each token of the text, and END, a weight for each token of the source; the weights of a row have the sum 1
     */
    public double[][] attention(String source, String text) {
        Task task = network.sizes().task();
        int[] read = task.read(source);
        int[] target = task.write(text);
        long[] before = new long[target.length + 1];
        before[0] = Vocabulary.START;
        System.arraycopy(Arrays.stream(target).asLongStream().toArray(), 0, before, 1, target.length);
        double[][] mean = new double[before.length][read.length];
        try (Autograd.Pause pause = Autograd.noGrad();
                Scope scope = new Scope()) {
            Tensor from = Tensor.of(device, Arrays.stream(read).asLongStream().toArray(), Shape.of(1, read.length));
            Tensor mask = network.mask(from);
            Tensor weights = network.attention(
                    Tensor.of(device, before, Shape.of(1, before.length)), network.encode(from, mask), mask);
            float[] all = weights.toFloatArray();
            int heads = network.sizes().heads();
            for (int i = 0; i < all.length; i++) {
                mean[i / read.length % before.length][i % read.length] += all[i] / (double) heads;
            }
        }
        return mean;
    }
}
