package org.nautile.validate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.RnnKernel.Nonlinearity;
import org.nautile.nn.Gru;
import org.nautile.nn.Lstm;
import org.nautile.nn.Parameter;
import org.nautile.nn.Recurrent;
import org.nautile.nn.Rnn;
import org.nautile.op.ConcatOp;
import org.nautile.op.ReshapeOp;

/** PyTorch's cases of recurrent layers. */
final class GoldenRecurrent {
    private static final Budget FORWARD =
            Budget.ulp(4, "the contract of lstm.h").plus(1e-6).within(1e-6);
    private static final Budget BACKWARD = Budget.ulp(8, "the contract of lstm.h: sums over steps and sequences")
            .plus(5e-6)
            .within(2e-6);
    private static final Generator RANDOM = new Generator(0, 0); // weights come from the file

    private GoldenRecurrent() {}

    /** Makes the layers. */
    @FunctionalInterface
    private interface Maker {
        Recurrent of(int inputs, int hidden, Recurrent.Options options);
    }

    /** Computes y and the last state. */
    @FunctionalInterface
    private interface Run {
        Recurrent.Result of(Recurrent layers, Tensor x, Tensor h0, Map<String, Tensor> leaves);
    }

    static Measure rnn(GoldenFile file, Device device) throws IOException {
        Nonlinearity nonlinearity = Nonlinearity.valueOf(file.text("gate_order").toUpperCase(java.util.Locale.ROOT));
        return check(
                file,
                device,
                (inputs, hidden, options) -> new Rnn(inputs, hidden, nonlinearity, options, RANDOM),
                (layers, x, h0, leaves) -> ((Rnn) layers).apply(x, h0, null));
    }

    static Measure gru(GoldenFile file, Device device) throws IOException {
        return check(
                file,
                device,
                (inputs, hidden, options) -> new Gru(inputs, hidden, options, RANDOM),
                (layers, x, h0, leaves) -> ((Gru) layers).apply(x, h0, null));
    }

    static Measure lstm(GoldenFile file, Device device) throws IOException {
        return check(
                file,
                device,
                (inputs, hidden, options) -> new Lstm(inputs, hidden, options, RANDOM),
                (layers, x, h0, leaves) -> ((Lstm) layers).apply(x, h0, leaves.get("c0"), null));
    }

    private static Measure check(GoldenFile file, Device device, Maker maker, Run run) throws IOException {
        Recurrent.Options options =
                new Recurrent.Options((int) file.number("layers"), true, false, 0, file.flag("bidirectional"));
        try (Scope scope = new Scope();
                Recurrent layers = maker.of((int) file.shape("in.x").dim(2), (int) file.number("hidden"), options)) {
            layers.to(device);
            Map<String, Tensor> state = new LinkedHashMap<>();
            for (String name : layers.parameters().keySet()) {
                state.put(name, file.tensor("in." + name, device));
            }
            layers.loadState(state);
            Map<String, Tensor> leaves = new LinkedHashMap<>();
            for (String name : List.of("x", "h0", "c0")) {
                if (file.has("in." + name)) {
                    leaves.put(name, Autograd.requireGradient(file.tensor("in." + name, device)));
                }
            }
            Tensor x = leaves.get("x");
            Tensor h0 = leaves.get("h0");
            if (x == null || h0 == null) {
                throw new Mismatch("x and h0 expected, found " + leaves.keySet());
            }
            Recurrent.Result result = run.of(layers, x, h0, leaves);
            Map<String, Tensor> found = new LinkedHashMap<>();
            found.put("out.y", result.y());
            found.put("out.hn", result.hn());
            if (result.cn() != null) {
                found.put("out.cn", result.cn());
            }
            List<Tensor> upstream = new ArrayList<>();
            for (String name : found.keySet()) {
                upstream.add(flat(file.tensor(name.replace("out.", "up."), device)));
            }
            Tensor all = join(found.values().stream().map(GoldenRecurrent::flat));
            Autograd.backward(all, join(upstream.stream()));
            leaves.forEach((name, leaf) -> put(found, name, Autograd.gradient(leaf)));
            for (Map.Entry<String, Parameter> entry : layers.parameters().entrySet()) {
                put(found, entry.getKey(), entry.getValue().gradient());
            }
            Set<String> wanted = Stream.concat(file.names("out.").stream(), file.names("grad.").stream())
                    .collect(Collectors.toSet());
            if (!found.keySet().equals(wanted)) {
                throw new Mismatch("results " + wanted + " expected, got " + found.keySet());
            }
            Measure worst = Measure.NONE;
            for (Map.Entry<String, Tensor> entry : found.entrySet()) {
                Tensor value = entry.getValue();
                Budget budget = entry.getKey().startsWith("out.") ? FORWARD : BACKWARD;
                worst = Measure.worse(
                        worst, file.compare(entry.getKey(), value.shape(), value.toArray(), budget, null, false));
            }
            return worst;
        }
    }

    private static void put(
            Map<String, Tensor> found, String name, @org.jspecify.annotations.Nullable Tensor gradient) {
        if (gradient == null) {
            throw new Mismatch("grad." + name + ": no gradient");
        }
        found.put("grad." + name, gradient);
    }

    private static Tensor flat(Tensor x) {
        return Autograd.apply(new ReshapeOp(x.size()), x);
    }

    private static Tensor join(Stream<Tensor> parts) {
        return Autograd.apply(new ConcatOp(0), parts.toArray(Tensor[]::new));
    }
}
