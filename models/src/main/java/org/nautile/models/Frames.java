package org.nautile.models;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Which of many are shown: of the moments of a training many at the beginning, when most is learnt. */
final class Frames {
    private Frames() {}

    /**
     * Some epochs: the first, the last, and between them 1, 2, 4, ... or as many of them as there is room for.
     *
     * @param epochs rising
     * @param most how many, {@code >= 2}
     */
    static List<Integer> some(List<Integer> epochs, int most) {
        int last = epochs.get(epochs.size() - 1);
        List<Integer> powers = new ArrayList<>();
        for (int epoch : epochs) {
            if (Integer.bitCount(epoch) == 1 && epoch < last) {
                powers.add(epoch);
            }
        }
        List<Integer> shown = new ArrayList<>();
        int between = Math.min(powers.size(), most - 2);
        for (int i = 0; i < between; i++) {
            shown.add(powers.get(i * powers.size() / between));
        }
        if (!shown.contains(epochs.get(0))) {
            shown.add(0, epochs.get(0));
        }
        if (!shown.contains(last)) {
            shown.add(last);
        }
        return shown;
    }

    /**
     * Some, the first and the last among them, as evenly as can be.
     *
     * @param all in their order
     * @param most how many, {@code >= 1}
     */
    static <T> List<T> spread(List<T> all, int most) {
        int count = Math.min(most, all.size());
        return IntStream.range(0, count)
                .mapToObj(i -> all.get(count == 1 ? 0 : i * (all.size() - 1) / (count - 1)))
                .toList();
    }

    /** What a moment is called. */
    static String title(int epoch) {
        return epoch == 0 ? "before training" : "epoch " + epoch;
    }
}
