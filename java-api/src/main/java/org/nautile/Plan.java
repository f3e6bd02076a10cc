package org.nautile;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.nautile.backend.Recording;

/**
 * A step of a program that is recorded once and run again with one call: a training step, for example.
 *
 * <pre>{@code
 * Tensor x = ..., y = ...;                             // where each batch goes
 * try (Plan plan = Plan.record(device, () -> step(x, y))) {   // takes the step, too
 *     for (Batch batch : batches) {
 *         x.copyFrom(batch.x());
 *         y.copyFrom(batch.y());
 *         double loss = plan.run().item();
 *     }
 * }
 * }</pre>
 *
 * <p>What is recorded are the kernels, with their addresses, shapes and numbers: a step must do the same each time. It reads
 * and writes tensors that exist outside of it, and gives its result as a tensor; it cannot read values or make tensors from
 * arrays. Java code in it runs once. A step that draws random bits is refused, for they would be the same in every run; dropout
 * is not, for it counts on the device.
 *
 * <p>Neighbours are fused: a layer computes the activation that follows it, for example, and results between them then need no
 * memory. They keep their values; the sum of a bias gradient may be rounded otherwise. The system property {@code
 * nautile.plan.fuse=off} turns that off. Other tensors of the step share one block of memory, as far as they are used at different
 * times.
 *
 * <p>To infer with a network that is trained no more, its parameters are given as constants. Their products then read weights that
 * were packed for them once, where they would be packed in each run, for as much memory again:
 *
 * <pre>{@code
 * List<Tensor> weights = model.parameters().values().stream().map(Parameter::value).toList();
 * Plan plan = Plan.record(device, weights, () -> model.forward(x));
 * }</pre>
 *
 * <p>On the processor a plan is one parallel region instead of one per op, on a GPU one graph launch; on {@code reference},
 * whose kernels are plain Java, the step itself is run again.
 */
public final class Plan implements AutoCloseable {
    private static final ThreadLocal<@Nullable Plan> RECORDING = new ThreadLocal<>();

    private final Device device;
    private final Supplier<Tensor> step;
    private final @Nullable Recording recording;
    private final Tensor result;

    private Plan(Device device, List<Tensor> constants, Supplier<Tensor> step) {
        for (Tensor constant : constants) {
            if (!constant.device().equals(device)) {
                throw new IllegalArgumentException("the constant " + constant + " is not on " + device);
            }
        }
        this.device = device;
        this.step = step;
        this.recording = device.backend().record();
        boolean done = false;
        if (recording != null) {
            RECORDING.set(this);
        }
        try (Scope scope = new Scope()) {
            if (recording != null) {
                constants.forEach(recording::constant);
            }
            result = Scope.disown(scope.keep(step.get()));
            done = true;
        } finally {
            if (recording != null) {
                RECORDING.remove();
                end(recording, done);
            }
        }
    }

    /**
     * Whether this thread is recording a step whose Java code will not run again.
     *
     * @return false on {@code reference}, too
     */
    public static boolean recording() {
        return RECORDING.get() != null;
    }

    private static void end(Recording recording, boolean keep) {
        boolean ended = false;
        try {
            recording.end(keep);
            ended = keep;
        } finally {
            if (!ended) {
                recording.close();
            }
        }
    }

    /**
     * Runs a step and records it.
     *
     * @param device where all of it happens
     * @param step the step; gives its result, a new tensor
     * @return the plan, after one run
     * @throws IllegalStateException if the step does what cannot be recorded, or this thread is recording already
     */
    public static Plan record(Device device, Supplier<Tensor> step) {
        return record(device, List.of(), step);
    }

    /**
     * Runs a step and records it, as {@link #record(Device, Supplier)}, with constants: products with one as second factor, and
     * linear layers with one as weights, are computed as fast as if packing it took no time. Their results keep their values, but for
     * those of a single row, whose sums may be rounded otherwise. On devices other than {@code cpu} constants change nothing.
     *
     * @param device where all of it happens
     * @param constants tensors that hold what they hold now until the plan is closed; what is written to them later, later runs
     *     may or may not see
     * @param step the step; gives its result, a new tensor
     * @return the plan, after one run
     * @throws IllegalArgumentException if a constant is on another device, or the step changes it
     * @throws IllegalStateException if the step does what cannot be recorded, or this thread is recording already
     */
    public static Plan record(Device device, List<Tensor> constants, Supplier<Tensor> step) {
        return new Plan(device, constants, step);
    }

    /**
     * Runs the step again.
     *
     * @return its result: always the same tensor, which belongs to the plan
     * @throws IllegalStateException if the plan is closed
     */
    public Tensor run() {
        if (recording != null) {
            recording.run();
        } else {
            try (Scope scope = new Scope()) {
                result.copyFrom(step.get());
            }
        }
        return result;
    }

    /**
     * The result of the last run.
     *
     * @return the tensor that {@link #run} gives
     */
    public Tensor result() {
        return result;
    }

    /**
     * The number of kernels that a run runs.
     *
     * @return {@code >= 0}; 0 on {@code reference}
     */
    public long calls() {
        return recording == null ? 0 : recording.calls();
    }

    /**
     * The memory that the plan keeps.
     *
     * @return bytes
     */
    public long bytes() {
        return recording == null ? 0 : recording.bytes();
    }

    /**
     * Whether later runs measure each kernel. It costs them little. Kernels of a GPU's graph are not measured.
     *
     * @param on true to measure, and to forget what was measured before
     */
    public void measure(boolean on) {
        if (recording != null) {
            recording.measure(on);
        }
    }

    /**
     * What a run consists of.
     *
     * @return its kernels, in order; none on {@code reference}
     */
    public List<Part> parts() {
        return recording == null ? List.of() : recording.parts();
    }

    /**
     * A kernel of a plan.
     *
     * @param name the op, the direction, and the ops fused into it, for example {@code "conv2d forward + relu"}
     * @param tasks what it can be cut into
     * @param workspace scratch memory while it runs, bytes
     * @param team whether all threads run it; it is too small otherwise
     * @param seconds of a run, the mean, with the wait for the others; 0 if not {@linkplain #measure measured}
     * @param flops floating-point operations; 0 where they do not matter, as in what is bound by memory
     * @param algorithm how it computes, of each result where several are computed in several ways; empty where there is no choice
     */
    public record Part(
            String name, long tasks, long workspace, boolean team, double seconds, double flops, String algorithm) {}

    /** Frees the plan and its result. */
    @Override
    public void close() {
        result.close();
        if (recording != null) {
            recording.close();
        }
    }

    @Override
    public String toString() {
        return "plan of " + calls() + " kernels on " + device;
    }
}
