package org.nautile.bench.works;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.models.cli.CommandException;
import org.nautile.models.comparison.Quantiles;

/** Contests between lanes whose times are known, and what RESULTS.md says about them. */
class ResultsTest {
    private static final Work WORK = Work.parse("gemm\tproduct\tgemm\tm=8,k=8,n=8,ta=0,tb=0\t2000000\t0\t0");

    /** A lane that takes as long as it is told, the last time again and again; without times it has no such op. */
    private static final class Script implements Lane {
        private final String peer;
        private final Deque<Double> ms = new ArrayDeque<>();
        private int calls;

        Script(String peer, double... ms) {
            this.peer = peer;
            DoubleStream.of(ms).forEach(this.ms::add);
        }

        @Override
        public String peer() {
            return peer;
        }

        @Override
        public Measurement measure(Work work, int threads, Timing timing) {
            calls++;
            if (ms.isEmpty()) {
                return Measurement.failed(peer, work, threads, "no such op", true);
            }
            double time = ms.size() > 1 ? ms.remove() : ms.element();
            return Measurement.of(peer, work, threads, new Timing.Sample(time / 1e3, time / 1e3, 1));
        }

        @Override
        public void close() {}
    }

    private static Contest.Result contest(int rounds, Lane... lanes) {
        return new Contest(List.of(lanes), rounds, null).measure(WORK, 1, lane -> {});
    }

    @Test
    void twoFastestMeetTheFirstAgain() {
        Script slow = new Script("slow", 9);
        Contest.Result result = contest(
                3,
                new Script("nautile-cpu", 50, 1, 2, 4),
                slow,
                new Script("absent"),
                new Script("second", 4),
                new Script("best", 3.5, 2, 2, 2));
        assertEquals(1, slow.calls, "one look");
        assertEquals(
                List.of("best", "second"),
                result.rivals().stream().map(Contest.Rival::peer).toList());
        assertArrayEquals(new double[] {1, 2, 4}, result.rivals().get(0).own());
        assertArrayEquals(
                new double[] {0.5, 1, 2}, result.rivals().get(0).ratio().sorted(), "of the same round");
        assertEquals(2, result.own().medianMs(), "the look does not count");
        assertEquals(3, result.counted());
        assertEquals(9, result.measurements().get(1).medianMs());
        assertTrue(result.measurements().get(2).absent());
    }

    @Test
    void withoutTheFirstOrOthersNobodyMeets() {
        assertTrue(contest(3, new Script("nautile-cpu"), new Script("other", 1))
                .rivals()
                .isEmpty());
        assertTrue(contest(3, new Script("nautile-cpu", 1), new Script("other"))
                .rivals()
                .isEmpty());
    }

    @Test
    void spreadIsTheQuartiles() {
        assertEquals(
                "2.5 (1.8 to 3.3)", Quantiles.of(DoubleStream.of(4, 1, 3, 2)).text(1), "between two numbers");
        assertEquals("2.00", Quantiles.of(DoubleStream.of(2)).text(2), "a single number has none");
    }

    private static String table(Path folder, @Nullable String remarks) throws Exception {
        Path said = folder.resolve("remarks.tsv");
        Files.writeString(said, remarks == null ? "" : remarks);
        Path file = folder.resolve("RESULTS.md");
        Results results = new Results(file, Remarks.of(said), 3, List.of("other: a library"));
        Work second = Work.parse(WORK.line().replace("product", "second"));
        results.add(WORK, 1, contest(3, new Script("nautile-cpu", 1), new Script("other", 2)));
        results.add(WORK, 2, contest(3, new Script("nautile-cpu", 0.5), new Script("other", 2)));
        results.add(second, 1, contest(3, new Script("nautile-cpu", 2), new Script("other", 1)));
        results.add(second, 2, contest(3, new Script("nautile-cpu", 1), new Script("other")));
        return Files.readString(file);
    }

    @Test
    void tableSaysWhereItsFiguresComeFrom(@TempDir Path folder) throws Exception {
        String text = table(folder, null);
        for (String part : List.of(
                "- machine: ",
                "- date: ",
                ", commit ",
                "- JDK " + System.getProperty("java.version"),
                "- 3 rounds; ",
                "- other: a library",
                "| geometric means | 1 thread | least | works | 2 threads | least | works |",
                "| gemm | 1.00 | 0.50 | 2 | 4.00 | 4.00 | 1 |",
                "| product | 1 | 1.000 | 2.000 |  | other | 2.000 | 2.00 (2.00 to 2.00) | 3 of 3 |",
                "| product | 2 | 0.500 | 4.000 | 2.00 | other | 2.000 | 4.00 (4.00 to 4.00) | 3 of 3 |",
                "| second | 2 | 1.000 | 2.000 | 2.00 | none | | | |")) {
            assertTrue(text.contains(part), part + " in " + text);
        }
        assertTrue(text.contains("- second, 1 thread: slower than 0.8, and nobody has said why\n"), text);
        assertFalse(text.contains("- product, 1 thread"), text);
    }

    @Test
    void remarksStandBelowTheirSuite(@TempDir Path folder) throws Exception {
        String text = table(folder, "# why\nsec.*\t1\tits rows are short\nproduct\t*\tgood\n");
        assertTrue(
                text.endsWith(
                        "\n- product, 1 thread: good\n- product, 2 threads: good\n- second, 1 thread: its rows are short\n"),
                text);
        assertThrows(CommandException.class, () -> table(folder, "no columns"));
        assertThrows(CommandException.class, () -> table(folder, "(\t1\tx"));
        assertThrows(CommandException.class, () -> Remarks.of(folder.resolve("none.tsv")));
    }
}
