package org.nautile.bench.works;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.nautile.Shape;
import org.nautile.Storage;
import org.nautile.Tensor;
import org.nautile.backend.LossReduction;

/**
 * A call of a kernel that a step makes.
 *
 * @param op the op's name in native/ops.def
 * @param direction {@code "forward"}, {@code "backward"} or, of an optimizer, {@code "step"}
 * @param arguments what it was given: {@link Region} for a tensor, null for one that was left out, other values as they were
 * @param site who called
 * @param first the place of its first kernel in the recorded step
 * @param count how many kernels of the recorded step it is, one in nearly all cases; 0 where nothing is recorded
 */
record KernelCall(String op, String direction, List<@Nullable Object> arguments, Site site, int first, int count) {

    /**
     * The memory of a tensor.
     *
     * @param storage where it lies
     * @param offset its first element
     * @param shape its shape
     * @param innermost the stride of the last axis of more than one element, elements; 0 where it is broadcast
     * @param dense whether its elements lie side by side, in whatever order
     * @param width bytes of an element
     */
    record Region(Storage storage, long offset, Shape shape, long innermost, boolean dense, int width) {
        static Region of(Tensor tensor) {
            long innermost = 1;
            for (int axis = tensor.shape().rank() - 1; axis >= 0; axis--) {
                if (tensor.shape().dim(axis) > 1) {
                    innermost = tensor.stride(axis);
                    break;
                }
            }
            return new Region(
                    tensor.storage(),
                    tensor.offset(),
                    tensor.shape(),
                    innermost,
                    tensor.isDense(),
                    tensor.dtype().bytes());
        }

        double bytes() {
            return (double) shape.size() * width;
        }

        /** Whether the other, which may be a part, begins in this memory. */
        boolean holds(Region other) {
            return storage == other.storage && offset <= other.offset && other.offset < offset + shape.size();
        }

        boolean sharesMemoryWith(Region other) {
            return storage == other.storage && offset == other.offset;
        }
    }

    /**
     * Where in a program a kernel is called.
     *
     * @param part of the step
     * @param op the class of the op that calls, or an empty text
     * @param opsBefore how many ops had had their forward pass
     */
    record Site(Part part, String op, int opsBefore) {}

    /** A part of a training step. */
    enum Part {
        /** The outputs of layers, and the loss. */
        FORWARD,
        /** The gradients. */
        BACKWARD,
        /** The new weights. */
        OPTIMIZER
    }

    /** What is computed: the function, of an op that has several, or the op. */
    String function() {
        for (Object argument : arguments) {
            if (argument instanceof Enum<?> constant && !(constant instanceof LossReduction)) {
                return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            }
        }
        return op;
    }

    /** The tensors, each once. */
    List<Region> regions() {
        List<Region> regions = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof Region region && regions.stream().noneMatch(region::sharesMemoryWith)) {
                regions.add(region);
            }
        }
        return regions;
    }

    /** A tensor, by its place among the arguments; null if it was left out. */
    @Nullable
    Region region(int place) {
        return (Region) arguments.get(place);
    }

    /** The shape of a tensor that must be there. */
    Shape shape(int place) {
        Region region = region(place);
        if (region == null) {
            throw new IllegalStateException(op + " " + direction + " without argument " + place);
        }
        return region.shape();
    }

    boolean has(int place) {
        return arguments.get(place) != null;
    }

    /** Arguments as they are kept: records of tensors become their tensors. */
    static List<@Nullable Object> flattened(@Nullable Object... given) {
        List<@Nullable Object> flat = new ArrayList<>();
        for (Object argument : given) {
            if (argument instanceof Tensor tensor) {
                flat.add(Region.of(tensor));
            } else if (argument != null && isOfTensors(argument.getClass())) {
                for (var component : argument.getClass().getRecordComponents()) {
                    try {
                        flat.addAll(flattened(component.getAccessor().invoke(argument)));
                    } catch (IllegalAccessException | InvocationTargetException e) {
                        throw new LinkageError(argument.getClass() + " hides " + component.getName(), e);
                    }
                }
            } else {
                flat.add(argument);
            }
        }
        return flat;
    }

    private static boolean isOfTensors(Class<?> type) {
        if (!type.isRecord()) {
            return false;
        }
        for (var component : type.getRecordComponents()) {
            if (component.getType() == Tensor.class) {
                return true;
            }
        }
        return false;
    }
}
