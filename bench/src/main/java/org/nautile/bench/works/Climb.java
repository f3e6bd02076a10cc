package org.nautile.bench.works;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.MatmulPrecision;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.Threads;
import org.nautile.backend.Ladder;
import org.nautile.backend.Peaks;

/**
 * Measures the rungs of a ladder, and after them the library's kernel. Each is compared with {@code reference} on a small problem of
 * odd sizes, and with the library on the one that is timed; what is wrong has no speed.
 */
final class Climb {
    private static final double LONGEST_CALL = 10; // seconds; a rung is called six times or so
    private static final double FORETOLD = 2e8; // operations: of more, a smaller problem tells if they take too long

    private final Ladder ladder;
    private final Device device;
    private final LadderProblem.Scale scale;
    private final Timing timing;

    /**
     * What came of a rung.
     *
     * @param title what it does
     * @param rung null for the library's kernel
     * @param sample null if it was not timed
     * @param problem why not; empty if it was
     * @param failed whether that is a failure
     */
    record Step(String title, @Nullable Rung rung, Timing.@Nullable Sample sample, String problem, boolean failed) {
        /** GFLOP/s; NaN if it was not timed. */
        double gflops(LadderProblem of) {
            return sample == null ? Double.NaN : of.flops() / sample.medianSeconds() / 1e9;
        }

        /** Whether products are rounded to TF32, and so another roof holds. */
        boolean rounds() {
            return rung == null ? title.contains("TF32") : rung.rounds();
        }
    }

    Climb(Ladder ladder, Device device, LadderProblem.Scale scale, Timing timing) {
        this.ladder = ladder;
        this.device = device;
        this.scale = scale;
        this.timing = timing;
    }

    /** All steps of a problem, which belongs to the caller's scope; each is told when it is done. */
    List<Step> steps(LadderProblem problem, int size, List<Rung> rungs, Consumer<Step> done) {
        List<Step> steps = new ArrayList<>();
        Tensor expected = problem.library().apply(problem.arguments());
        for (Rung rung : rungs) {
            if (!rung.threaded() || Threads.count() > 1) {
                steps.add(step(rung, problem, size, expected));
                done.accept(steps.get(steps.size() - 1));
            }
        }
        steps.add(library(problem, MatmulPrecision.HIGHEST, "Nautile's kernel"));
        done.accept(steps.get(steps.size() - 1));
        if (rungs.stream().anyMatch(Rung::rounds)) {
            steps.add(library(problem, MatmulPrecision.HIGH, "Nautile's kernel, TF32"));
            done.accept(steps.get(steps.size() - 1));
        }
        return steps;
    }

    private Step step(Rung rung, LadderProblem problem, int size, Tensor expected) {
        MatmulPrecision before = MatmulPrecision.current();
        try (Scope scope = new Scope()) {
            MatmulPrecision.set(rung.rounds() ? MatmulPrecision.HIGH : MatmulPrecision.HIGHEST); // the tolerance's
            requireRight(rung);
            if (problem.flops() > FORETOLD && seconds(rung, problem, size) > LONGEST_CALL) {
                String reason = "not run: a call would take more than " + (int) LONGEST_CALL + " s";
                return new Step(rung.title(), rung, null, reason, false);
            }
            Tensor y = output(problem);
            Runnable call = () -> ladder.run(rung.function(), problem.inputs(), y, problem.sizes());
            call.run();
            Comparison.requireClose(rung.function(), expected, y);
            return new Step(rung.title(), rung, timing.measure(call, device.backend()::synchronize), "", false);
        } catch (RuntimeException | OutOfMemoryError e) {
            return new Step(rung.title(), rung, null, LocalLane.reason(e), true);
        } finally {
            MatmulPrecision.set(before);
        }
    }

    private Step library(LadderProblem problem, MatmulPrecision precision, String title) {
        MatmulPrecision before = MatmulPrecision.current();
        try (Scope scope = new Scope()) {
            MatmulPrecision.set(precision);
            LadderProblem small = LadderProblem.odd(problem.op(), new Inputs(device));
            Comparison.requireClose(
                    title, reference(problem.op()), small.library().apply(small.arguments()));
            Tensor y = problem.library().apply(problem.arguments());
            Runnable call = () -> problem.library().applyInto(y, problem.arguments());
            return new Step(title, null, timing.measure(call, device.backend()::synchronize), "", false);
        } catch (RuntimeException | OutOfMemoryError e) {
            return new Step(title, null, null, LocalLane.reason(e), true);
        } finally {
            MatmulPrecision.set(before);
        }
    }

    /** Throws unless a rung computes what the reference does. */
    void requireRight(Rung rung) {
        String op = rung.function().substring(0, rung.function().indexOf('_'));
        LadderProblem small = LadderProblem.odd(op, new Inputs(device));
        Tensor y = output(small);
        ladder.run(rung.function(), small.inputs(), y, small.sizes());
        Comparison.requireClose(rung.function(), reference(op), y);
    }

    private static Tensor reference(String op) {
        LadderProblem small = LadderProblem.odd(op, new Inputs(Device.of("reference")));
        return small.library().apply(small.arguments());
    }

    /** NaN, so that what a rung does not write is seen. */
    private Tensor output(LadderProblem problem) {
        return Tensor.full(device, DType.FLOAT32, problem.shape(), Double.NaN);
    }

    /** At least so long does a call take, from the speed on a problem of a quarter of the size. */
    private double seconds(Rung rung, LadderProblem problem, int size) {
        LadderProblem small = LadderProblem.of(problem.op(), new Inputs(device), Math.max(1, size / 4), scale);
        Tensor y = output(small);
        double seconds = 0;
        for (int i = 0; i < 2; i++) { // the first call is a warm-up
            device.backend().synchronize();
            long start = System.nanoTime();
            ladder.run(rung.function(), small.inputs(), y, small.sizes());
            device.backend().synchronize();
            seconds = (System.nanoTime() - start) / 1e9;
        }
        return seconds / small.flops() * problem.flops();
    }

    /** What a GPU can do at best: float32, and the tensor cores with TF32, in GFLOP/s; the memory, in GB/s. */
    record GpuRoof(double gflops, double tensorGflops, double gbps) {
        Roof roof() {
            return new Roof(gflops, List.of(new Roof.Level("memory", Long.MAX_VALUE, Map.of(Peaks.Stream.READ, gbps))));
        }
    }

    GpuRoof gpuRoof() {
        try (Scope scope = new Scope()) {
            int threads = 1 << 19; // of each processor of a large GPU, some 4000
            int rounds = 2000;
            int floats = 1 << 28; // 1 GiB, which no cache holds
            Tensor x = Tensor.full(device, DType.FLOAT32, Shape.of(floats), 1);
            Tensor y = Tensor.full(device, DType.FLOAT32, Shape.of(threads), 0);
            double read = best("roof_read", x, y, floats, 4);
            double fma = best("roof_multiply_add", x, y, threads, rounds);
            double tensor = best("roof_tensor_multiply_add", x, y, threads, rounds / 4);
            return new GpuRoof(
                    threads * 16.0 * rounds / fma / 1e9, // 8 chains
                    threads / 32.0 * 8 * 2048 * (rounds / 4.0) / tensor / 1e9, // 8 tiles a warp, of 16 x 8 x 8
                    4.0 * floats * 4 / read / 1e9);
        }
    }

    private double best(String rung, Tensor x, Tensor y, long floats, long rounds) {
        return timing.measure(() -> ladder.run(rung, List.of(x), y, floats, rounds), device.backend()::synchronize)
                .minSeconds();
    }
}
