package org.nautile.bench.works;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.MatmulPrecision;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.backend.Ladder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The rungs compute what the reference does, and the command ladder shows them. */
@Timeout(180)
class LadderTest {
    private static final Timing QUICK = new Timing(1e-3, 0, 1);

    @TempDir
    private Path folder = Path.of("");

    private static Device device(String name) {
        try {
            return Device.of(name);
        } catch (DeviceException e) {
            Assumptions.abort("SKIPPED: no device " + name + ": " + e.getMessage());
            throw e;
        }
    }

    private static Ladder ladder(Device device) {
        return Objects.requireNonNull(device.backend().ladder());
    }

    /** Every rung of every op, for each device that runs them. */
    static Stream<List<String>> rungs() {
        return Stream.of("cpu", "cuda-emulated", "cuda")
                .flatMap(device -> LadderProblem.OPS.stream()
                        .flatMap(op -> Rung.of(device.substring(0, device.startsWith("cu") ? 4 : 3), op).stream()
                                .map(rung -> List.of(device, op, rung.function()))));
    }

    @ParameterizedTest
    @MethodSource("rungs")
    void rungsEqualTheReference(List<String> names) {
        Device device = device(names.get(0));
        String function = names.get(2);
        int before = Threads.count();
        MatmulPrecision precision = MatmulPrecision.current();
        try (Scope scope = new Scope()) {
            MatmulPrecision.set(function.contains("tensor") ? MatmulPrecision.HIGH : MatmulPrecision.HIGHEST);
            Threads.set(3);
            Inputs inputs = new Inputs(device);
            Inputs same = new Inputs(Device.of("reference"));
            // edges in every direction; and, where that is another path, rows that begin at multiples of 16 bytes
            check(
                    ladder(device),
                    function,
                    LadderProblem.odd(names.get(1), inputs),
                    LadderProblem.odd(names.get(1), same));
            if (names.get(1).equals("matmul")) {
                check(
                        ladder(device),
                        function,
                        LadderProblem.matmul(inputs, 132, 136, 36),
                        LadderProblem.matmul(same, 132, 136, 36));
                check(
                        ladder(device),
                        function,
                        LadderProblem.matmul(inputs, 1, 1, 300),
                        LadderProblem.matmul(same, 1, 1, 300));
            }
        } finally {
            Threads.set(before);
            MatmulPrecision.set(precision);
        }
    }

    private static void check(Ladder ladder, String function, LadderProblem problem, LadderProblem reference) {
        Tensor y = Tensor.full(problem.inputs().get(0).device(), DType.FLOAT32, problem.shape(), Double.NaN);
        ladder.run(function, problem.inputs(), y, problem.sizes());
        Comparison.requireClose(function, reference.library().apply(reference.arguments()), y);
    }

    /** A ladder one of whose rungs makes one number wrong, on large problems only if it is cunning. */
    private record Faulty(Ladder right, String rung, boolean cunning) implements Ladder {
        @Override
        public String folder() {
            return right.folder();
        }

        @Override
        public void run(String function, List<Tensor> inputs, Tensor y, long... sizes) {
            right.run(function, inputs, y, sizes);
            if (function.equals(rung) && (!cunning || sizes[0] == sizes[1])) {
                float[] values = y.toFloatArray();
                values[values.length / 2] += 1;
                y.copyFrom(Tensor.of(y.device(), values, y.shape()));
            }
        }
    }

