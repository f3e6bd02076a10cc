package org.nautile.validate;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.nautile.Device;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.op.ActivationOp;
import org.nautile.op.LinearOp;
import org.nautile.op.LogSoftmaxOp;
import org.nautile.op.MatmulOp;
import org.nautile.op.Op;
import org.nautile.op.SoftmaxOp;

/** PyTorch's cases of single ops. */
final class GoldenOps {
    static final String OUTPUT = "out.y";
    static final String UPSTREAM = "up.y";
    static final Magnitudes NONE = name -> new double[0];

    private GoldenOps() {}

    /** What is computed, with the tape. */
    @FunctionalInterface
    interface Formula {
        Tensor of(Tensor... inputs);
    }

    /** An output or a gradient. */
    record Result(Shape shape, Object elements) {}

    /** The magnitudes that a budget counts in. */
    @FunctionalInterface
    interface Magnitudes {
        /** One for each element of the file's tensor of this name, {@code out.y} or {@code grad.*}. */
        double[] of(String name) throws IOException;
    }

    static Measure activation(GoldenFile file, Device device) throws IOException {
        String text = file.text("function");
        ActivationKernel.Function function = Arrays.stream(ActivationKernel.Function.values())
                .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(() -> file.unknown("function", text));
        Budget forward = switch (function) {
            case LINEAR, RELU -> Budget.exact("an element is kept or dropped");
            case LEAKY_RELU -> Budget.ulp(1, "one product, with a slope rounded to float32");
            case ELU, SIGMOID, TANH, SOFTPLUS -> Budget.ulp(3, "the contract of activation.h");
            case SWISH, GELU, GELU_TANH ->
                Budget.ulp(4, "the contract of activation.h").plus(1e-7);
        };
        Budget backward = switch (function) {
            case LINEAR, RELU -> Budget.exact("an element is kept or dropped");
            case LEAKY_RELU -> Budget.ulp(1, "one product, with a slope rounded to float32");
            default -> // 2e-6 times the gradient by y, which is what terms are counted in
                new Budget(8, 0, 2e-6 / Budget.ROUNDING, 1e-6, "the contract of activation.h");
        };
        Magnitudes magnitudes = name -> absolute(file.doubles(UPSTREAM));
        return check(file, device, on(new ActivationOp(function)), forward, backward, magnitudes, "x");
    }

    static Measure matmul(GoldenFile file, Device device) throws IOException {
        return products(file, device, new MatmulOp(file.flag("transposeA"), file.flag("transposeB")), "a", "b");
    }

    static Measure batchedMatmul(GoldenFile file, Device device) throws IOException {
        return products(file, device, new MatmulOp(), "a", "b");
    }

    static Measure linear(GoldenFile file, Device device) throws IOException {
        return products(file, device, new LinearOp(), "x", "weight", "bias");
    }

    /** Sums of products: right up to roundings of the same sums of absolute values. */
    private static Measure products(GoldenFile file, Device device, Op op, String... inputs) throws IOException {
        return products(file, device, on(op), inputs);
    }

    static Measure products(GoldenFile file, Device device, Formula formula, String... inputs) throws IOException {
        long longest = 1; // of the three passes, each of which sums over another axis
        for (String input : inputs) {
            longest = Math.max(
                    longest,
                    LongStream.of(file.shape("in." + input).dims()).max().orElse(1));
        }
        Budget budget = Budget.product(longest).within(1e-6); // some results are of few elements, whose sums cancel
        Map<String, Result> sizes = compute(file, Device.of("reference"), Numbers.MAGNITUDES, formula, inputs);
        Magnitudes magnitudes = name -> {
            Result size = sizes.get(name);
            return size == null ? new double[0] : Elements.doubles(size.elements());
        };
        return check(file, device, formula, budget, budget, magnitudes, inputs);
    }

    static Measure softmax(GoldenFile file, Device device) throws IOException {
        Budget forward = new Budget(8, 2e-7, 0, 1e-6, "the contract of softmax.h");
        Magnitudes magnitudes = name -> {
            double[] y = file.doubles(OUTPUT);
            double[] terms = absolute(file.doubles(UPSTREAM));
            double[] products = new double[y.length];
            Arrays.setAll(products, i -> y[i] * terms[i]);
            double[] sums = rows(products, file.shape(OUTPUT), Double::sum);
            Arrays.setAll(terms, i -> y[i] * (terms[i] + sums[i]));
            return terms;
        };
        Budget backward =
                new Budget(0, 0, 24, 2e-6, "weights of 8 ulp, and a sum that cancels where one weight is nearly 1");
        return check(file, device, on(new SoftmaxOp(axis(file))), forward, backward, magnitudes, "x");
    }

