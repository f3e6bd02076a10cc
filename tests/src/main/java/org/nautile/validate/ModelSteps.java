package org.nautile.validate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.nautile.Device;
import org.nautile.models.Model;
import org.nautile.models.Run;
import org.nautile.models.charts.Picture;
import org.nautile.nn.Module;
import org.nautile.optim.EpochResult;
import org.nautile.optim.Trainer;
import org.nautile.optim.TrainerListener;

/** The first training steps of a model, on a device and on {@code reference}: the losses must be the same. */
final class ModelSteps {
    /**
     * Losses drift apart as rounding errors grow through the steps. Observed for a perceptron: 3e-8 after 60 steps, 8e-6 after
     * 2800; a wrong gradient shows after one step, a wrong loss at once.
     */
    private static final Budget LOSS =
            Budget.ulp(0, "rounding errors that grow step by step").plus(1e-4);

    private static final Map<String, double[]> REFERENCE = new ConcurrentHashMap<>();

    private ModelSteps() {}

    static Validation validate(String name, Device device) {
        Validation.Tally tally = new Validation.Tally();
        int steps = model(name).trial().steps();
        tally.count(steps + " steps", () -> {
            double[] right = REFERENCE.computeIfAbsent(name, model -> losses(model, Device.of("reference")));
            if (right.length < steps) {
                throw new Mismatch(right.length + " steps were taken, " + steps + " expected");
            }
            return Compare.close("loss", right, losses(name, device), null, LOSS, false);
        });
        return tally.of(name, device, 1);
    }

    /** A new model each time: a run may leave its options changed. */
    private static Model model(String name) {
        return Model.all().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The loss of each step. */
    private static double[] losses(String name, Device device) {
        Model model = model(name);
        Device before = Device.defaultDevice();
        Device.setDefault(device);
        try {
            Steps steps = new Steps(model.trial(), device);
            model.train(steps);
            return steps.losses.stream().mapToDouble(Double::doubleValue).toArray();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(name, e);
        } finally {
            Device.setDefault(before);
        }
    }

    /** A run that ends after some steps and shows nothing. */
    private static final class Steps implements Run {
        private final Model.Trial trial;
        private final Device device;
        private final List<Double> losses = new ArrayList<>();

        Steps(Model.Trial trial, Device device) {
            this.trial = trial;
            this.device = device;
        }

        @Override
        public Device device() {
            return device;
        }

        @Override
        public int epochs() {
            return 1;
        }

        @Override
        public int batch() {
            return trial.batch();
        }

        @Override
        public double learningRate() {
            return trial.learningRate();
        }

        @Override
        public long seed() {
            return 0;
        }

        @Override
        public int limit() {
            return trial.steps() * trial.batch();
        }

        @Override
        public boolean quick() {
            return true;
        }

        @Override
        public @Nullable Path data() {
            return null;
        }

        @Override
        public void describe(String data, long parameters) {}

        @Override
        public List<EpochResult> train(Trainer.Builder builder, Module model) {
            Trainer[] trainer = new Trainer[1];
            trainer[0] = builder.epochs(1)
                    .batchSize(batch())
                    .seed(seed())
                    .device(device)
                    .listener(new TrainerListener() {
                        @Override
                        public void batchDone(int epoch, int batch, double loss) {
                            losses.add(loss);
                            if (losses.size() == trial.steps()) {
                                trainer[0].stop(); // and measures nothing
                            }
                        }
                    })
                    .build();
            trainer[0].run();
            return List.of();
        }

        @Override
        public boolean interrupted() {
            return true; // no pictures
        }

        @Override
        public void picture(String name, Picture picture) {}

        @Override
        public void file(String name, String text) {}

        @Override
        public void say(String line) {}

        @Override
        public void result(String line) {}
    }
}
