package org.nautile.backend.abi;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.nautile.Plan;
import org.nautile.Tensor;
import org.nautile.backend.Recording;
import org.nautile.jni.Ntl;

/** A plan of the C ABI. */
final class NativeRecording implements Recording {
    private static final String FUSE = "nautile.plan.fuse";
    private static final AtomicInteger OPEN = new AtomicInteger();

    private final boolean fuse = fuses();
    private final NativeBackend backend;
    private final long plan;
    private final long context;
    private boolean recording = true;
    private boolean closed;

    NativeRecording(NativeBackend backend) {
        this.backend = backend;
        this.plan = Ntl.ntl_plan_begin(backend.context());
        if (plan == 0) {
            throw new IllegalStateException(NativeBackend.lastError());
        }
        this.context = Ntl.ntl_plan_context(plan);
        OPEN.incrementAndGet();
    }

    /** Whether any thread is recording: spares the others looking for what they record. */
    static boolean open() {
        return OPEN.get() != 0;
    }

    NativeBackend backend() {
        return backend;
    }

    /** Where tensors are allocated meanwhile. */
    long context() {
        return context;
    }

    @Override
    public void constant(Tensor tensor) {
        long extent = tensor.size() == 0 ? 0 : 1;
        for (int axis = 0; axis < tensor.shape().rank() && extent > 0; axis++) {
            extent += (tensor.shape().dim(axis) - 1) * tensor.stride(axis);
        }
        NativeBackend.check(Ntl.ntl_plan_constant(
                plan, tensor.address(), extent * tensor.dtype().bytes()));
    }

    @Override
    public void end(boolean keep) {
        recording = false;
        OPEN.decrementAndGet();
        NativeBackend.recorded();
        NativeBackend.check(Ntl.ntl_plan_end(plan, keep ? 1 : 0, fuse ? 1 : 0));
    }

    private static boolean fuses() {
        String value = System.getProperty(FUSE, "on");
        if (!value.equals("on") && !value.equals("off")) {
            throw new IllegalArgumentException(FUSE + " is " + value + ", not on or off");
        }
        return value.equals("on");
    }

    @Override
    public void run() {
        if (recording || closed) {
            throw new IllegalStateException(closed ? "the plan is closed" : "the plan is still being recorded");
        }
        NativeBackend.check(Ntl.ntl_plan_run(plan));
    }

    @Override
    public long calls() {
        return closed ? 0 : Ntl.ntl_plan_calls(plan);
    }

    @Override
    public long bytes() {
        return closed ? 0 : Ntl.ntl_plan_bytes(plan);
    }

    @Override
    public void measure(boolean on) {
        if (!closed) {
            Ntl.ntl_plan_measure(plan, on ? 1 : 0);
        }
    }

    @Override
    public List<Plan.Part> parts() {
        return closed
                ? List.of()
                : Ntl.ntl_plan_explain(plan)
                        .getString()
                        .lines()
                        .map(NativeRecording::part)
                        .toList();
    }

    private static Plan.Part part(String line) {
        String[] fields = line.split("\t", -1);
        return new Plan.Part(
                fields[0],
                Long.parseLong(fields[1]),
                Long.parseLong(fields[2]),
                fields[3].equals("1"),
                Long.parseLong(fields[4]) / 1e9,
                Long.parseLong(fields[5]),
                fields[6]);
    }

    @Override
    public void close() {
        if (recording) {
            end(false);
        }
        if (!closed) {
            closed = true;
            Ntl.ntl_plan_close(plan);
        }
    }
}
