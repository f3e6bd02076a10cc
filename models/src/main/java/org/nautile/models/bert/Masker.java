package org.nautile.models.bert;

import java.util.ArrayList;
import java.util.List;
import org.nautile.Generator;
import org.nautile.data.WordPiece;

/**
 * Hides pieces of an input for BERT to guess: spans first, in a drawn order, those that still fit into the share to be
 * hidden, then single pieces. Of the spans and the single pieces, 80 of 100 become [MASK], 10 other tokens, and 10 stay
 * as they are.
 */
final class Masker {
    private static final double SHARE = 0.15; // of pieces, to be guessed
    private static final double MASKED = 0.8;
    private static final double REPLACED = 0.9; // or masked

    private final int mask;
    private final int vocabulary;

    Masker(WordPiece tokenizer) {
        mask = tokenizer.id(WordPiece.MASK);
        vocabulary = tokenizer.size();
    }

    /** How many of so many pieces are to be guessed: at least one. */
    static int count(int pieces) {
        return (int) Math.max(1, Math.round(SHARE * pieces));
    }

    /**
     * Chooses places.
     *
     * @param allowed the places of pieces
     * @param spans places of the first piece of each span and of the first one after it
     * @param count how many are to be chosen, at most as many as are allowed
     * @return the chosen places, those of a span together
     */
    static List<List<Integer>> choose(List<Integer> allowed, List<int[]> spans, int count, Generator random) {
        List<List<Integer>> chosen = new ArrayList<>();
        List<Integer> rest = new ArrayList<>(allowed);
        int room = count;
        for (int i : random.permutation(spans.size())) {
            int[] span = spans.get(i);
            if (span[1] - span[0] <= room) {
                List<Integer> places = new ArrayList<>();
                for (int place = span[0]; place < span[1]; place++) {
                    places.add(place);
                }
                chosen.add(places);
                rest.removeAll(places);
                room -= places.size();
            }
        }
        int[] order = random.permutation(rest.size());
        for (int i = 0; i < room; i++) {
            chosen.add(List.of(rest.get(order[i])));
        }
        return chosen;
    }

    /** Overwrites the pieces at places that belong together. */
    void hide(long[] ids, List<Integer> places, Generator random) {
        double share = random.nextDouble();
        for (int place : places) {
            if (share < MASKED) {
                ids[place] = mask;
            } else if (share < REPLACED) {
                ids[place] = random.nextInt(vocabulary);
            }
        }
    }
}