    static Measure logSoftmax(GoldenFile file, Device device) throws IOException {
        Magnitudes magnitudes = name -> {
            double[] y = file.doubles(OUTPUT);
            if (name.equals(OUTPUT)) {
                return rows(absolute(y), file.shape(OUTPUT), Math::max);
            }
            double[] terms = absolute(file.doubles(UPSTREAM));
            double[] sums = rows(terms, file.shape(OUTPUT), Double::sum);
            Arrays.setAll(terms, i -> terms[i] + Math.exp(y[i]) * sums[i]);
            return terms;
        };
        Budget forward = new Budget(0, 0, 8, 1e-6, "the contract of log_softmax.h: 4 ulp of the largest term");
        Budget backward = new Budget(0, 0, 8, 1e-6, "a weight of 4 ulp times a sum");
        return check(file, device, on(new LogSoftmaxOp(axis(file))), forward, backward, magnitudes, "x");
    }

    private static int axis(GoldenFile file) throws IOException {
        int axis = (int) file.number("axis");
        if (axis != -1) { // the magnitudes are sums along rows
            throw file.unknown("axis", Integer.toString(axis));
        }
        return axis;
    }

    static Formula on(Op op) {
        return inputs -> Autograd.apply(op, inputs);
    }

    /** Computes the output and the gradients, and compares each with the file's. */
    static Measure check(
            GoldenFile file,
            Device device,
            Formula formula,
            Budget forward,
            Budget backward,
            Magnitudes magnitudes,
            String... inputs)
            throws IOException {
        Map<String, Result> results = compute(file, device, Numbers.FLOAT32, formula, inputs);
        return compare(file, results, forward, backward, magnitudes);
    }

    /** Compares outputs and gradients with the file's. */
    static Measure compare(
            GoldenFile file, Map<String, Result> results, Budget forward, Budget backward, Magnitudes magnitudes)
            throws IOException {
        List<String> wanted = Stream.concat(file.names("out.").stream(), file.names("grad.").stream())
                .toList();
        if (!results.keySet().equals(Set.copyOf(wanted))) {
            throw new Mismatch("results " + wanted + " expected, got " + results.keySet());
        }
        Measure worst = Measure.NONE;
        for (Map.Entry<String, Result> entry : results.entrySet()) {
            String name = entry.getKey();
            Result result = entry.getValue();
            boolean output = name.startsWith("out.");
            Budget budget = output ? forward : backward;
            double[] magnitude = budget.terms() > 0 ? magnitudes.of(name) : null;
            boolean zeros = !output; // as where softmax is saturated: compute() puts poison there first
            worst = Measure.worse(
                    worst, file.compare(name, result.shape(), result.elements(), budget, magnitude, zeros));
        }
        return worst;
    }

    /** The output and the gradients that the file has, by the file's names. */
    static Map<String, Result> compute(GoldenFile file, Device device, Numbers form, Formula formula, String... inputs)
            throws IOException {
        Map<String, Result> results = new LinkedHashMap<>();
        try (Scope scope = new Scope()) {
            Tensor[] tensors = new Tensor[inputs.length];
            for (int i = 0; i < inputs.length; i++) {
                tensors[i] = file.tensor("in." + inputs[i], device, form);
                if (file.has("grad." + inputs[i])) {
                    Object poison = Elements.poison(tensors[i].dtype(), Math.toIntExact(tensors[i].size()));
                    Tensor gradient = Tensor.of(device, poison, tensors[i].shape());
                    Autograd.requireGradient(tensors[i], gradient);
                }
            }
            Tensor y = formula.of(tensors);
            results.put(OUTPUT, new Result(y.shape(), y.toArray()));
            Autograd.backward(y, file.tensor(UPSTREAM, device, form));
            for (int i = 0; i < inputs.length; i++) {
                Tensor gradient = Autograd.gradient(tensors[i]);
                if (gradient != null) {
                    results.put("grad." + inputs[i], new Result(gradient.shape(), gradient.toArray()));
                }
            }
        }
        return results;
    }

    /** For each element something about its row: a function of the row's elements, put together two by two. */
    private static double[] rows(double[] values, Shape shape, DoubleBinaryOperator together) {
        double[] result = new double[values.length];
        int cols = (int) shape.dim(-1);
        for (int row = 0; row < values.length; row += cols) {
            double all = Arrays.stream(values, row, row + cols).reduce(0, together);
            Arrays.fill(result, row, row + cols, all);
        }
        return result;
    }

    private static double[] absolute(double... values) {
        return Arrays.stream(values).map(Math::abs).toArray();
    }
}
