package org.nautile.validate;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Generator;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.op.Op;

/**
 * Wrong calls of every op, drawn at random from its cases. Each ends in an exception that names the op and what was given, or, if
 * what was drawn happens to be right, with what the device {@code reference} says too. The JVM lives, and a call that is right
 * still has the right result.
 */
@Tag("ops")
class AbuseTest {
    private static final int CALLS = 10_000; // that fail, on each device together
    private static final int MOST_ELEMENTS = 5_000; // of a case's inputs: wrong calls need not be long
    private static final long SEED = 20261125;

    /** What is wrong with a call. */
    private enum Wrong {
        RANK,
        EXTENT,
        DTYPE,
        DEVICE,
        CLOSED,
        NULL,
        MISSING,
        TOO_MANY,
        INDEX,
        OUTPUT_SHAPE,
        OUTPUT_DTYPE,
        OUTPUT_DEVICE,
        OUTPUT_CLOSED,
        OVERLAP,
        UPSTREAM
    }

    private static final List<OpCase> CASES = OpCases.ops().stream()
            .flatMap(op -> OpCases.of(op).stream())
            .filter(test ->
                    test.op().getClass().getPackageName().equals(Op.class.getPackageName())) // not a bare kernel
            .filter(test -> !test.inputs().isEmpty()
                    && test.inputs().stream()
                                    .mapToLong(input -> input.shape().size())
                                    .sum()
                            <= MOST_ELEMENTS)
            .toList();

    /** A wrong call: its inputs, the output that is given or null, and what is in them. */
    private static final class Attempt {
        final OpCase test;
        final Device device;
        final Wrong wrong;
        final List<@Nullable Tensor> inputs = new ArrayList<>();

        @Nullable
        Tensor output;

        @Nullable
        Tensor upstream;

        String changed = "";

        /** Whether what is wrong is wrong for every op: nothing may accept it. */
        boolean surely;

        Attempt(OpCase test, Device device, Wrong wrong) {
            this.test = test;
            this.device = device;
            this.wrong = wrong;
        }

        @Override
        public String toString() {
            return test + " on " + device + ", " + wrong + " " + changed;
        }
    }

    static Stream<Device> devices() {
        return Devices.usable();
    }

    @ParameterizedTest
    @MethodSource("devices")
    void wrongCallsAreRefused(Device device) {
        Generator random = new Generator(SEED, 0);
        Map<Wrong, Integer> refused = new TreeMap<>();
        int wanted = device.name().equals("cpu") ? CALLS : CALLS / 10;
        int total = 0;
        for (int i = 0; total < wanted; i++) {
            assertTrue(i < 20 * wanted, () -> "too few wrong calls: " + refused);
            OpCase test = CASES.get(random.nextInt(CASES.size()));
            Wrong wrong = Wrong.values()[random.nextInt(Wrong.values().length)];
            try (Scope scope = new Scope()) {
                Attempt attempt = draw(test, device, wrong, random);
                if (attempt != null && isRefused(attempt)) {
                    refused.merge(wrong, 1, Integer::sum);
                    total++;
                }
            }
            if (i % 500 == 0) { // still right
                Check.AGREES.run(test, device);
            }
        }
        assertTrue(
                refused.keySet().containsAll(List.of(Wrong.values())), () -> "of some kind there was none: " + refused);
    }

