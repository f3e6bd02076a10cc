package org.nautile.bench.works;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nautile.models.cli.CommandException;

/**
 * The outcome of one work on one device or with another library, and the line of JSON that says so.
 *
 * @param peer who measured: {@link #OURS} and a device, or another library
 * @param work the work
 * @param threads how many computed
 * @param medianMs milliseconds of one call
 * @param minMs milliseconds of one call
 * @param reps how many calls were timed, or rounds of a {@link Contest}
 * @param problem why nothing was timed; null if something was
 * @param absent whether the problem is that the device has no kernel for the op
 */
record Measurement(
        String peer,
        Work work,
        int threads,
        double medianMs,
        double minMs,
        long reps,
        @Nullable String problem,
        boolean absent) {
    /** What our devices' names begin with beside other libraries. */
    static final String OURS = "nautile-";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final MathContext DIGITS = new MathContext(6);

    static Measurement of(String peer, Work work, int threads, Timing.Sample sample) {
        return new Measurement(
                peer,
                work,
                threads,
                1e3 * sample.medianSeconds(),
                1e3 * sample.minSeconds(),
                sample.calls(),
                null,
                false);
    }

    static Measurement failed(String peer, Work work, int threads, String problem, boolean absent) {
        return new Measurement(peer, work, threads, Double.NaN, Double.NaN, 0, problem, absent);
    }

    /** The same work at another pace. */
    Measurement at(double median, double min, long times) {
        return new Measurement(peer, work, threads, median, min, times, null, false);
    }

    /** The device or the library. */
    String title() {
        return title(peer);
    }

    static String title(String peer) {
        return peer.startsWith(OURS) ? peer.substring(OURS.length()) : peer;
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
        fields.put("peer", peer);
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

    /**
     * Reads the line of a measurement of this work: median_ms, min_ms and reps, or else error and, if the peer does not have what
     * the work needs, absent. Other fields do not matter.
     */
    static Measurement parse(String peer, Work work, int threads, String line) {
        try {
            JsonNode fields = JSON.readTree(line);
            if (fields.has("error")) {
                return failed(peer, work, threads, fields.get("error").asText(), fields.has("absent"));
            }
            double median = fields.path("median_ms").asDouble();
            if (median > 0) {
                return new Measurement(
                        peer,
                        work,
                        threads,
                        median,
                        fields.path("min_ms").asDouble(),
                        fields.path("reps").asLong(),
                        null,
                        false);
            }
            throw new CommandException(title(peer) + " answers what is no measurement: " + line);
        } catch (JsonProcessingException e) {
            throw new CommandException(title(peer) + " answers what is no measurement: " + line, e);
        }
    }
}
