package org.nautile.bench.works;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nautile.DType;
import org.nautile.Device;
import org.nautile.MatmulPrecision;
import org.nautile.Plan;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.Threads;

/** A device in this process. The inputs of a work stay for the next measurement of the same work. */
final class LocalLane implements Lane {
    /** What is added to the name of a lane whose ops are plans. */
    static final String RECORDED = "-recorded";

    private final Device device;
    private final Device judge;
    private final boolean recorded;
    private @Nullable Scope scope;
    private @Nullable Work prepared;
    private @Nullable Job job;
    private @Nullable Plan plan;

    /**
     * Opens the device; throws {@link org.nautile.DeviceException} if it cannot be used.
     *
     * @param judge the device with whose results its results are compared
     * @param recorded whether an op is timed as a plan of it alone
     */
    LocalLane(String device, String judge, boolean recorded) {
        this.device = Device.of(device);
        this.judge = Device.of(judge);
        this.recorded = recorded;
    }

    @Override
    public String peer() {
        return Measurement.OURS + device.name() + (recorded ? RECORDED : "");
    }

    @Override
    public Measurement measure(Work work, int threads, Timing timing) {
        Threads.set(threads);
        MatmulPrecision before = MatmulPrecision.current();
        try {
            MatmulPrecision.set(work.precision());
            Job ready = prepare(work);
            Runnable call = plan == null ? ready.run() : plan::run;
            return Measurement.of(peer(), work, threads, timing.measure(call, device.backend()::synchronize));
        } catch (RuntimeException | OutOfMemoryError e) {
            close();
            return Measurement.failed(peer(), work, threads, reason(e), e instanceof UnsupportedOperationException);
        } finally {
            MatmulPrecision.set(before);
        }
    }

    static String reason(Throwable e) {
        if (e instanceof OutOfMemoryError) {
            return "out of memory: " + e.getMessage();
        }
        boolean told = e instanceof Comparison.Mismatch
                || e instanceof IllegalArgumentException
                || e instanceof UnsupportedOperationException;
        return told && e.getMessage() != null ? e.getMessage() : e.toString();
    }

    /** Makes the inputs and checks the result. */
    private Job prepare(Work work) {
        if (work.equals(prepared)) {
            return Objects.requireNonNull(job);
        }
        close();
        scope = new Scope();
        Kinds.Kind kind = Objects.requireNonNull(Kinds.of(work.kind()));
        Inputs inputs = new Inputs(device, judge);
        Job made = kind.prepare(work, inputs);
        job = made;
        Runnable check = made.check();
        if (check != null) {
            check.run();
        } else if (!device.equals(judge)) {
            compare(work, kind, inputs, made);
        }
        if (recorded && !kind.op().isEmpty()) { // steps of networks are plans anyway
            plan = Plan.record(device, () -> {
                made.run().run();
                return Tensor.empty(device, DType.FLOAT32, Shape.of()); // the result, which nobody looks at
            });
        }
        prepared = work;
        return made;
    }

    private static void compare(Work work, Kinds.Kind kind, Inputs inputs, Job made) {
        try (Scope results = new Scope()) {
            Job reference = kind.prepare(work, inputs.judges());
            try {
                List<Tensor> expected = reference.results().get();
                List<Tensor> found = made.results().get();
                if (expected.size() != found.size()) {
                    throw new Comparison.Mismatch(work.name() + ": " + found.size() + " results instead of "
                            + expected.size() + ", not timed");
                }
                for (int i = 0; i < expected.size(); i++) {
                    Comparison.requireClose(work.name(), expected.get(i), found.get(i));
                }
            } finally {
                reference.close().run();
            }
        }
    }

    /** Frees the inputs. */
    @Override
    public void close() {
        if (plan != null) {
            plan.close();
        }
        plan = null;
        if (job != null) {
            job.close().run();
        }
        job = null;
        prepared = null;
        if (scope != null) {
            scope.close();
            scope = null;
        }
    }
}