    /** Makes a call and breaks it; null if it cannot be broken so. */
    private static @Nullable Attempt draw(OpCase test, Device device, Wrong wrong, Generator random) {
        Attempt attempt = new Attempt(test, device, wrong);
        attempt.inputs.addAll(Arrays.asList(new Pass.Plan(test, device).tensors()));
        int which = random.nextInt(attempt.inputs.size());
        Tensor chosen = attempt.inputs.get(which);
        attempt.changed = test.inputName(which);
        switch (wrong) {
            case RANK -> {
                Shape shape = chosen.shape();
                long[] dims = random.nextInt(2) == 0
                        ? join(shape.dims(), 1 + random.nextInt(2))
                        : Arrays.copyOfRange(shape.dims(), Math.min(1, shape.rank()), shape.rank());
                attempt.inputs.set(which, like(test, device, which, chosen.dtype(), Shape.of(dims)));
            }
            case EXTENT -> {
                if (chosen.shape().rank() == 0) {
                    return null;
                }
                int axis = random.nextInt(chosen.shape().rank());
                long extent = Math.max(0, chosen.shape().dim(axis) + random.nextInt(5) - 2);
                Shape shape = chosen.shape().with(axis, random.nextInt(8) == 0 ? 0 : extent);
                if (shape.equals(chosen.shape())) {
                    return null;
                }
                attempt.inputs.set(which, like(test, device, which, chosen.dtype(), shape));
            }
            case DTYPE -> {
                DType dtype = DType.values()[random.nextInt(DType.values().length)];
                if (dtype == chosen.dtype() || !device.backend().supports(dtype)) {
                    return null;
                }
                attempt.inputs.set(which, like(test, device, which, dtype, chosen.shape()));
            }
            case DEVICE -> {
                Device other = Device.of(device.name().equals("reference") ? "cpu" : "reference");
                if (attempt.inputs.size() < 2) {
                    return null;
                }
                attempt.inputs.set(which, chosen.to(other));
                attempt.surely = true;
            }
            case CLOSED -> {
                chosen.close();
                attempt.surely = true;
            }
            case NULL -> {
                attempt.inputs.set(which, null);
                attempt.surely = true;
            }
            case MISSING -> {
                if (test.op().variadic() && attempt.inputs.size() > 1) {
                    return null;
                }
                attempt.inputs.subList(which, attempt.inputs.size()).clear();
                attempt.surely = attempt.inputs.isEmpty();
            }
            case TOO_MANY -> {
                if (test.op().variadic()) {
                    return null;
                }
                while (attempt.inputs.size() <= test.op().inputs().size()) {
                    attempt.inputs.add(chosen);
                }
                attempt.surely = true;
            }
            case INDEX -> {
                if (chosen.dtype() != DType.INT64 || chosen.size() == 0) {
                    return null;
                }
                long[] values = ((long[]) test.array(which)).clone();
                values[random.nextInt(values.length)] = random.nextInt(2) == 0 ? Long.MAX_VALUE - 7 : -1_234_567;
                attempt.inputs.set(which, Tensor.of(device, values, chosen.shape()));
            }
            case OUTPUT_SHAPE, OUTPUT_DTYPE, OUTPUT_DEVICE, OUTPUT_CLOSED -> {
                Tensor right = test.op().apply(attempt.inputs.toArray(Tensor[]::new));
                attempt.output = output(wrong, right);
                attempt.changed = "instead of " + right;
                attempt.surely = true;
            }
            case OVERLAP -> {
                Tensor right = test.op().apply(attempt.inputs.toArray(Tensor[]::new));
                if (right.dtype() != chosen.dtype() || right.size() <= 1 || chosen.size() == 0) {
                    return null;
                }
                int length = (int) (right.size() + chosen.size() + 1);
                Tensor storage = Tensor.of(device, right.dtype().newArray(length), Shape.of(length));
                Tensor moved = storage.view(Shape.of(chosen.size()), right.size() - 1, 1)
                        .reshape(chosen.shape());
                attempt.inputs.set(which, moved.copyFrom(chosen));
                attempt.output = storage.view(Shape.of(right.size()), 0, 1).reshape(right.shape());
                attempt.surely = true;
            }
            case UPSTREAM -> {
                if (test.backwardBudget() == null) {
                    return null;
                }
                for (int i = 0; i < attempt.inputs.size(); i++) {
                    if (test.differentiable(i)) {
                        Autograd.requireGradient(attempt.inputs.get(i));
                    }
                }
                Tensor y = Autograd.apply(test.op(), attempt.inputs.toArray(Tensor[]::new));
                attempt.upstream =
                        Tensor.full(device, y.dtype(), Shape.of(join(y.shape().dims(), 2)), 1);
                attempt.output = y;
                attempt.surely = true;
            }
        }
        return attempt;
    }

