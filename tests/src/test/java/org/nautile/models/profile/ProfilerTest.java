package org.nautile.models.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Generator;
import org.nautile.Losses;
import org.nautile.Phase;
import org.nautile.Plan;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.LinearKernel;
import org.nautile.data.Mnist;
import org.nautile.nn.Activation;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Sequential;
import org.nautile.op.EmbeddingOp;
import org.nautile.op.ReshapeOp;
import org.nautile.optim.Sgd;
import org.nautile.optim.Trainer;

/** What a profile says of steps whose kernels are known, and the trace that is made of it. */
@ExtendWith(RestoresDefaults.class)
class ProfilerTest {
    private static final int BATCH = 20;
    private static final int EXAMPLES = 50; // the last batch of an epoch is smaller
    private static final int STEPS = 5; // more than an epoch: a measurement and a new epoch come between

    private static final Map<String, Long> KERNELS = new TreeMap<>(Map.of(
            "linear forward", 2L,
            "activation relu forward", 1L,
            "cross_entropy forward", 1L,
            "cross_entropy backward", 1L,
            "linear backward", 2L,
            "activation relu backward", 1L,
            "fill forward", 1L, // the gradient by the loss is 1
            "sgd step", 1L));

    /** Losses of a training of a small perceptron; observed, if there is a profiler. */
    private static List<Double> train(Device device, @Nullable Profiler profiler) {
        Device.setDefault(device);
        Generator random = new Generator(1, 0);
        try (Sequential model = new Sequential(
                new Flatten(), new Linear(784, 7, random), Activation.relu(), new Linear(7, 10, random))) {
            Trainer.Builder builder = Trainer.of(model)
                    .optimizer(new Sgd(model, 0.1))
                    .train(Mnist.generate(1, EXAMPLES))
                    .test(Mnist.generate(2, EXAMPLES))
                    .batchSize(BATCH)
                    .epochs(6)
                    .device(device);
            if (profiler != null) {
                builder.listener(profiler).opByOpWhile(profiler::observing);
            }
            return Losses.of(builder);
        }
    }

