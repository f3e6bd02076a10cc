package org.nautile.bench.works;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.nautile.DType;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.BinaryKernel;
import org.nautile.backend.CopyKernel;
import org.nautile.backend.ReduceKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.op.ActivationOp;
import org.nautile.op.BinaryOp;
import org.nautile.op.ReduceOp;
import org.nautile.op.ScaleOp;
import org.nautile.op.SliceOp;
import org.nautile.op.UnaryOp;

/** The single kernels that {@code nautile fit-costs} times: the list of fit-works.tsv. */
final class FitWorks {
    private FitWorks() {}

    /** All of the list. */
    static List<Work> all() {
        List<Work> works = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(FitWorks.class.getResourceAsStream("fit-works.tsv"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    works.addAll(combinations(line));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return works;
    }

    /** The works of a line, every combination of its parameters. */
    static List<Work> combinations(String line) {
        String[] fields = line.split("\t", -1);
        List<Map<String, String>> all = List.of(Map.of());
        for (String field : Arrays.asList(fields).subList(1, fields.length)) {
            String[] parts = field.split("=", 2);
            String[] names = parts[0].split(",", -1);
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> before : all) {
                for (String choice : parts[1].split("\\|", -1)) {
                    String[] values = choice.split(",", -1);
                    if (values.length != names.length) {
                        throw new IllegalArgumentException(choice + " is not for " + parts[0] + ", in " + line);
                    }
                    Map<String, String> one = new LinkedHashMap<>(before);
                    for (int i = 0; i < names.length; i++) {
                        one.put(names[i], values[i]);
                    }
                    longer.add(one);
                }
            }
            all = longer;
        }
        return all.stream()
                .map(one -> new Work("fit", fields[0] + " " + one, fields[0], one, 0, 0, 0))
                .toList();
    }

    /** A work's inputs on a device, and what is timed. */
    static Job prepare(Work work, Inputs inputs) {
        Kinds.Kind kind = Kinds.of(work.kind());
        return kind != null ? kind.prepare(work, inputs) : ofShapes(work, inputs);
    }

    /** What the list of works that is shared with other libraries lacks. */
    private static Job ofShapes(Work work, Inputs inputs) {
        return switch (work.kind()) {
            case "unary" -> {
                UnaryKernel.Function function = UnaryKernel.Function.valueOf(name(work));
                Tensor positive = new ScaleOp(0.5, 1).apply(inputs.uniform(work.size("e")));
                yield OpJob.of(work, inputs, new UnaryOp(function), positive);
            }
            case "activation" -> {
                ActivationKernel.Function function = ActivationKernel.Function.valueOf(name(work));
                yield OpJob.of(work, inputs, new ActivationOp(function), inputs.uniform(work.size("e")));
            }
            case "multiply" ->
                OpJob.of(
                        work,
                        inputs,
                        new BinaryOp(BinaryKernel.Function.MUL),
                        inputs.uniform(dims(work, "a")),
                        inputs.uniform(dims(work, "b")));
            case "sum_axis" -> {
                Tensor x = inputs.uniform(work.size("o"), work.size("n"), work.size("i"));
                yield OpJob.of(work, inputs, ReduceOp.along(ReduceKernel.Function.SUM, 1), x);
            }
            case "permute" -> copied(permuted(inputs.uniform(dims(work, "a")), work.text("axes")));
            case "slice" -> {
                int axis = Integer.parseInt(work.text("axis"));
                yield copied(new SliceOp(axis, 0, work.size("n")).apply(inputs.uniform(dims(work, "a"))));
            }
            case "accumulate" -> {
                Tensor x = inputs.uniform(dims(work, "a"));
                Tensor y = x.copy();
                yield new Job(() -> CopyKernel.TYPE.on(x).forward(x, y, true), () -> List.of(y));
            }
            default -> throw new IllegalArgumentException("no kind " + work.kind());
        };
    }

    private static String name(Work work) {
        return work.text("f").toUpperCase(Locale.ROOT);
    }

    private static long[] dims(Work work, String parameter) {
        return Arrays.stream(work.text(parameter).split("x", -1))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private static Tensor permuted(Tensor x, String axes) {
        int[] order = axes.chars().map(digit -> digit - '0').toArray();
        long[] dims = Arrays.stream(order).mapToLong(x.shape()::dim).toArray();
        return x.view(
                Shape.of(dims), 0, Arrays.stream(order).mapToLong(x::stride).toArray());
    }

    private static Job copied(Tensor view) {
        Tensor y = Tensor.empty(view.device(), DType.FLOAT32, view.shape());
        return new Job(() -> y.copyFrom(view), () -> List.of(y));
    }
}
