package org.nautile.bench.works;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.MatmulPrecision;
import org.nautile.Scope;
import org.nautile.Tensor;
import org.nautile.Threads;

/** A device in this process. The inputs of a work stay for the next measurement of the same work. */
final class LocalLane implements Lane {
    private final Device device;
    private @Nullable Scope scope;
    private @Nullable Work prepared;
    private @Nullable Job job;

    /** Opens the device; throws {@link org.nautile.DeviceException} if it cannot be used. */
    LocalLane(String device) {
        this.device = Device.of(device);
    }

    @Override
    public String peer() {
        return Measurement.OURS + device.name();
    }

    @Override
    public Measurement measure(Work work, int threads, Timing timing) {
        Threads.set(threads);
        MatmulPrecision before = MatmulPrecision.current();
        try {
            MatmulPrecision.set(work.precision());
            Job ready = prepare(work);
            return Measurement.of(peer(), work, threads, timing.measure(ready.run(), device.backend()::synchronize));
        } catch (RuntimeException | OutOfMemoryError e) {
            close();
            return Measurement.failed(peer(), work, threads, reason(e), e instanceof UnsupportedOperationException);
        } finally {
            MatmulPrecision.set(before);
        }
    }

    private static String reason(Throwable e) {
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
        Job made = kind.prepare(work, new Inputs(device));
        job = made;
        Runnable check = made.check();
        if (check != null) {
            check.run();
        } else if (!device.name().equals("reference")) {
            compare(work, kind, made);
        }
        prepared = work;
        return made;
    }

    private static void compare(Work work, Kinds.Kind kind, Job made) {
        try (Scope results = new Scope()) {
            Job reference = kind.prepare(work, new Inputs(Device.of("reference")));
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
