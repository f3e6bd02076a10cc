package org.nautile.models.profile;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Phase;
import org.nautile.backend.Backend;
import org.nautile.backend.KernelObserver;
import org.nautile.backend.KernelType;
import org.nautile.optim.EpochResult;
import org.nautile.optim.TrainerListener;

/**
 * Measures some steps of a training: each kernel, and the phases between which the step divides. The steps must run op by op
 * ({@link org.nautile.optim.Trainer.Builder#opByOpWhile}); the device is waited for before and after each kernel, so that times
 * include the launch and the wait. Before and after those steps nothing is measured but how long the later steps take.
 */
public final class Profiler implements TrainerListener, AutoCloseable {
    private static final int WARM_UP = 5; // steps, at least: optimizers make their state
    private static final long WARM_UP_NANOS = 1_000_000_000; // at least: Java compiles what runs often
    private static final int UNTIL_RECORDED = 4; // later steps, of which one is recorded

    private final Device device;
    private final int wanted;
    private final List<KernelRun> kernels = Collections.synchronizedList(new ArrayList<>());
    private final List<PhaseTime> phases = Collections.synchronizedList(new ArrayList<>());
    private final List<PhaseTime> steps = new ArrayList<>();
    private final Map<List<@Nullable Object>, Traits> known = new ConcurrentHashMap<>();
    private final ThreadLocal<Boolean> inside = ThreadLocal.withInitial(() -> false);
    private final Thread trains = Thread.currentThread();
    private int leastWarmUp;
    private long mostWarmUp;
    private int warmUp; // steps that it took
    private long begun;
    private int done;
    private int batches;
    private long all;
    private boolean observing;
    private volatile boolean keeping;
    private long stepStart;
    private boolean stepOpen; // it has taken its batch
    private long later; // when the last step was done that was not profiled; 0 if the epoch has just begun
    private final List<Double> laterSeconds = new ArrayList<>();

    /**
     * A profiler for the calling thread.
     *
     * @param device what is observed
     * @param steps the number of steps that are profiled, {@code >= 1}
     */
    public Profiler(Device device, int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException(steps + " steps; at least 1 is needed");
        }
        this.device = device;
        this.wanted = steps;
    }

    /**
     * Whether the step that comes next is observed, and must run op by op.
     *
     * @return true until the last step of the profile is done
     */
    public boolean observing() {
        return observing;
    }

    @Override
    public void started(int epochs, int batchCount) {
        batches = batchCount;
        all = (long) epochs * batchCount;
        prepare(all);
    }

    @Override
    public void resumed(List<EpochResult> results) {
        prepare(all - (long) results.size() * batches);
    }

    /**
     * Begins: observes the device, and keeps nothing yet.
     *
     * @param count the steps that there will be; of a few, half are the warm-up
     */
    public void prepare(long count) {
        leastWarmUp = (int) Math.min(WARM_UP, count / 2);
        mostWarmUp = Math.max(leastWarmUp, count - wanted);
        begun = System.nanoTime();
        observing = true;
        device.backend().observe(this::call);
        Phase.watch(this::ended);
        keeping = leastWarmUp == 0;
        stepStart = System.nanoTime();
    }

    @Override
    public void batchDone(int epoch, int batch, double loss) {
        stepDone();
    }

    /** A step is done. */
    public void stepDone() {
        long now = System.nanoTime();
        done++;
        if (keeping) {
            steps.add(new PhaseTime("step " + done, trains, stepStart, now));
        } else if (!observing) {
            afterwards(now);
        }
        if (steps.size() == wanted) {
            stop();
        } else if (observing && !keeping) {
            warmUp = done;
            keeping = done >= leastWarmUp && (now - begun >= WARM_UP_NANOS || done >= mostWarmUp);
        }
        stepOpen = false;
        stepStart = System.nanoTime();
    }

    /** What comes after the profile: how long steps take when nobody looks. */
    private void afterwards(long now) {
        if (done > warmUp + wanted + UNTIL_RECORDED && later != 0 && laterSeconds.size() < wanted) {
            laterSeconds.add(1e-9 * (now - later));
        }
        later = now;
    }

    @Override
    public void epochDone(EpochResult result) {
        later = 0; // what follows is no step
    }

    @Override
    public void finished(List<EpochResult> results) {
        stop();
    }

    private void stop() {
        keeping = false;
        if (observing) {
            observing = false;
            device.backend().observe(null);
            Phase.watch(null);
        }
    }

    /** Ends the profile, if it has not ended. */
    @Override
    public void close() {
        stop();
    }

    /**
     * What was measured.
     *
     * @return null if no step was done after the warm-up
     */
    public @Nullable Profile profile() {
        return steps.isEmpty()
                ? null
                : new Profile(
                        List.copyOf(steps),
                        List.copyOf(kernels),
                        List.copyOf(phases),
                        warmUp,
                        laterSeconds.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** The {@link KernelObserver}. */
    private void call(KernelType<?> type, String method, @Nullable Object[] arguments, Runnable kernel) {
        if (inside.get()) {
            kernel.run(); // called by another kernel, whose time it is
            return;
        }
        inside.set(true);
        try {
            observed(type, method, arguments, kernel);
        } finally {
            inside.set(false);
        }
    }

    private void observed(KernelType<?> type, String method, @Nullable Object[] arguments, Runnable kernel) {
        long entered = System.nanoTime();
        Backend backend = device.backend();
        long[] times = new long[2];
        Runnable timed = () -> {
            backend.synchronize();
            times[0] = System.nanoTime();
            kernel.run();
            backend.synchronize();
            times[1] = System.nanoTime();
        };
        List<@Nullable Object> signature = Traits.signature(type, method, arguments);
        Traits traits = known.get(signature);
        if (traits == null) {
            traits = Traits.of(type, method, arguments, backend, timed);
            known.put(signature, traits);
        } else {
            timed.run();
        }
        if (keeping) {
            long memory = backend.memoryUsed();
            long overhead = System.nanoTime() - times[1] + times[0] - entered;
            kernels.add(KernelRun.of(traits, times[0], times[1], memory, overhead));
        }
    }

    /** The {@link Phase.Watcher}. */
    private void ended(Phase phase, long start, long end) {
        Thread here = Thread.currentThread();
        if (!keeping || inside.get()) { // a kernel in Java copies on its own account
            return;
        }
        if (phase == Phase.FORWARD) { // which the profile finds, also where a model's own step does not show it
            return;
        }
        phases.add(new PhaseTime(phase.label(), here, start, end));
        if (here == trains && phase == Phase.DATA && !stepOpen) {
            stepStart = start; // and not what an epoch begins with
            stepOpen = true;
        } else if (here == trains && phase == Phase.EVALUATION) {
            stepOpen = false; // it was the measurement that took a batch
        }
    }
}