    private static Profile profile(Device device) {
        try (Profiler profiler = new Profiler(device, STEPS)) {
            train(device, profiler);
            return Objects.requireNonNull(profiler.profile());
        }
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void everyStepHasItsKernels(Device device) {
        Profile profile = profile(device);
        assertEquals(STEPS, profile.steps().size());
        assertTrue(profile.warmUp() >= 5, () -> "warm-up " + profile.warmUp());
        for (PhaseTime step : profile.steps()) {
            Map<String, Long> found = profile.inSteps().stream()
                    .filter(run -> run.start() >= step.start() && run.end() <= step.end())
                    .collect(Collectors.groupingBy(
                            run -> run.op() + " " + run.direction(), TreeMap::new, Collectors.counting()));
            assertEquals(KERNELS, found, step::toString);
        }
        assertTrue(
                profile.kernels().size() > profile.inSteps().size(),
                "the measurement after an epoch ran kernels, too, which belong to no step");
        assertEquals(KERNELS.size(), profile.ops().size());
        double seconds = profile.ops().stream().mapToDouble(OpTime::seconds).sum() + profile.overheadSeconds();
        assertTrue(seconds <= profile.seconds(), () -> seconds + " of " + profile.seconds());
    }

    /** Of a whole batch: x [20,784], weight [7,784], bias [7], y [20,7], all float32. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void operationsAndBytesAreCounted(Device device) {
        boolean counts = !device.name().equals("reference");
        KernelRun run = profile(device).inSteps().stream()
                .filter(one -> one.op().equals("linear") && one.shapes().startsWith("[20,784]"))
                .findFirst()
                .orElseThrow();
        assertEquals("forward", run.direction());
        assertEquals("[20,784] [7,784] [7] [20,7]", run.shapes());
        assertEquals(counts ? 2.0 * 20 * 784 * 7 : 0, run.flops());
        assertEquals(4 * (20 * 784 + 7 * 784 + 7 + 20 * 7), run.bytes());
        assertEquals(counts, run.memory() > 0, () -> "memory " + run.memory());
    }

    /** Each step: data, the copies in it, forward, backward, optimizer, the loss is read; with what belongs to them. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void stepsHaveTheirPhases(Device device) {
        Profile profile = profile(device);
        List<PhaseTime> lane = profile.lane();
        for (PhaseTime step : profile.steps()) {
            List<PhaseTime> phases = lane.stream().filter(step::contains).toList();
            assertEquals(
                    List.of("data", "copy", "copy", "forward", "backward", "optimizer", "copy"),
                    phases.stream().map(PhaseTime::name).toList());
            for (PhaseTime phase : phases) {
                Set<String> kernels = profile.inSteps().stream()
                        .filter(run -> run.start() >= phase.start() && run.end() <= phase.end())
                        .map(KernelRun::direction)
                        .collect(Collectors.toSet());
                Set<String> expected = switch (phase.name()) {
                    case "forward" -> Set.of("forward");
                    case "backward" -> Set.of("backward");
                    case "optimizer" -> Set.of("step");
                    default -> Set.of();
                };
                assertEquals(expected, kernels, phase::name);
            }
        }
        Map<String, Double> seconds = profile.phaseSeconds();
        assertEquals(
                profile.seconds(),
                seconds.values().stream().mapToDouble(Double::doubleValue).sum(),
                1e-9);
        assertTrue(seconds.values().stream().allMatch(value -> value > 0), seconds::toString);
        assertTrue(profile.phases().stream().anyMatch(phase -> phase.name().equals("gather")));
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void observedStepsGiveTheSameBits(Device device) {
        List<Double> expected = train(device, null);
        try (Profiler profiler = new Profiler(device, STEPS)) {
            assertEquals(expected, train(device, profiler));
        }
    }

    @Test
    void aProfileMayEndWithTheTraining() {
        Device device = Devices.reference();
        try (Profiler profiler = new Profiler(device, 1000)) {
            train(device, profiler);
            assertFalse(profiler.observing());
            Profile profile = Objects.requireNonNull(profiler.profile());
            assertEquals(18 - 5, profile.steps().size());
            assertTrue(Double.isNaN(profile.laterStepSeconds()));
        }
    }

    /** Whoever is not observed pays nothing: no object stands between, and none is made. */
    @Test
    void nothingIsLeftBehind() {
        Device device = Devices.reference();
        try (Profiler profiler = new Profiler(device, 1)) {
            profiler.prepare(10);
            assertTrue(Proxy.isProxyClass(
                    device.backend().kernel(LinearKernel.TYPE).getClass()));
            assertNotNull(Phase.DATA.begin());
        }
        assertFalse(
                Proxy.isProxyClass(device.backend().kernel(LinearKernel.TYPE).getClass()));
        assertNull(Phase.DATA.begin());
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long here = Thread.currentThread().getId();
        phases(1000);
        long before = threads.getThreadAllocatedBytes(here);
        phases(100_000);
        long allocated = threads.getThreadAllocatedBytes(here) - before;
        assertTrue(allocated < 100_000, () -> allocated + " bytes for 100 000 phases that nobody watches");
    }

    private static void phases(int count) {
        for (int i = 0; i < count; i++) {
            try (Phase.Span span = Phase.COPY.begin()) {
                assertNull(span);
            }
        }
    }

    /** A kernel's error is what it is without an observer; and what the profiler recorded meanwhile has ended. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void errorsPass(Device device) {
        Device.setDefault(device);
        try (Profiler profiler = new Profiler(device, 1);
                Scope scope = new Scope()) {
            profiler.prepare(10);
            Tensor table = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
            Tensor index = Tensor.of(device, new long[] {5}, Shape.of(1));
            RuntimeException thrown = assertThrows(
                    RuntimeException.class,
                    () -> new EmbeddingOp(-1).apply(table, index).toArray());
            assertTrue(String.valueOf(thrown.getMessage()).contains("5"), thrown::toString);
            try (Plan plan =
                    Plan.record(device, () -> new ReshapeOp(4).apply(table).copy())) {
                assertEquals(4, plan.run().toFloatArray()[3]);
            }
        }
    }

    // ----------------------------------------------------------------------------------------------- trace

    private static JsonNode trace(Profile profile) throws IOException {
        return new ObjectMapper().readTree(Trace.of(profile, "a title", Map.of("device", "here")));
    }

    private static List<JsonNode> events(JsonNode trace, String phase) {
        return StreamSupport.stream(trace.get("traceEvents").spliterator(), false)
                .filter(event -> event.get("ph").asText().equals(phase))
                .toList();
    }

    /** As the Trace Event Format wants it: sorted, no duration below 0, and in each lane nothing overlaps but what is within. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void theTraceIsSortedAndNested(Device device) throws IOException {
        Profile profile = profile(device);
        JsonNode trace = trace(profile);
        assertEquals("here", trace.get("otherData").get("device").asText());
        Map<Integer, Deque<JsonNode>> open = new HashMap<>();
        double last = 0;
        for (JsonNode event : trace.get("traceEvents")) {
            Set<String> fields = new TreeSet<>();
            event.fieldNames().forEachRemaining(fields::add);
            String kind = event.get("ph").asText();
            assertEquals(
                    switch (kind) {
                        case "M" -> Set.of("ph", "name", "pid", "tid", "args");
                        case "C" -> Set.of("ph", "name", "cat", "pid", "tid", "ts", "args");
                        case "X" -> Set.of("ph", "name", "cat", "pid", "tid", "ts", "dur", "args");
                        default -> Set.of("no such event");
                    },
                    fields);
            assertTrue(event.get("args").isObject());
            if (kind.equals("M")) {
                continue;
            }
            double start = event.get("ts").asDouble();
            assertTrue(start >= last, event::toString);
            last = start;
            if (kind.equals("X")) {
                nested(event, open.computeIfAbsent(event.get("tid").asInt(), lane -> new ArrayDeque<>()));
            }
        }
        int count = events(trace, "X").size();
        long gathered = profile.phases().stream()
                .filter(phase -> phase.thread() != profile.trains())
                .count();
        assertEquals(
                profile.steps().size()
                        + profile.lane().size()
                        + gathered
                        + profile.kernels().size(),
                count);
    }

    private static void nested(JsonNode event, Deque<JsonNode> open) {
        assertTrue(event.get("dur").asDouble() >= 0, event::toString);
        while (!open.isEmpty() && end(open.getLast()) <= nanos(event, "ts")) {
            open.removeLast();
        }
        assertTrue(open.isEmpty() || end(event) <= end(open.getLast()), () -> event + " overlaps " + open.getLast());
        open.addLast(event);
    }

    private static long end(JsonNode event) {
        return nanos(event, "ts") + nanos(event, "dur");
    }

    private static long nanos(JsonNode event, String field) {
        return Math.round(1e3 * event.get(field).asDouble());
    }

    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void theTraceHasLanesKernelsAndMemory(Device device) throws IOException {
        Profile profile = profile(device);
        JsonNode trace = trace(profile);
        Map<Integer, String> lanes = new TreeMap<>();
        for (JsonNode name : events(trace, "M")) {
            if (name.get("name").asText().equals("thread_name")) {
                lanes.put(name.get("tid").asInt(), name.get("args").get("name").asText());
            }
        }
        assertEquals("steps and phases", lanes.get(0));
        assertEquals("thread " + Thread.currentThread().getName(), lanes.get(1));
        assertTrue(lanes.containsValue("thread nautile-data"), lanes::toString);
        JsonNode kernel = events(trace, "X").stream()
                .filter(event -> event.get("name").asText().equals("linear forward"))
                .findFirst()
                .orElseThrow();
        assertEquals("kernel", kernel.get("cat").asText());
        assertEquals(1, kernel.get("tid").asInt());
        assertTrue(kernel.get("args").get("shapes").asText().contains(",784]"), kernel::toString);
        assertTrue(kernel.get("args").get("GB/s").asDouble() > 0, kernel::toString);
        boolean counts = !device.name().equals("reference");
        assertEquals(counts, kernel.get("args").has("GFLOP/s"));
        List<JsonNode> memory = events(trace, "C");
        assertEquals(counts, !memory.isEmpty());
        assertTrue(memory.stream().allMatch(event -> event.get("args").get("MB").asDouble() > 0));
        assertEquals(
                profile.memory() / 1e6,
                counts
                        ? memory.stream()
                                .mapToDouble(
                                        event -> event.get("args").get("MB").asDouble())
                                .max()
                                .orElseThrow()
                        : -1e-6);
    }
}
