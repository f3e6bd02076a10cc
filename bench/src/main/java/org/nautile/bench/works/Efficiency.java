package org.nautile.bench.works;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How many operations of the peak rate each amount of a {@link KernelCost.Term} is worth. The numbers are in efficiency.tsv, which
 * says where they come from: they were fitted once to the times of single ops, never to those of models.
 */
final class Efficiency {
    private static final Map<String, double[]> FACTORS = read();
    private static final String ANY = "elements";

    private Efficiency() {}

    private static Map<String, double[]> read() {
        Map<String, double[]> factors = new HashMap<>();
        try (InputStream in = Objects.requireNonNull(Efficiency.class.getResourceAsStream("efficiency.tsv"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                String[] fields = line.split("\t", -1);
                double[] row = new double[fields.length - 1];
                for (int i = 0; i < row.length; i++) {
                    row[i] = Double.parseDouble(fields[i + 1]);
                }
                factors.put(fields[0], row);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return factors;
    }

    /** Whether the kind was fitted; others count as passes over their elements. */
    static boolean knows(String kind) {
        return FACTORS.containsKey(kind);
    }

    /** What the terms are worth in operations of the peak rate. */
    static double operations(List<KernelCost.Term> terms) {
        return operations(FACTORS, terms);
    }

    /** The same with other factors than those of the file. */
    static double operations(Map<String, double[]> all, List<KernelCost.Term> terms) {
        double sum = 0;
        for (KernelCost.Term term : terms) {
            double[] factors = Objects.requireNonNull(all.getOrDefault(term.kind(), all.get(ANY)));
            for (int i = 0; i < Math.min(factors.length, term.amounts().length); i++) {
                sum += factors[i] * term.amounts()[i];
            }
        }
        return sum;
    }
}
