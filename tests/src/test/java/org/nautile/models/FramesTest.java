package org.nautile.models;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The moments that are shown lie close together at the beginning. */
class FramesTest {
    private static List<Integer> some(int from, int to, int most) {
        return Frames.some(IntStream.rangeClosed(from, to).boxed().toList(), most);
    }

    @Test
    void firstAndLastAndPowersBetween() {
        assertEquals(List.of(0, 1, 2, 4, 8, 16, 32, 40), some(0, 40, 8));
        assertEquals(List.of(0, 1, 4, 30), some(0, 30, 4));
        assertEquals(List.of(0, 1, 2, 4), some(0, 4, 8));
        assertEquals(List.of(3, 4, 5), some(3, 5, 8), "after a training was resumed");
        assertEquals(List.of(0), some(0, 0, 8));
    }

    @Test
    void evenlyFromTheFirstToTheLast() {
        List<String> all = List.of("a", "b", "c", "d", "e", "f", "g");
        assertEquals(List.of("a", "d", "g"), Frames.spread(all, 3));
        assertEquals(List.of("a", "c", "e", "g"), Frames.spread(all, 4));
        assertEquals(all, Frames.spread(all, 8));
        assertEquals(List.of("a"), Frames.spread(all, 1));
        assertEquals(List.of(), Frames.spread(List.of(), 3));
    }
}
