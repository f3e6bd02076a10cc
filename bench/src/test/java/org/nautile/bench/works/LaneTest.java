package org.nautile.bench.works;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nautile.Device;
import org.nautile.DeviceException;
import org.nautile.models.cli.CommandException;

/** What is measured, and that a wrong answer never is. */
@Timeout(120)
class LaneTest {
    private static final Timing QUICK = Timing.of(1e-4);

    /** What each size is at the most; eight channels are what groups of group_norm divide. */
    private static final Map<String, Integer> LARGEST = Map.ofEntries(
            entry("e", 1000),
            entry("r", 16),
            entry("c", 16),
            entry("m", 33),
            entry("k", 9),
            entry("n", 5),
            entry("ci", 5),
            entry("co", 6),
            entry("h", 6),
            entry("w", 7),
            entry("b", 3),
            entry("t", 3),
            entry("i", 12),
            entry("o", 3),
            entry("s", 10),
            entry("d", 8),
            entry("v", 20),
            entry("batch", 4));

    /** The built-in works, small. */
    static Stream<Work> works() {
        return WorkList.builtIn().works().stream().map(LaneTest::small);
    }

    private static Work small(Work work) {
        Map<String, String> sizes = new LinkedHashMap<>(work.parameters());
        LARGEST.forEach((name, most) ->
                sizes.computeIfPresent(name, (same, size) -> String.valueOf(Math.min(Integer.parseInt(size), most))));
        return new Work(work.suite(), work.name(), work.kind(), sizes, work.flops(), work.bytes(), work.samples());
    }

    /** Every device that can be used here. */
    private static List<String> devices() {
        List<String> usable = new ArrayList<>();
        for (String name : Device.names()) {
            try {
                Device.of(name);
                usable.add(name);
            } catch (DeviceException e) {
                assertFalse(String.valueOf(e.getMessage()).isBlank());
            }
        }
        return usable;
    }

