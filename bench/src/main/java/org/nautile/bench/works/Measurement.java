package org.nautile.bench.works;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one work on one device, and the line of JSON that says so.
 *
 * @param device the device
 * @param work the work
 * @param threads how many computed
 * @param medianMs milliseconds of one call
 * @param minMs milliseconds of one call
 * @param reps how many calls were timed
 * @param problem why nothing was timed; null if something was
 * @param absent whether the problem is that the device has no kernel for the op
 */
record Measurement(
        String device,
        Work work,
        int threads,
        double medianMs,
        double minMs,
        long reps,
        @Nullable String problem,
        boolean absent) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final MathContext DIGITS = new MathContext(6);

    static Measurement of(String device, Work work, int threads, Timing.Sample sample) {
        return new Measurement(
                device,
                work,
                threads,
                1e3 * sample.medianSeconds(),
                1e3 * sample.minSeconds(),
                sample.calls(),
                null,
                false);
    }

    static Measurement failed(String device, Work work, int threads, String problem, boolean absent) {
        return new Measurement(device, work, threads, Double.NaN, Double.NaN, 0, problem, absent);
    }

    double gflops() {
        return work.flops() / medianMs / 1e6;
    }

    double gbps() {
        return work.bytes() / medianMs / 1e6;
    }

    double samplesPerSecond() {
        return work.samples() / medianMs * 1e3;
    }

    /** What a suite is measured in. */
    static String unit(Work work) {
        if (work.samples() > 0) {
            return "samples/s";
        }
        boolean memory = work.suite().equals("mem") || work.flops() == 0;
        return memory && work.bytes() > 0 ? "GB/s" : work.flops() > 0 ? "GFLOP/s" : "calls/s";
    }

    /** The speed in {@link #unit}. */
    double speed() {
        return switch (unit(work)) {
            case "samples/s" -> samplesPerSecond();
            case "GB/s" -> gbps();
            case "GFLOP/s" -> gflops();
            default -> 1e3 / medianMs;
        };
    }

    /** One line, as the programs that measure other libraries write it. */
    String json() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("peer", "nautile-" + device);
        fields.put("suite", work.suite());
        fields.put("work", work.name());
        fields.put("threads", threads);
        if (problem != null) {
            fields.put("error", problem);
            if (absent) {
                fields.put("absent", true);
            }
        } else {
            fields.put("median_ms", rounded(medianMs));
            fields.put("min_ms", rounded(minMs));
            fields.put("reps", reps);
            fields.put("gflops", rounded(gflops()));
            fields.put("gbps", rounded(gbps()));
            if (work.samples() > 0) {
                fields.put("samples_s", rounded(samplesPerSecond()));
            }
        }
        try {
            return JSON.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON for " + fields, e);
        }
    }

    private static BigDecimal rounded(double value) {
        return new BigDecimal(value, DIGITS);
    }

    /** Reads the line of a measurement of this work. */
    static Measurement parse(String device, Work work, String line) {
        try {
            JsonNode fields = JSON.readTree(line);
            int threads = fields.get("threads").asInt();
            if (fields.has("error")) {
                return failed(device, work, threads, fields.get("error").asText(), fields.has("absent"));
            }
            return new Measurement(
                    device,
                    work,
                    threads,
                    fields.get("median_ms").asDouble(),
                    fields.get("min_ms").asDouble(),
                    fields.get("reps").asLong(),
                    null,
                    false);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no measurement: " + line, e);
        }
    }
}