    private static @Nullable Tensor output(Wrong wrong, Tensor right) {
        Device device = right.device();
        return switch (wrong) {
            case OUTPUT_SHAPE ->
                Tensor.empty(device, right.dtype(), Shape.of(join(right.shape().dims(), 2)));
            case OUTPUT_DTYPE ->
                Tensor.empty(device, right.dtype() == DType.INT32 ? DType.INT64 : DType.INT32, right.shape());
            case OUTPUT_DEVICE ->
                Tensor.empty(
                        Device.of(device.name().equals("reference") ? "cpu" : "reference"),
                        right.dtype(),
                        right.shape());
            default -> {
                Tensor closed = Tensor.empty(device, right.dtype(), right.shape());
                closed.close();
                yield closed;
            }
        };
    }

    private static long[] join(long[] dims, long last) {
        long[] more = Arrays.copyOf(dims, dims.length + 1);
        more[dims.length] = last;
        return more;
    }

    /** A tensor of another shape or type with elements of the case's input, again and again. */
    private static Tensor like(OpCase test, Device device, int which, DType dtype, Shape shape) {
        double[] elements = Elements.doubles(test.array(which));
        double[] values = new double[Math.toIntExact(shape.size())];
        Arrays.setAll(values, i -> elements.length == 0 ? 0 : elements[i % elements.length]);
        return Tensor.of(device, Elements.ofType(dtype, values), shape);
    }

    /** Makes the call. An exception must say what is wrong; without one the reference must agree. */
    private static boolean isRefused(Attempt attempt) {
        Object result;
        try {
            result = compute(attempt);
        } catch (IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
            String message = String.valueOf(e.getMessage());
            boolean named = attempt.upstream != null
                    ? message.startsWith("backward: ")
                    : message.startsWith(attempt.test.op().name() + ":");
            assertTrue(named, () -> attempt + ": the message does not name the op: " + e);
            return true;
        } catch (RuntimeException | Error e) {
            return fail(attempt + ": " + e, e);
        }
        if (attempt.surely) {
            fail(attempt + ": accepted");
        }
        if (attempt.device.name().equals("reference")) {
            return false;
        }
        agrees(attempt, result);
        return false;
    }

    private static Object compute(Attempt attempt) {
        if (attempt.upstream != null) {
            Autograd.backward(java.util.Objects.requireNonNull(attempt.output), attempt.upstream);
            return attempt;
        }
        Tensor[] inputs = attempt.inputs.toArray(Tensor[]::new);
        Tensor output = attempt.output;
        Tensor result = output == null
                ? attempt.test.op().apply(inputs)
                : attempt.test.op().applyInto(output, inputs);
        return result.toArray(); // waits for the device
    }

    /** What was accepted is what the reference computes. */
    private static void agrees(Attempt attempt, Object found) {
        Device reference = Devices.reference();
        Tensor[] inputs =
                attempt.inputs.stream().map(input -> input.to(reference)).toArray(Tensor[]::new);
        double[] right;
        try {
            right = Elements.doubles(attempt.test.op().apply(inputs).toArray());
        } catch (RuntimeException e) {
            fail(attempt + ": accepted, unlike by reference: " + e, e);
            return;
        }
        double[] result = Elements.doubles(found);
        assertTrue(right.length == result.length, () -> attempt + ": accepted, with another shape than on reference");
        double largest = Arrays.stream(right)
                .map(Math::abs)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        for (int i = 0; i < right.length; i++) {
            boolean near = Double.compare(right[i], result[i]) == 0
                    || Math.abs(right[i] - result[i]) <= 1e-4 * Math.max(largest, 1);
            int place = i;
            assertTrue(
                    near,
                    () -> attempt + ": accepted, " + result[place] + " at " + place + " instead of " + right[place]);
        }
    }
}
