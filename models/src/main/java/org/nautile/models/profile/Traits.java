package org.nautile.models.profile;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nautile.Plan;
import org.nautile.Tensor;
import org.nautile.backend.Backend;
import org.nautile.backend.KernelType;
import org.nautile.backend.RandomBitsKernel;
import org.nautile.backend.Recording;

/**
 * What is the same in all calls of a kernel with the same shapes and settings.
 *
 * @param op the op and its function
 * @param direction forward, backward or step
 * @param shapes of the tensors
 * @param bytes the least that it reads and writes
 * @param algorithm how it computes; empty where there is no choice
 * @param flops floating-point operations; 0 where they do not matter
 */
record Traits(String op, String direction, String shapes, long bytes, String algorithm, double flops) {
    /** Runs a kernel that is seen for the first time; a plan of that run would know how it computes. */
    static Traits of(
            KernelType<?> type, String method, @Nullable Object[] arguments, Backend backend, Runnable kernel) {
        List<Plan.Part> parts = parts(type, backend, kernel);
        return new Traits(
                name(type, arguments),
                method,
                shapes(arguments),
                bytes(type, method, arguments),
                parts.stream()
                        .map(part -> once(part.algorithm()))
                        .filter(algorithm -> !algorithm.isEmpty())
                        .distinct()
                        .collect(Collectors.joining(", ")),
                parts.stream().mapToDouble(Plan.Part::flops).sum());
    }

    /** Of several results that are computed in one way, that way. */
    private static String once(String algorithm) {
        String half = algorithm.substring(0, Math.max(0, algorithm.length() / 2 - 1));
        return algorithm.equals(half + ", " + half) ? half : algorithm;
    }

    private static List<Plan.Part> parts(KernelType<?> type, Backend backend, Runnable kernel) {
        // Random bits refuse to be recorded; in a recording that is under way, there can be no other.
        Recording recording = type == RandomBitsKernel.TYPE || Plan.recording() ? null : backend.record();
        if (recording == null) {
            kernel.run();
            return List.of();
        }
        try (recording) {
            kernel.run();
            return recording.parts();
        }
    }

    /** An op's name, and that of its function where it has several. */
    private static String name(KernelType<?> type, @Nullable Object... arguments) {
        StringBuilder name = new StringBuilder(type.op());
        for (Object argument : arguments) {
            if (argument instanceof Enum<?> choice && choice.getDeclaringClass().getEnclosingClass() == type.type()) {
                name.append(' ').append(choice.name().toLowerCase(Locale.ROOT));
            }
        }
        return name.toString();
    }

    /** All that the time of a call depends on, but for the values in the tensors. */
    static List<@Nullable Object> signature(KernelType<?> type, String method, @Nullable Object[] arguments) {
        List<@Nullable Object> signature = new ArrayList<>(2 * arguments.length);
        signature.add(type);
        signature.add(method);
        for (Object argument : flat(arguments)) {
            if (argument instanceof Tensor tensor) {
                signature.add(tensor.shape());
                signature.add(tensor.isContiguous());
            } else {
                signature.add(argument instanceof boolean[] flags ? Arrays.toString(flags) : argument);
            }
        }
        return signature;
    }

    private static String shapes(@Nullable Object... arguments) {
        return flat(arguments).stream()
                .filter(Tensor.class::isInstance)
                .map(tensor -> ((Tensor) tensor).shape().toString())
                .collect(Collectors.joining(" "));
    }

    /**
     * The least that a kernel reads and writes: each tensor once; in an optimizer's step, where all but the gradient are read and
     * written, twice. Of a table, only the rows that are looked up.
     */
    private static long bytes(KernelType<?> type, String method, @Nullable Object... arguments) {
        List<@Nullable Object> flat = flat(arguments);
        boolean lookup = method.equals("forward")
                && (type.op().equals("embedding") || type.op().equals("gather"));
        long sum = 0;
        for (int i = 0; i < flat.size(); i++) {
            if (flat.get(i) instanceof Tensor tensor) {
                boolean twice = lookup ? i == 2 : method.equals("step") && i != 1;
                long times = lookup && i == 0 ? 0 : twice ? 2 : 1;
                long elements = Math.min(tensor.size(), tensor.storage().size()); // fewer where one is repeated
                sum += times * elements * tensor.dtype().bytes();
            }
        }
        return sum;
    }

    /** Arguments, with the components of those that are records in their place. */
    private static List<@Nullable Object> flat(@Nullable Object... arguments) {
        List<@Nullable Object> flat = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof Record group) {
                for (RecordComponent component : group.getClass().getRecordComponents()) {
                    flat.add(value(group, component));
                }
            } else {
                flat.add(argument);
            }
        }
        return flat;
    }

    private static @Nullable Object value(Record group, RecordComponent component) {
        try {
            return component.getAccessor().invoke(group);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }
}
