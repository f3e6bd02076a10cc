package org.nautile.models.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A profile in the Trace Event Format, which chrome://tracing and Perfetto show: steps and phases in one lane, the kernels of each
 * thread in another, and the memory of the device as a counter. Times are microseconds from the first event.
 */
public final class Trace {
    private static final int PROCESS = 1;
    private static final int PHASES = 0; // the lane of steps and phases; threads come after it

    private final List<Event> events = new ArrayList<>();
    private final Map<Thread, Integer> lanes = new LinkedHashMap<>();
    private final long origin;

    private record Event(
            String phase, String name, String category, int lane, long start, long end, Map<String, Object> args) {}

    private Trace(Profile profile) {
        lanes.put(profile.trains(), 1);
        profile.steps().forEach(step -> add("step", step, PHASES));
        profile.lane().forEach(phase -> add("phase", phase, PHASES));
        profile.phases().stream()
                .filter(phase -> phase.thread() != profile.trains())
                .forEach(phase -> add("phase", phase, lane(phase.thread())));
        long memory = -1;
        for (KernelRun run : profile.kernels()) {
            events.add(new Event(
                    "X",
                    run.op() + " " + run.direction(),
                    "kernel",
                    lane(run.thread()),
                    run.start(),
                    run.end(),
                    args(run)));
            if (run.memory() >= 0 && run.memory() != memory) {
                memory = run.memory();
                events.add(new Event(
                        "C", "memory in use", "memory", PHASES, run.end(), run.end(), Map.of("MB", memory / 1e6)));
            }
        }
        events.sort(Comparator.comparingLong(Event::start).thenComparing(Event::end, Comparator.reverseOrder()));
        origin = events.get(0).start();
    }

    private int lane(Thread thread) {
        return lanes.computeIfAbsent(thread, any -> lanes.size() + 1);
    }

    private void add(String category, PhaseTime time, int lane) {
        events.add(new Event("X", time.name(), category, lane, time.start(), time.end(), Map.of()));
    }

    private static Map<String, Object> args(KernelRun run) {
        Map<String, Object> args = new LinkedHashMap<>();
        args.put("shapes", run.shapes());
        args.put("bytes", run.bytes());
        args.put("GB/s", 1e-9 * run.bytes() / run.seconds());
        if (run.flops() > 0) {
            args.put("flops", run.flops());
            args.put("GFLOP/s", 1e-9 * run.flops() / run.seconds());
        }
        if (!run.algorithm().isEmpty()) {
            args.put("algorithm", run.algorithm());
        }
        return args;
    }

    /**
     * The trace of a profile.
     *
     * @param profile what was measured
     * @param title what ran, for example {@code "nautile train mnist-mlp on cpu"}
     * @param facts what else a reader should know
     * @return JSON in UTF-8
     */
    public static byte[] of(Profile profile, String title, Map<String, String> facts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            new Trace(profile).write(json, title, facts);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory has no errors of its own
        }
        return bytes.toByteArray();
    }

    private void write(JsonGenerator json, String title, Map<String, String> facts) throws IOException {
        json.writeStartObject();
        json.writeStringField("displayTimeUnit", "ns");
        json.writeObjectFieldStart("otherData");
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            json.writeStringField(fact.getKey(), fact.getValue());
        }
        json.writeEndObject();
        json.writeArrayFieldStart("traceEvents");
        name(json, "process_name", PHASES, title);
        name(json, "thread_name", PHASES, "steps and phases");
        for (Map.Entry<Thread, Integer> lane : lanes.entrySet()) {
            name(json, "thread_name", lane.getValue(), "thread " + lane.getKey().getName());
        }
        for (Event event : events) {
            write(json, event);
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
    }

    /** Metadata: what a lane is called; lanes stand in the order of their numbers. */
    private static void name(JsonGenerator json, String kind, int lane, String text) throws IOException {
        metadata(json, kind, lane, Map.of("name", text));
        if (kind.equals("thread_name")) {
            metadata(json, "thread_sort_index", lane, Map.of("sort_index", lane));
        }
    }

    private static void metadata(JsonGenerator json, String kind, int lane, Map<String, Object> args)
            throws IOException {
        json.writeRaw('\n');
        json.writeStartObject();
        json.writeStringField("ph", "M");
        json.writeStringField("name", kind);
        json.writeNumberField("pid", PROCESS);
        json.writeNumberField("tid", lane);
        args(json, args);
        json.writeEndObject();
    }

    private void write(JsonGenerator json, Event event) throws IOException {
        json.writeRaw('\n');
        json.writeStartObject();
        json.writeStringField("ph", event.phase());
        json.writeStringField("name", event.name());
        json.writeStringField("cat", event.category());
        json.writeNumberField("pid", PROCESS);
        json.writeNumberField("tid", event.lane());
        json.writeNumberField("ts", (event.start() - origin) / 1e3);
        if (event.phase().equals("X")) {
            json.writeNumberField("dur", (event.end() - event.start()) / 1e3);
        }
        args(json, event.args());
        json.writeEndObject();
    }

    private static void args(JsonGenerator json, Map<String, Object> args) throws IOException {
        json.writeObjectFieldStart("args");
        for (Map.Entry<String, Object> arg : args.entrySet()) {
            if (arg.getValue() instanceof Double number) {
                json.writeNumberField(arg.getKey(), Double.isFinite(number) ? number : 0); // JSON knows no infinity
            } else if (arg.getValue() instanceof Number number) {
                json.writeNumberField(arg.getKey(), number.longValue());
            } else {
                json.writeStringField(arg.getKey(), String.valueOf(arg.getValue()));
            }
        }
        json.writeEndObject();
    }
}