    /** What is wrong is not timed, says so, and the rungs above it are timed all the same. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPlantedFaultIsNotTimed(boolean cunning) {
        Device device = device("cpu");
        Ladder faulty = new Faulty(ladder(device), "matmul_blocked", cunning);
        try (Scope scope = new Scope()) {
            LadderProblem problem = LadderProblem.matmul(new Inputs(device), 64, 64, 64);
            List<String> told = new ArrayList<>();
            List<Climb.Step> steps = new Climb(faulty, device, LadderProblem.Scale.CPU, QUICK)
                    .steps(problem, 64, Rung.of("cpu", "matmul"), step -> told.add(step.title()));
            assertEquals(told, steps.stream().map(Climb.Step::title).toList());
            for (Climb.Step step : steps) {
                boolean wrong = step.title().equals("Blocked");
                assertEquals(wrong, step.failed(), step::toString);
                assertEquals(wrong, step.sample() == null, step::toString);
                assertEquals(wrong, step.problem().contains("not timed"), step::toString);
                assertEquals(wrong, Double.isNaN(step.gflops(problem)));
            }
        }
    }

    /** A rung that takes too long is left out without a figure. */
    @Test
    void whatTakesMinutesIsNotRun() {
        Device device = device("cpu");
        Ladder right = ladder(device);
        List<Long> sizes = new ArrayList<>();
        Ladder slow = new Ladder() {
            @Override
            public String folder() {
                return "cpu";
            }

            @Override
            public void run(String function, List<Tensor> inputs, Tensor y, long... s) {
                sizes.add(s[0]);
                right.run("matmul_packed", inputs, y, s);
                if (function.equals("matmul_naive") && s[0] == 128) {
                    try {
                        Thread.sleep(200);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
            }
        };
        try (Scope scope = new Scope()) {
            LadderProblem problem = LadderProblem.of("matmul", new Inputs(device), 512, LadderProblem.Scale.CPU);
            List<Rung> naive = Rung.of("cpu", "matmul").subList(0, 1);
            Climb.Step step = new Climb(slow, device, LadderProblem.Scale.CPU, QUICK)
                    .steps(problem, 512, naive, done -> {})
                    .get(0);
            assertNull(step.sample());
            assertFalse(step.failed());
            assertEquals("not run: a call would take more than 10 s", step.problem());
            assertFalse(sizes.contains(512L), sizes::toString);
        }
    }

    @Test
    void wrongCallsAreRefused() {
        Device device = device("cpu");
        try (Scope scope = new Scope()) {
            Tensor x = new Inputs(device).uniform(4, 6);
            Tensor y = Tensor.full(device, DType.FLOAT32, Shape.of(4, 4), 0);
            DeviceException refused = assertThrows(
                    DeviceException.class, () -> ladder(device).run("matmul_magic", List.of(x, x), y, 4, 4, 6));
            String error = String.valueOf(refused.getMessage());
            assertTrue(error.contains("no rung matmul_magic"), error);
            assertThrows(
                    org.nautile.ShapeException.class,
                    () -> ladder(device)
                            .run("matmul_naive", List.of(x.view(Shape.of(6, 4), 0, new long[] {1, 6}), x), y, 6, 6, 4));
        }
    }

    /** A file can be read alone: it says first what it teaches, and is not long. */
    @Test
    void everyRungTeachesSomething() {
        for (String device : List.of("cpu", "cuda")) {
            for (String op : LadderProblem.OPS) {
                for (Rung rung : Rung.of(device, op)) {
                    assertTrue(rung.title().length() <= 24, rung::title);
                    assertTrue(rung.idea().length() > 80, rung::idea);
                    assertTrue(rung.source().lines().count() <= 140, rung::file);
                    assertTrue(rung.source().contains("void " + rung.function() + "("), rung::file);
                    assertTrue(Files.isRegularFile(Path.of("..", rung.file())), rung::file);
                }
            }
        }
    }

    @Test
    void thePageTheChartAndTheJson() throws Exception {
        device("cpu");
        Path out = folder.resolve("page");
        Path json = folder.resolve("ladder.json");
        Outcome outcome = Outcome.of(
                "ladder matmul --device cpu --threads 1 --size 96 --budget 0.001 --out " + out + " --json " + json);
        assertEquals(0, outcome.code(), outcome::toString);
        JsonNode result = new ObjectMapper().readTree(json.toFile());
        assertEquals(2.0 * 96 * 96 * 96, result.get("flops").asDouble());
        assertEquals(4.0 * 3 * 96 * 96, result.get("bytes").asDouble());
        JsonNode rungs = result.get("rungs");
        List<Rung> all = Rung.of("cpu", "matmul");
        assertEquals(all.size(), rungs.size(), "all but threads, and the library's: " + rungs);
        double before = Double.NaN;
        for (JsonNode rung : rungs) {
            double gflops = rung.get("gflops").asDouble();
            assertEquals(
                    result.get("flops").asDouble() / rung.get("median_ms").asDouble() / 1e6, gflops, 1e-6 * gflops);
            assertEquals(
                    result.get("roof_gflops").asDouble()
                            * rung.get("share_of_roof").asDouble(),
                    gflops,
                    1e-6 * gflops);
            if (!Double.isNaN(before)) {
                assertEquals(gflops / before, rung.get("times_before").asDouble(), 1e-6 * gflops / before);
            }
            before = gflops;
            assertTrue(outcome.out().contains(rung.get("title").asText()), outcome::out);
        }
        String page = Files.readString(out.resolve("index.html"));
        assertTrue(page.contains("void matmul_naive(const Product&amp; p"), "the sources are in the page");
        assertNotNull(javax.imageio.ImageIO.read(out.resolve("ladder.png").toFile()));
    }

    @Test
    void sourcesNeedNoGpu() {
        Outcome outcome = Outcome.of("ladder attention --device cuda --source");
        assertEquals(0, outcome.code(), outcome::toString);
        assertTrue(outcome.out().contains("// ---- bench/ladder/cuda/attention_fused.cu"), outcome::out);
        assertTrue(outcome.out().contains("__global__"), outcome::out);
    }

    @ParameterizedTest
    @CsvSource({
        "ladder matmull, there is no ladder of 'matmull'",
        "ladder matmul --size 0, --size 0 is not between 1 and",
        "ladder matmul --size 99999999, --size 99999999 is not between",
        "ladder matmul --threads 0, --threads 0 is less than 1",
        "ladder matmul --budget NaN, --budget NaN is not",
        "ladder matmul --device refernce, did you mean reference"
    })
    void wrongUsageIsOneLineAndCodeTwo(String line, String problem) {
        String error = Outcome.of(line).error(2);
        assertTrue(error.contains(problem), error);
    }

    @Test
    void failuresAreOneLineAndCodeOne() throws Exception {
        assertTrue(Outcome.of("ladder matmul --device reference").error(1).contains("has no ladder"));
        device("cpu");
        Path file = Files.writeString(folder.resolve("file"), "");
        Outcome.of("ladder matmul --device cpu --out " + file).error(1);
    }

    @Test
    void everyOptionIsExplainedWithItsDefault() {
        CommandSpec spec = CommandSpec.forAnnotatedObject(new LadderCommand());
        for (OptionSpec option : spec.options()) {
            assertTrue(String.join(" ", option.description()).contains("Default"), option::longestName);
        }
        assertEquals(0, Outcome.of("ladder --help").code());
    }
}
