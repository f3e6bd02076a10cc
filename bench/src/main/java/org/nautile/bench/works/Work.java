package org.nautile.bench.works;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.nautile.MatmulPrecision;

/**
 * One thing to be timed: a line of a list of works.
 *
 * @param suite the group, for example {@code "gemm"}
 * @param name its name, the same in every library's results
 * @param kind what is computed; {@link Kinds} knows how
 * @param parameters sizes and the like
 * @param flops useful floating-point operations of one call; 0 where nobody counts them
 * @param bytes least memory traffic of one call; 0 where nobody counts it
 * @param samples training examples of one call, or 0
 */
record Work(
        String suite,
        String name,
        String kind,
        Map<String, String> parameters,
        double flops,
        double bytes,
        double samples) {
    static final int COLUMNS = 7;

    /** Reads a line; the exception says what is wrong with it. */
    static Work parse(String line) {
        String[] fields = line.split("\t", -1);
        if (fields.length != COLUMNS) {
            throw new IllegalArgumentException(fields.length + " columns, separated by tabs, where " + COLUMNS
                    + " are needed: suite, work, kind, parameters, flops, bytes, samples");
        }
        for (int i = 0; i < 3; i++) {
            if (fields[i].isBlank()) {
                throw new IllegalArgumentException(
                        "the column " + new String[] {"suite", "work", "kind"}[i] + " is empty");
            }
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String parameter : fields[3].isEmpty() ? new String[0] : fields[3].split(",", -1)) {
            int equals = parameter.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("parameter '" + parameter + "' is not NAME=VALUE");
            }
            parameters.put(parameter.substring(0, equals), parameter.substring(equals + 1));
        }
        return new Work(
                fields[0],
                fields[1],
                fields[2],
                parameters,
                number("flops", fields[4]),
                number("bytes", fields[5]),
                number("samples", fields[6]));
    }

    private static double number(String column, String text) {
        try {
            double value = Double.parseDouble(text.strip());
            if (value >= 0 && Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(column + " '" + text + "' is not a number of 0 or more");
    }

    /** The line that {@link #parse} reads. */
    String line() {
        String text = parameters.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(","));
        return String.join(
                "\t",
                suite,
                name,
                kind,
                text,
                Double.toString(flops),
                Double.toString(bytes),
                Double.toString(samples));
    }

    String text(String parameter) {
        String value = parameters.get(parameter);
        if (value == null) {
            throw new IllegalArgumentException(kind + " needs the parameter " + parameter);
        }
        return value;
    }

    /** What the work allows products of matrices, float32 unless it says otherwise. */
    MatmulPrecision precision() {
        String name = parameters.get("precision");
        return name == null ? MatmulPrecision.HIGHEST : MatmulPrecision.of(name);
    }

    /** A size: a whole number of 1 or more. */
    int size(String parameter) {
        int value = integer(parameter);
        if (value < 1) {
            throw new IllegalArgumentException(parameter + "=" + value + " is less than 1");
        }
        return value;
    }

    boolean flag(String parameter) {
        return integer(parameter) != 0;
    }

    private int integer(String parameter) {
        String value = text(parameter);
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(parameter + "=" + value + " is not a whole number", e);
        }
    }
}
