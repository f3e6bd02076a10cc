package org.nautile.validate;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.Threads;

/** What is asked of every op, for one case on one device. */
public enum Check {
    /** Output and gradients are near enough to what {@code reference} computes in float64. */
    AGREES("agrees with reference") {
        @Override
        Measure run(OpCase test, Device device) {
            return near(test, test.newPass(device));
        }
    },

    /** Gradients are added to those that are there already. */
    ACCUMULATES("adds to a gradient") {
        @Override
        boolean applies(OpCase test, Device device) {
            return test.backwardBudget() != null;
        }

        @Override
        Measure run(OpCase test, Device device) {
            @Nullable Object[] before = new Object[test.inputs().size()];
            for (int i = 0; i < before.length; i++) {
                Input input = test.inputs().get(i);
                if (test.differentiable(i)) {
                    before[i] = new Input(input.dtype(), input.shape(), Draw.integers(-BEFORE, BEFORE))
                            .array(new Generator(test.seed(), 100 + i));
                }
            }
            Pass pass = new Pass.Plan(test, device).addTo(before).run();
            for (int i = 0; i < before.length; i++) {
                Object start = before[i];
                Object sum = pass.gradients()[i];
                if (start != null && sum != null) {
                    accumulated(test, i, Elements.doubles(start), Elements.doubles(sum));
                }
            }
            return Measure.NONE;
        }
    },

    /** A gradient wanted alone has the same bits as together with the others. */
    ONE_GRADIENT("one gradient alone") {
        @Override
        boolean applies(OpCase test, Device device) {
            return test.backwardBudget() != null && test.inputs().size() > 1;
        }

        @Override
        Measure run(OpCase test, Device device) {
            Pass all = test.pass(device);
            for (int i = 0; i < test.inputs().size(); i++) {
                if (test.differentiable(i)) {
                    Pass one = new Pass.Plan(test, device).only(i).run();
                    same("gradient by " + test.inputName(i), all.gradients()[i], one.gradients()[i]);
                }
            }
            return Measure.NONE;
        }
    },

    /** Written over poison in a given tensor, the output has the same bits; that of a library is near enough. */
    GIVEN_OUTPUT("into a given output") {
        @Override
        Measure run(OpCase test, Device device) {
            try (Scope scope = new Scope()) {
                Tensor[] inputs = new Pass.Plan(test, device).tensors();
                Tensor fresh = test.op().apply(inputs);
                for (Tensor input : inputs) {
                    if (fresh.storage() == input.storage()) {
                        return Measure.NONE; // a view
                    }
                }
                Object poison = Elements.poison(fresh.dtype(), Math.toIntExact(fresh.size()));
                Placement guarded = Placement.guarded(1);
                Tensor given = guarded.tensor(device, poison, fresh.shape());
                test.op().applyInto(given, inputs);
                if (borrowed(test, device)) {
                    Pass pass = new Pass(given.shape(), given.dtype(), given.toArray(), new Object[0], false);
                    test.expected().checkOutput(test, pass);
                } else {
                    same("output", fresh.toArray(), given.toArray());
                }
                guarded.check();
            }
            return Measure.NONE;
        }
    },

    /** Written over an input, where the op allows it, results have the same bits. */
    IN_PLACE("over an input") {
        @Override
        boolean applies(OpCase test, Device device) {
            return test.inPlace() >= 0 || test.gradientOver() != OpCase.Overwrites.NOTHING;
        }

        @Override
        Measure run(OpCase test, Device device) {
            Pass plain = test.pass(device);
            if (test.inPlace() >= 0) {
                try (Scope scope = new Scope()) {
                    Tensor[] inputs = new Pass.Plan(test, device).tensors();
                    Tensor output = test.op().applyInto(inputs[test.inPlace()], inputs);
                    same("output over " + test.inputName(test.inPlace()), plain.output(), output.toArray());
                }
            }
            if (test.gradientOver() != OpCase.Overwrites.NOTHING) {
                Pass over = new Pass.Plan(test, device)
                        .only(0)
                        .over(test.gradientOver())
                        .run();
                same("gradient over another tensor", plain.gradients()[0], over.gradients()[0]);
            }
            return Measure.NONE;
        }
    },

