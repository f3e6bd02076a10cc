package org.nautile.models.comparison;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Generator;
import org.nautile.Phase;
import org.nautile.RestoresDefaults;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.models.MnistMlp;
import org.nautile.models.Model;
import org.nautile.models.Run;
import org.nautile.nn.Sequential;
import org.nautile.optim.Sgd;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;

/** Trials of a small model: the losses are those of a plain training, and the phases of steps end in their order. */
@ExtendWith(RestoresDefaults.class)
class DeviceTrialsTest {
    private static final int STEPS = 5;
    private static final int BATCH = 8;
    private static final ImageDataset DIGITS = Mnist.generate(1, 40).flattened();

    /** Trains so many epochs; none: nothing. */
    private record Small(boolean trains) implements Model {
        @Override
        public String name() {
            return "small";
        }

        @Override
        public String part() {
            return "";
        }

        @Override
        public String summary() {
            return "";
        }

        @Override
        public long parameters() {
            return 1;
        }

        @Override
        public Defaults defaults() {
            return new Defaults(1, BATCH, 0.1);
        }

        @Override
        public void train(Run run) throws IOException {
            try (Sequential model = MnistMlp.network(10, new Generator(run.seed(), 0))) {
                run.describe("digits", model.parameterCount());
                if (trains) {
                    run.train(
                            Trainer.of(model)
                                    .optimizer(new Sgd(model, run.learningRate()))
                                    .train(DIGITS),
                            model);
                }
            }
        }
    }

    private static DeviceTrials trials(boolean trains, boolean naive) {
        return new DeviceTrials(
                new Small(trains),
                device -> new FirstSteps.Settings(device, 1, BATCH, 0.1, 3, 40, false, null),
                STEPS,
                1e-3,
                naive,
                line -> {});
    }

    /** Tells what the trainer said. */
    private static final class Told implements TrainerListener, Phase.Watcher {
        private final List<Double> losses = new ArrayList<>();
        private final Thread trains = Thread.currentThread();
        private final List<List<Phase>> steps = new ArrayList<>();
        private List<Phase> phases = new ArrayList<>();
        private final List<Long> kernels = new ArrayList<>();

        @Override
        public void ended(Phase phase, long start, long end) {
            if (Thread.currentThread() == trains) {
                phases.add(phase);
            }
        }

        @Override
        public void stepRecorded(org.nautile.Plan plan) {
            kernels.add(plan.calls());
        }

        @Override
        public void batchDone(int epoch, int batch, double loss) {
            losses.add(loss);
            steps.add(phases);
            phases = new ArrayList<>();
        }
    }

    private static Told plainTraining(boolean recorded) {
        Device.setDefault(Devices.cpu());
        Told told = new Told();
        Phase.watch(told);
        try (Sequential model = MnistMlp.network(10, new Generator(3, 0))) {
            Trainer.of(model)
                    .optimizer(new Sgd(model, 0.1))
                    .train(DIGITS)
                    .batchSize(BATCH)
                    .seed(3)
                    .recorded(recorded)
                    .device(Devices.cpu())
                    .listener(told)
                    .build()
                    .run();
        } finally {
            Phase.watch(null);
        }
        return told;
    }

    @Test
    void lossesAreThoseOfATraining() throws IOException {
        DeviceTrial trial = Objects.requireNonNull(trials(true, true).on(Devices.cpu()));
        double[] expected = plainTraining(true).losses.stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
        assertEquals(STEPS, expected.length);
        assertArrayEquals(expected, trial.losses());
        assertEquals(52_650, trial.parameters());
        assertTrue(trial.kernels() > 0 && trial.launch() > 0, trial::toString);
        assertTrue(trial.devicePeak() > 4 * 2 * 52_650, "parameters and gradients are on the device");
        assertTrue(trial.parts().split() && !trial.recorded().split(), trial::toString);
        assertEquals(STEPS, Objects.requireNonNull(trial.naive()).steps().size());
        assertTrue(Verdict.ofNaive(trial).startsWith("cpu without warm-up: "), Verdict.ofNaive(trial));

        DeviceTrial reference = trials(true, false).on(Devices.reference());
        assertNotNull(reference);
        assertTrue(reference.difference(trial).value() < 1e-5, reference::toString);
        assertEquals(0, reference.kernels());
        assertNull(reference.naive());
    }

    /** But for the first step, before which parameters are made. */
    @Test
    void phasesEndInTheirOrder() {
        List<Phase> batch = List.of(Phase.COPY, Phase.COPY, Phase.DATA);
        List<Phase> step = new ArrayList<>(batch);
        step.addAll(List.of(Phase.FORWARD, Phase.BACKWARD, Phase.OPTIMIZER, Phase.COPY));
        Told eager = plainTraining(false);
        assertEquals(Collections.nCopies(STEPS - 1, step), eager.steps.subList(1, STEPS));
        assertEquals(List.of(), eager.kernels);
        Told recorded = plainTraining(true);
        List<Phase> again = new ArrayList<>(batch);
        again.add(Phase.COPY);
        assertEquals(Collections.nCopies(STEPS - 2, again), recorded.steps.subList(2, STEPS), "the step is one call");
        assertEquals(1, recorded.kernels.size(), "one shape, one plan");
    }

    @Test
    void nothingComesOfATrainingThatIsNoneOrWasStopped() throws IOException {
        Device before = Device.defaultDevice();
        assertNull(trials(false, false).on(Devices.reference()));
        DeviceTrials stopped = trials(true, false);
        stopped.stop();
        assertNull(stopped.on(Devices.reference()));
        assertEquals(before, Device.defaultDevice());
    }
}
