package org.nautile.validate;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.nautile.Device;
import org.nautile.models.Model;
import org.nautile.models.comparison.FirstSteps;

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
            Model.Trial trial = model.trial();
            int limit = trial.steps() * trial.batch();
            FirstSteps.Settings settings =
                    new FirstSteps.Settings(device, 1, trial.batch(), trial.learningRate(), 0, limit, true, null);
            FirstSteps steps = new FirstSteps(settings, taken -> taken == trial.steps(), trainer -> trainer.epochs(1));
            model.train(steps);
            return steps.losses();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(name, e);
        } finally {
            Device.setDefault(before);
        }
    }
}