    @ParameterizedTest
    @MethodSource("works")
    void everyKindIsRightOnEveryDevice(Work work) {
        for (String device : devices()) {
            try (LocalLane lane = new LocalLane(device, "reference", false)) {
                for (int threads : new int[] {1, 2}) {
                    Measurement measurement = lane.measure(work, threads, QUICK);
                    assertNull(measurement.problem(), () -> device + ": " + measurement);
                    assertTrue(measurement.minMs() > 0 && measurement.medianMs() >= measurement.minMs());
                    assertTrue(measurement.reps() >= 5, measurement::toString);
                    assertTrue(measurement.speed() > 0, measurement::toString);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("works")
    void everyKindCanBeTimedAsAPlan(Work work) {
        try (LocalLane lane = new LocalLane(devices().get(0), "reference", true)) {
            Measurement measurement = lane.measure(work, 2, QUICK);
            assertTrue(lane.peer().endsWith("-recorded"), lane::peer);
            if (work.kind().equals("random_bits")) {
                assertTrue(String.valueOf(measurement.problem()).contains("random"), measurement::toString);
            } else {
                assertNull(measurement.problem(), measurement::toString);
                assertTrue(measurement.speed() > 0, measurement::toString);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("works")
    void wrongAnswerIsNotTimed(Work work) {
        try (LocalLane lane = new LocalLane(IdleProvider.NAME, "reference", false)) {
            Measurement measurement = lane.measure(work, 1, QUICK);
            assertNotNull(measurement.problem(), measurement::toString);
            assertEquals(work.kind().equals("softmax"), measurement.absent(), measurement::toString);
            assertEquals(0, measurement.reps());
        }
    }

    @Test
    void resultsAreComparedWithThoseOfTheJudge() {
        Work work = Work.parse("mem\tw\trelu\te=100,dir=fwd\t0\t800\t0");
        try (LocalLane lane = new LocalLane("reference", IdleProvider.NAME, false)) {
            assertNotNull(lane.measure(work, 1, QUICK).problem());
        }
        try (LocalLane lane = new LocalLane(devices().get(0), "reference", false)) {
            assertNull(lane.measure(work, 1, QUICK).problem());
        }
    }

    /** Too large for the other devices; the reference has fewer and smaller examples. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "model1_mlp_cifar",
                "model2_lenet_cifar",
                "model3_cnn_cifar",
                "unet_128",
                "gru_sentiment",
                "transformer_2l"
            })
    void wholeModelsAreRight(String kind) {
        Work work = Work.parse("train\t" + kind + "\t" + kind + "\tbatch=1\t1\t0\t1");
        try (LocalLane lane = new LocalLane(devices().get(0), "reference", false)) {
            Measurement measurement = lane.measure(work, 1, QUICK);
            assertNull(measurement.problem(), measurement::toString);
        }
    }

    /** Products that the reference would take too long for are checked by some elements. */
    @Test
    void largeProductIsCheckedToo() {
        Work large = Work.parse("gemm\tlarge\tgemm\tm=640,k=650,n=660,ta=1,tb=0\t549120000\t0\t0");
        try (LocalLane lane = new LocalLane(IdleProvider.NAME, "reference", false)) {
            String problem = String.valueOf(lane.measure(large, 1, QUICK).problem());
            assertTrue(problem.startsWith("large: relative error"), problem);
        }
        String fastest = devices().get(0);
        try (LocalLane lane = new LocalLane(fastest, "reference", false)) {
            assertNull(lane.measure(large, 1, QUICK).problem());
        }
    }

    @Test
    void badParametersAreAFailureOfTheWorkAlone() {
        try (LocalLane lane = new LocalLane("reference", "reference", false)) {
            String none = Work.parse("mem\tw\trelu\tdir=fwd\t0\t8\t0").line();
            assertEquals(
                    "relu needs the parameter e",
                    lane.measure(Work.parse(none), 1, QUICK).problem());
            String direction = "mem\tw\trelu\te=8,dir=up\t0\t8\t0";
            assertEquals(
                    "dir=up is not fwd, bwd, bwdd, bwdw or fwdbwd",
                    lane.measure(Work.parse(direction), 1, QUICK).problem());
            assertNull(lane.measure(works().iterator().next(), 1, QUICK).problem(), "the lane still works");
        }
    }

    @Test
    void comparisonNoticesOneElementAndNothingness() {
        org.nautile.Tensor right =
                org.nautile.Tensor.of(Device.of("reference"), new float[] {1, 2, 3}, org.nautile.Shape.of(3));
        Comparison.requireClose("x", right, right);
        for (float wrong : new float[] {3.01F, Float.NaN, Float.POSITIVE_INFINITY}) {
            org.nautile.Tensor other =
                    org.nautile.Tensor.of(Device.of("reference"), new float[] {1, 2, wrong}, org.nautile.Shape.of(3));
            assertThrows(Comparison.Mismatch.class, () -> Comparison.requireClose("x", right, other));
        }
        org.nautile.Tensor zeros = org.nautile.Tensor.of(Device.of("reference"), new float[3], org.nautile.Shape.of(3));
        assertThrows(Comparison.Mismatch.class, () -> Comparison.requireClose("x", zeros, zeros));
    }

    @Test
    void samplesFollowTheProtocol() {
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger finished = new AtomicInteger();
        Timing.Sample sample = new Timing(0.05, 0.02, 5)
                .measure(
                        () -> {
                            calls.incrementAndGet();
                            long start = System.nanoTime();
                            while (System.nanoTime() - start < 2_000_000) {
                                Thread.onSpinWait();
                            }
                        },
                        finished::incrementAndGet);
        assertTrue(sample.minSeconds() >= 2e-3 && sample.medianSeconds() >= sample.minSeconds(), sample::toString);
        assertTrue(sample.calls() >= 5 && sample.calls() <= 50, sample::toString);
        assertTrue(calls.get() >= sample.calls() + 3, "there was a warm-up");
        assertTrue(finished.get() >= sample.calls(), "the end of each sample waits for the device");

        Timing.Sample tiny = new Timing(0.01, 0, 5).measure(() -> {}, () -> {});
        assertTrue(tiny.calls() > 500, () -> "a sample of 1 ms holds many short calls, not one: " + tiny);
    }

    @Test
    void lineOfJsonHasTheFieldsOfOtherLibraries() throws Exception {
        Work work = Work.parse("train\tstep\tmlp_mnist\tbatch=64\t2000000\t0\t64");
        Measurement measurement = Measurement.of("nautile-cpu", work, 2, new Timing.Sample(0.001, 0.0009, 70));
        JsonNode json = new ObjectMapper().readTree(measurement.json());
        List<String> names = new ArrayList<>();
        json.fieldNames().forEachRemaining(names::add);
        assertEquals(
                List.of(
                        "peer",
                        "suite",
                        "work",
                        "threads",
                        "median_ms",
                        "min_ms",
                        "reps",
                        "gflops",
                        "gbps",
                        "samples_s"),
                names);
        assertEquals("nautile-cpu", json.get("peer").asText());
        assertEquals(1.0, json.get("median_ms").asDouble());
        assertEquals(0.9, json.get("min_ms").asDouble());
        assertEquals(2.0, json.get("gflops").asDouble());
        assertEquals(64_000, json.get("samples_s").asDouble());
        assertEquals(measurement, Measurement.parse("nautile-cpu", work, 2, measurement.json()));
        Measurement failed = Measurement.failed("nautile-cpu", work, 1, "\"so\"", true);
        assertEquals(failed, Measurement.parse("nautile-cpu", work, 1, failed.json()));
    }

    @Test
    void forkedDeviceAnswersLikeALocalOne() {
        try (ForkedLane lane = ForkedLane.device("reference", "reference", false)) {
            Measurement measurement =
                    lane.measure(small(WorkList.builtIn().works().get(0)), 1, QUICK);
            assertNull(measurement.problem());
            assertTrue(measurement.medianMs() > 0);
            String problem = lane.measure(Work.parse("mem\tw\trelu\tdir=fwd\t0\t8\t0"), 1, QUICK)
                    .problem();
            assertEquals("relu needs the parameter e", problem);
        }
        CommandException none =
                assertThrows(CommandException.class, () -> ForkedLane.device("xyzzy", "reference", false));
        assertTrue(String.valueOf(none.getMessage()).startsWith("no device 'xyzzy'"), none::toString);
    }
}
