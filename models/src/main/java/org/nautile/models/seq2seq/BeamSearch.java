package org.nautile.models.seq2seq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;

/**
 * Looks for the sequence that a network says with the highest score, the mean logarithm of the probabilities of its n tokens, END among
 * them: {@code score(y) = 1/n sum_t log p(y_t | y_1 ... y_(t-1), x)}. The sum alone would favour short sequences.
 *
 * <p>After each token the likeliest continuations are kept, as many as the beam is wide; those that end leave it. The search is over when no
 * sequence in the beam can reach the score of the best that has ended. A beam of one is greedy: the likeliest token each time. A wider one is
 * no promise of a better score, as a continuation can be dropped whose next tokens would be sure; one as wide as there are sequences finds the
 * best of all.
 */
final class BeamSearch {
    private final EncoderDecoder network;
    private final int longest;
    private final int beam;

    /** A search in a network that is not in training; a beam of at least one. */
    BeamSearch(EncoderDecoder network, int beam) {
        this(network, beam, network.sizes().task().longestTarget());
    }

    /** A search for texts of at most so many tokens, no more than the task has. */
    BeamSearch(EncoderDecoder network, int beam, int longest) {
        if (beam < 1) {
            throw new IllegalArgumentException("a beam of " + beam + "; at least 1");
        }
        this.network = network;
        this.longest = longest;
        this.beam = beam;
    }

    /**
     * What was found.
     *
     * @param tokens without START and END
     * @param logProbability the sum over the tokens and END
     */
    record Found(int[] tokens, double logProbability) {
        double score() {
            return logProbability / (tokens.length + 1);
        }
    }

    /** The beginning of a sequence. */
    private record Beginning(int sentence, int row, int[] tokens, double logProbability) {
        long last() {
            return tokens.length == 0 ? Vocabulary.START : tokens[tokens.length - 1];
        }

        Beginning then(int token, int fromRow, double added) {
            int[] more = Arrays.copyOf(tokens, tokens.length + 1);
            more[tokens.length] = token;
            return new Beginning(sentence, fromRow, more, logProbability + added);
        }
    }

    /** What is written for each source. */
    List<Found> of(List<int[]> sources, Device device) {
        @Nullable Found[] best = new @Nullable Found[sources.size()];
        List<Beginning> open = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            open.add(new Beginning(i, i, new int[0], 0));
        }
        try (Decoding decoding = new Decoding(network, device, sources)) {
            while (!open.isEmpty()) {
                float[][] next =
                        decoding.step(open.stream().mapToLong(Beginning::last).toArray());
                List<Beginning> kept = new ArrayList<>();
                int from = 0;
                while (from < open.size()) {
                    int sentence = open.get(from).sentence;
                    int to = from;
                    while (to < open.size() && open.get(to).sentence == sentence) {
                        to++;
                    }
                    List<Beginning> going = new ArrayList<>();
                    for (Beginning one : likeliest(open, next, from, to)) {
                        if (one.last() == Vocabulary.END) {
                            int[] tokens = Arrays.copyOf(one.tokens, one.tokens.length - 1);
                            best[sentence] = better(best[sentence], new Found(tokens, one.logProbability));
                        } else {
                            going.add(one);
                        }
                    }
                    Found rival = best[sentence];
                    if (rival == null || going.stream().anyMatch(one -> atMost(one) > rival.score())) {
                        kept.addAll(going);
                    }
                    from = to;
                }
                open = kept;
                if (!open.isEmpty()) {
                    decoding.select(open.stream().mapToInt(Beginning::row).toArray());
                }
            }
        }
        return Stream.of(best).map(Objects::requireNonNull).toList();
    }

    /** The continuations of some beginnings of one sentence, the likeliest first. */
    private List<Beginning> likeliest(List<Beginning> open, float[][] next, int from, int to) {
        List<Beginning> all = new ArrayList<>();
        for (int row = from; row < to; row++) {
            Beginning one = open.get(row);
            boolean full = one.tokens.length == longest;
            for (int token = Vocabulary.END; token < (full ? Vocabulary.END + 1 : next[row].length); token++) {
                all.add(one.then(token, row, next[row][token]));
            }
        }
        all.sort(Comparator.comparingDouble(one -> -one.logProbability));
        return all.subList(0, Math.min(beam, all.size()));
    }

    /** The score that a beginning reaches if all that follows is certain, and much. */
    private double atMost(Beginning one) {
        return one.logProbability / (longest + 1);
    }

    private static Found better(@Nullable Found one, Found other) {
        return one == null || other.score() > one.score() ? other : one;
    }
}