    /**
     * Tensors that start anywhere in a storage give the same bits, or where a library computes them, near enough ones, and what
     * surrounds them stays.
     */
    ANYWHERE("misaligned and guarded") {
        @Override
        Measure run(OpCase test, Device device) {
            Pass plain = test.pass(device);
            for (int offset : List.of(1, 5)) {
                Pass moved = new Pass.Plan(test, device)
                        .inputs(Placement.guarded(offset))
                        .results(Placement.guarded(offset + 2))
                        .run();
                if (borrowed(test, device)) {
                    near(test, moved);
                } else {
                    sameResults("at offset " + offset, plain, moved);
                }
            }
            return Measure.NONE;
        }
    },

    /**
     * Inputs with gaps and in another order in memory give the same bits, or where the case says so, or a library computes them,
     * near enough ones.
     */
    STRIDED("strided inputs") {
        @Override
        Measure run(OpCase test, Device device) {
            Pass strided =
                    new Pass.Plan(test, device).inputs(Placement.strided()).run();
            if (test.uses(Exemption.STRIDES) || borrowed(test, device)) {
                return near(test, strided);
            }
            sameResults("with strides", test.pass(device), strided);
            return Measure.NONE;
        }
    },

    /** Pictures that are channels-last give the same bits, or where the case says so, or a library computes them, near enough ones. */
    CHANNELS_LAST("channels-last inputs") {
        @Override
        boolean applies(OpCase test, Device device) {
            return test.inputs().stream().anyMatch(input -> input.shape().rank() == 4);
        }

        @Override
        Measure run(OpCase test, Device device) {
            Pass last = new Pass.Plan(test, device)
                    .inputs(Placement.channelsLast())
                    .results(Placement.channelsLast())
                    .run();
            if (test.uses(Exemption.STRIDES) || borrowed(test, device)) {
                return near(test, last);
            }
            sameResults("channels-last", test.pass(device), last);
            return Measure.NONE;
        }
    },

    /**
     * Results have the same bits for any number of threads, and every time; those of a library are near enough with any. The
     * kernels of GPUs know nothing of threads.
     */
    THREADS("same bits for 1, 2, 3, 5, 8 threads, twice each") {
        @Override
        boolean applies(OpCase test, Device device) {
            return !device.name().equals(REFERENCE);
        }

        @Override
        Measure run(OpCase test, Device device) {
            int before = Threads.count();
            Pass first = null;
            try {
                for (int threads : device.name().startsWith("cu") ? List.of(before) : List.of(1, 2, 3, 5, 8)) {
                    Threads.set(threads);
                    for (int time = 0; time < 2; time++) {
                        Pass pass = new Pass.Plan(test, device).run();
                        if (first == null) {
                            first = pass;
                        } else if (borrowed(test, device)) {
                            near(test, pass);
                        } else {
                            sameResults("with " + threads + " threads", first, pass);
                        }
                    }
                }
            } finally {
                Threads.set(before);
            }
            return Measure.NONE;
        }
    },

    /** The reference's gradients are what finite differences in float64 say. */
    DIFFERENCES("finite differences") {
        @Override
        boolean applies(OpCase test, Device device) {
            return device.name().equals(REFERENCE)
                    && test.backwardBudget() != null
                    && !test.uses(Exemption.ROUGH)
                    && !test.uses(Exemption.LARGE);
        }

        @Override
        Measure run(OpCase test, Device device) {
            for (int i = 0; i < test.inputs().size(); i++) {
                if (test.differentiable(i)) {
                    differences(test, device, i);
                }
            }
            return Measure.NONE;
        }
    },

