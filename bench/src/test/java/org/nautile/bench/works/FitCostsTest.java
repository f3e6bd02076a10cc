package org.nautile.bench.works;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nautile.bench.works.CostFit.Sample;
import org.nautile.bench.works.KernelCost.Term;
import org.nautile.models.cli.Main;

/** That factors are found from times that follow from them, and that what is timed covers what describe knows. */
@Timeout(120)
class FitCostsTest {
    private static final double RATE = 1e11;

    @TempDir
    private Path folder = Path.of("");

    /** Times that are computed from factors give these factors again; also of a kind that is never alone, and if some times are wrong. */
    @Test
    void findsTheFactorsThatTimesWereMadeOf() {
        Random random = new Random(1);
        double[] product = {1.25, 0, 3000};
        double[] gradient = {20};
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            double operations = Math.exp(random.nextDouble(6, 18));
            double rows = Math.exp(random.nextDouble(2, 8));
            List<Term> terms = new ArrayList<>();
            terms.add(new Term("product", operations, rows, 1));
            double work = product[0] * operations + product[2];
            if (i % 2 == 1) {
                terms.add(new Term("gradient", 30 * rows));
                work += gradient[0] * 30 * rows;
            }
            double memory = i % 7 == 0 ? 2 * work / RATE : 0; // then the factors do not matter
            double disturbed = i == 10 || i == 31 ? 3 : 1;
            double seconds = disturbed * (Processor.KERNEL + Math.max(work / RATE, memory));
            samples.add(new Sample("kernel " + i, terms, memory, seconds));
        }
        Map<String, CostFit.Kind> found =
                new CostFit(samples, RATE).kinds().stream().collect(Collectors.toMap(CostFit.Kind::kind, kind -> kind));
        assertEquals(Set.of("product", "gradient"), found.keySet());
        assertArrayEquals(product, Objects.requireNonNull(found.get("product")).factors(), 0.02 * 3000);
        assertEquals(product[0], Objects.requireNonNull(found.get("product")).factors()[0], 0.02);
        assertEquals(gradient[0], Objects.requireNonNull(found.get("gradient")).factors()[0], 0.5);
    }

    @Test
    void linesAreAllCombinations() {
        List<String> names = FitWorks.combinations("linear\tdir=fwd|bwd\tb,i=1,2|3,4").stream()
                .map(Work::name)
                .toList();
        assertEquals(
                List.of(
                        "linear {dir=fwd, b=1, i=2}",
                        "linear {dir=fwd, b=3, i=4}",
                        "linear {dir=bwd, b=1, i=2}",
                        "linear {dir=bwd, b=3, i=4}"),
                names);
        assertThrows(IllegalArgumentException.class, () -> FitWorks.combinations("linear\tb,i=1"));
    }

    @Test
    void noWorkIsThereTwice() {
        Set<String> names = new HashSet<>();
        FitWorks.all().forEach(work -> assertTrue(names.add(work.name()), work::name));
        assertTrue(names.size() > 800, () -> names.size() + " works");
    }

    /** What is written is what {@link Efficiency} reads: a kind, and its factors. */
    @Test
    void writesFactors() throws Exception {
        Path file = folder.resolve("efficiency.tsv");
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] line = {"fit-costs", "--filter", "e=4096", "--budget", "0.0001", "--out", file.toString()};
        int code = Main.run(line, new PrintWriter(out), new PrintWriter(err));
        assertEquals(0, code, err::toString);
        Set<String> kinds = new HashSet<>();
        for (String row : Files.readAllLines(file)) {
            if (!row.startsWith("#")) {
                String[] fields = row.split("\t", -1);
                kinds.add(fields[0]);
                assertTrue(Efficiency.knows(fields[0]), row);
                for (int i = 1; i < fields.length; i++) {
                    assertTrue(Double.parseDouble(fields[i]) >= 0, row);
                }
            }
        }
        assertTrue(
                kinds.containsAll(Set.of("relu", "relu backward", "adam", "exp", "square backward")), kinds::toString);
    }

    @Test
    void wrongUsageIsOneLine() {
        for (String[] line :
                List.of(new String[] {"fit-costs", "--filter", "xyzzy"}, new String[] {"fit-costs", "--budget", "0"})) {
            StringWriter err = new StringWriter();
            assertEquals(2, Main.run(line, new PrintWriter(new StringWriter()), new PrintWriter(err)));
            assertEquals(1, err.toString().lines().count(), err::toString);
        }
    }
}
