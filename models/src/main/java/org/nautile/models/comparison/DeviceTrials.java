package org.nautile.models.comparison;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.Phase;
import org.nautile.models.Model;
import org.nautile.optim.Trainer;

/**
 * Trains a model on one device after the other, from the same seed with the same batches. Each device trains twice: with recorded
 * steps, as {@code nautile train} does, whose losses are kept and which are timed as a whole; and op by op, waiting for the device
 * after each part of a step, which is slower and shows what takes how long.
 */
public final class DeviceTrials {
    private static final double WARM_UP = 2; // times the budget, in which the virtual machine compiles
    private static final int TIMED_PARTS = 3; // steps, at least
    private static final int NAIVE_STEPS = 20;
    private static final double LONG = 60; // seconds that are announced
    private static final int TYPICAL = 4; // the step that tells how long others take; the first two take longer

    private final Model model;
    private final Function<Device, FirstSteps.Settings> settings;
    private final int steps;
    private final double budget;
    private final boolean naive;
    private final Consumer<String> announcement;
    private volatile @Nullable FirstSteps running;
    private volatile boolean stopped;

    /**
     * Trials.
     *
     * @param model with its options as they are set
     * @param settings what is trained how on a device
     * @param steps whose losses are compared
     * @param budget seconds of steps that are timed, at least
     * @param naive whether to time as one should not, too
     * @param announcement is told when a device will take long
     */
    public DeviceTrials(
            Model model,
            Function<Device, FirstSteps.Settings> settings,
            int steps,
            double budget,
            boolean naive,
            Consumer<String> announcement) {
        this.model = model;
        this.settings = settings;
        this.steps = steps;
        this.budget = budget;
        this.naive = naive;
        this.announcement = announcement;
    }

    /**
     * Trains on a device.
     *
     * @param device where; it is the default device meanwhile
     * @return what came of it; null if it was {@linkplain #stop stopped}, or the model trains nothing
     * @throws IOException if data cannot be read
     */
    public @Nullable DeviceTrial on(Device device) throws IOException {
        Device before = Device.defaultDevice();
        Device.setDefault(device);
        try {
            return trial(device);
        } finally {
            Device.setDefault(before);
        }
    }

    private @Nullable DeviceTrial trial(Device device) throws IOException {
        HostMemory.forgetPeak();
        Runnable barrier = device.backend()::synchronize;
        StepClock careless = new StepClock(() -> {}, 0, 0);
        if (naive) {
            train(device, careless, false, taken -> taken >= Math.min(steps, NAIVE_STEPS));
        }
        StepClock whole = new StepClock(() -> {}, steps / 4, WARM_UP * budget); // reading the loss waits for the device
        boolean[] told = {false};
        FirstSteps recorded = train(device, whole, true, taken -> {
            double left = whole.lastStep() * (steps - taken);
            if (!told[0] && taken >= TYPICAL && left > LONG) {
                told[0] = true;
                announcement.accept(String.format(
                        Locale.ROOT,
                        "%s: %.2g s a step, so that %d steps take about %.0f minutes; --steps N takes fewer, --devices"
                                + " others",
                        device,
                        whole.lastStep(),
                        steps,
                        Math.ceil(whole.lastStep() * steps / 60)));
            }
            return taken >= steps && whole.timedSeconds() >= budget;
        });
        long devicePeak = device.backend().peakBytes();
        long hostPeak = HostMemory.peak();
        if (recorded.losses().length < steps) {
            return null;
        }
        StepClock parts = new StepClock(barrier, 2, WARM_UP * budget / 4);
        train(
                device,
                parts,
                false,
                taken -> parts.timed().steps().size() >= TIMED_PARTS && parts.timedSeconds() >= budget);
        if (stopped) {
            return null;
        }
        return new DeviceTrial(
                device,
                recorded.source(),
                recorded.parameters(),
                recorded.batch(),
                Arrays.copyOf(recorded.losses(), steps),
                whole.timed(),
                parts.timed(),
                naive ? careless.all() : null,
                whole.kernels(),
                LaunchCost.seconds(device),
                devicePeak,
                hostPeak);
    }

    private FirstSteps train(Device device, StepClock clock, boolean recorded, IntPredicate enough) throws IOException {
        Consumer<Trainer.Builder> extra = trainer -> trainer.recorded(recorded).listener(clock);
        FirstSteps run = new FirstSteps(settings.apply(device), enough, extra);
        running = run;
        if (!recorded) {
            Phase.watch(clock);
        }
        try {
            if (!stopped) {
                model.train(run);
            }
        } finally {
            Phase.watch(null);
        }
        return run;
    }

    /** Ends the trials after the step that is running; may be called from any thread. */
    public void stop() {
        stopped = true;
        FirstSteps run = running;
        if (run != null) {
            run.stop();
        }
    }

    /**
     * Whether {@link #stop} was called.
     *
     * @return true if so
     */
    public boolean stopped() {
        return stopped;
    }
}