    /** The reference computes what a formula written a second time says. */
    FORMULA("formula written twice") {
        @Override
        boolean applies(OpCase test, Device device) {
            return device.name().equals(REFERENCE) && test.formula() != null;
        }

        @Override
        Measure run(OpCase test, Device device) {
            double[][] inputs = new double[test.inputs().size()][];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = Elements.doubles(test.array(i));
            }
            OpCase.Formula formula = test.formula();
            double[] right = formula == null ? new double[0] : formula.of(inputs);
            double[] found = test.expected().output();
            if (right.length != found.length) {
                throw new Mismatch(
                        "output: the formula gives " + right.length + " elements, reference " + found.length);
            }
            for (int i = 0; i < right.length; i++) {
                double allowed = 1e-11 * Math.abs(right[i]) + 1e-13;
                if (Double.compare(right[i], found[i]) != 0 && !(Math.abs(right[i] - found[i]) <= allowed)) {
                    throw new Mismatch(
                            "output at " + i + ": the formula gives " + right[i] + ", reference " + found[i]);
                }
            }
            return Measure.NONE;
        }
    };

    private static final String REFERENCE = "reference";
    private static final int BEFORE = 4;
    private static final int SAMPLES = 23;
    private static final double STEP = 1e-5;

    private final String text;

    Check(String text) {
        this.text = text;
    }

    boolean applies(OpCase test, Device device) {
        return true;
    }

    abstract Measure run(OpCase test, Device device);

    @Override
    public String toString() {
        return text;
    }

    /** Whether a library computes the results of a device. */
    static boolean borrowed(OpCase test, Device device) {
        return device.backend().borrows(test.kernels());
    }

    private static Measure near(OpCase test, Pass pass) {
        Measure output = test.expected().checkOutput(test, pass);
        Budget backward = test.backwardBudget();
        return backward == null
                ? output
                : Measure.worse(output, test.expected().checkGradients(test, pass.gradients(), backward));
    }

    private static void same(String what, @Nullable Object expected, @Nullable Object actual) {
        if (expected == null || actual == null) {
            throw new Mismatch(what + ": nothing was computed");
        }
        Compare.same(what, expected, actual, true);
    }

    private static void sameResults(String how, Pass expected, Pass actual) {
        same("output " + how, expected.output(), actual.output());
        for (int i = 0; i < expected.gradients().length; i++) {
            if (expected.gradients()[i] != null) {
                same("gradient " + i + " " + how, expected.gradients()[i], actual.gradients()[i]);
            }
        }
    }

    /** Checks a sum of what was there and a gradient. Adding rounds once more; what is exact stays exact but for that. */
    private static void accumulated(OpCase test, int input, double[] before, double[] sum) {
        double[] right = test.expected().gradients()[input];
        double[] added = new double[sum.length];
        Budget budget = test.backward();
        for (int i = 0; i < sum.length; i++) {
            double once = (float) (before[i] + right[i]);
            double twice = (float) (before[i] + (float) right[i]);
            boolean exact = sum[i] == once || sum[i] == twice;
            double expected = Float.isInfinite((float) right[i]) ? (float) right[i] : right[i];
            added[i] = exact ? expected : sum[i] - before[i];
        }
        Budget allowed = budget.isExact()
                ? budget
                : new Budget(
                        budget.ulps() + 1,
                        budget.absolute() + 2 * BEFORE * Budget.ROUNDING,
                        budget.terms(),
                        Double.POSITIVE_INFINITY,
                        budget.reason());
        Compare.close(
                "gradient by " + test.inputName(input) + ", added to another,",
                right,
                added,
                test.expected().magnitude(input),
                allowed,
                test.uses(Exemption.ZEROS));
    }

    /** Compares the gradient by some elements of an input with differences of L = sum(output * upstream). */
    private static void differences(OpCase test, Device device, int input) {
        double[] right = test.expected().gradients()[input];
        double largest = 0;
        for (double value : right) {
            largest = Math.max(largest, Math.abs(value));
        }
        double[] x = Elements.doubles(test.array(input));
        int step = Math.max(1, x.length / SAMPLES);
        for (int i = 0; i < x.length; i += step) {
            double saved = x[i];
            x[i] = saved + STEP;
            double above = x[i];
            double up = loss(test, device, input, x);
            x[i] = saved - STEP;
            double down = loss(test, device, input, x);
            double derivative = (up - down) / (above - x[i]); // by the step really taken
            x[i] = saved;
            double allowed = 1e-6 * Math.max(largest, Math.abs(right[i])) + 1e-9 * Math.max(1, Math.abs(up));
            if (!(Math.abs(derivative - right[i]) <= allowed)) {
                throw new Mismatch("gradient by " + test.inputName(input) + " at " + i + ": differences give "
                        + derivative + ", backward " + right[i] + ", allowed " + Budget.number(allowed));
            }
        }
    }

    private static double loss(OpCase test, Device device, int input, double... values) {
        try (Scope scope = new Scope()) {
            Tensor[] tensors =
                    new Pass.Plan(test, device).numbers(Numbers.FLOAT64).tensors();
            tensors[input] = Tensor.of(device, values, tensors[input].shape());
            Tensor output = test.op().apply(tensors);
            if (output.dtype() != DType.FLOAT64) {
                throw new Mismatch("output: " + output + " of float64 inputs");
            }
            double[] elements = output.toDoubleArray();
            float[] upstream = test.upstream(elements.length);
            double sum = 0;
            for (int i = 0; i < elements.length; i++) {
                sum += elements[i] * upstream[i];
            }
            return sum;
        }
    }
}
