package org.nautile.bench.works;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command crossover, and where lines cross. */
@Timeout(120)
class CrossoverTest {
    private static final double[] SIZES = {1, 10, 100, 1000};

    @TempDir
    private Path folder = Path.of("");

    private static Crossing.Line line(String device, DoubleUnaryOperator seconds) {
        return new Crossing.Line(
                device, SIZES, Arrays.stream(SIZES).map(seconds).toArray());
    }

    private static final Crossing.Line STEEP = line("steep", n -> n);
    private static final Crossing.Line FLAT = line("flat", n -> 31.6227766);

    @Test
    void straightLinesCrossWhereTheyMeet() {
        List<Crossing> found = Crossing.of(STEEP, FLAT);
        assertEquals(1, found.size());
        assertEquals(31.6227766, found.get(0).size(), 1e-6);
        assertEquals(31.6227766, found.get(0).seconds(), 1e-6);
        assertEquals("flat", found.get(0).winner());
        assertEquals("steep", found.get(0).loser());
        assertEquals(found, Crossing.of(FLAT, STEEP), "whichever comes first");
    }

    @Test
    void sentencesSayWhoOvertakesWhom() {
        Crossing.Line copied = line("flat", n -> 316.227766);
        assertEquals(
                "flat overtakes steep at 32 without copies, at 316 with them",
                Crossing.sentence(STEEP, FLAT, STEEP, copied));
        Crossing.Line high = line("flat", n -> 2 * n);
        assertEquals(
                "steep is faster than flat, at most 2 times without copies, at most 2 times with them",
                Crossing.sentence(STEEP, high, STEEP, high));
        assertEquals(
                "without copies flat overtakes steep at 32; with them steep is faster than flat, at most 2 times",
                Crossing.sentence(STEEP, FLAT, STEEP, high));
    }

    /** What is within the noise is no crossing, and lines that cross again and again are one. */
    @Test
    void noiseIsNoCrossing() {
        Crossing.Line near = line("near", n -> n * (n == 100 ? 0.9 : 1.1));
        assertEquals(List.of(), Crossing.of(STEEP, near));
        String same = "steep and near are about equally fast";
        assertEquals(same, Crossing.sentence(STEEP, near, STEEP, near));
        Crossing.Line wild = line("near", n -> n * (n == 1 || n == 100 ? 2 : 0.5));
        assertEquals(List.of(), Crossing.of(STEEP, wild));
        assertEquals(same, Crossing.sentence(STEEP, wild, STEEP, wild));
    }

    /** A device that was too slow for large sizes has a shorter line. */
    @Test
    void theSizesOfBothCount() {
        Crossing.Line brief = new Crossing.Line("brief", new double[] {1, 10}, new double[] {3, 3});
        List<Crossing> found = Crossing.of(brief, STEEP);
        assertEquals(3, found.get(0).size(), 1e-9);
        assertEquals(1, found.size());
    }

    static Stream<Sweep> sweeps() {
        return Sweep.all().stream();
    }

    /** The smallest sizes are right on a device, and what is copied is what the op's tensors hold. */
    @ParameterizedTest
    @MethodSource("sweeps")
    void everyOpCanBeMeasured(Sweep sweep) {
        assertTrue(sweep.sizes().length > 4, sweep.op());
        try (LocalLane lane = new LocalLane("auto", "reference", false)) {
            for (int size : IntStream.of(sweep.sizes()).limit(2).toArray()) {
                Measurement measured = lane.measure(sweep.work().apply(size), 1, Timing.of(1e-4));
                assertNull(measured.problem(), sweep.op());
                assertTrue(sweep.copied().apply(size).length >= 2, "an input and the result");
            }
        }
    }

    @Test
    void theHelpNamesEveryOp() {
        String help = Outcome.of("crossover --help").out();
        Sweep.all().forEach(sweep -> assertTrue(help.contains(sweep.op()), sweep.op()));
    }

    @Test
    void pointsAreInTheTableTheJsonAndThePage() throws Exception {
        Path json = folder.resolve("x.json");
        Outcome outcome = Outcome.of("crossover matmul --devices reference,cpu --sizes 4,48 --budget 0.001 --out "
                + folder + " --json " + json);
        assertEquals(0, outcome.code(), outcome::toString);
        JsonNode found = new ObjectMapper().readTree(json.toFile());
        assertEquals(4, found.path("points").size());
        for (JsonNode point : found.path("points")) {
            double launch = point.path("launch_us").asDouble();
            assertTrue(launch > 0 && point.path("copy_us").asDouble() > 0, point::toString);
            assertEquals(
                    point.path("us").asDouble(),
                    launch + point.path("compute_us").asDouble(),
                    point.path("size").asInt() == 4 ? 0 : launch,
                    "parts are the whole, unless a size takes less than the smallest");
        }
        String sentence = found.path("crossings").get(0).asText();
        assertTrue(sentence.contains("cpu") && sentence.contains("reference"), sentence);
        assertTrue(outcome.out().contains(sentence), outcome::out);
        String page = Files.readString(folder.resolve("index.html"));
        assertTrue(page.contains(sentence) && page.contains("Size 48"), "the page has sentence and bars");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "crossover",
                "crossover matmull",
                "crossover add --sizes 0",
                "crossover add --sizes 8,8",
                "crossover add --devices gpu",
                "crossover add --threads 0",
                "crossover add --budget 0"
            })
    void wrongUsageIsOneLine(String line) {
        assertTrue(Outcome.of(line).error(2).contains("--help"));
    }
}
