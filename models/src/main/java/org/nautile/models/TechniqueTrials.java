package org.nautile.models;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.nautile.Generator;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.data.Augmentation;
import org.nautile.data.Dataset;
import org.nautile.data.ImageDataset;
import org.nautile.models.TechniqueTrial.Outcome;
import org.nautile.models.TechniqueTrial.Setting;
import org.nautile.models.TechniqueTrial.Training;
import org.nautile.nn.Activation;
import org.nautile.nn.BatchNorm1d;
import org.nautile.nn.Dropout;
import org.nautile.nn.Init;
import org.nautile.nn.Linear;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;
import org.nautile.optim.Adagrad;
import org.nautile.optim.Adam;
import org.nautile.optim.AdamW;
import org.nautile.optim.LearningRateFinder;
import org.nautile.optim.Optimizer;
import org.nautile.optim.Rmsprop;
import org.nautile.optim.Schedule;
import org.nautile.optim.Sgd;
import org.nautile.optim.Trainer;

/** The techniques of part III of the course, each with a training so small and so chosen that its effect shows. */
public final class TechniqueTrials {
    private static final int PIXELS = 784;
    private static final int CLASSES = 10;
    private static final String TRAINING_LOSS = "training loss";
    private static final String GAP = "test loss - training loss";

    private TechniqueTrials() {}

    /**
     * The trials.
     *
     * @return in the order of the course
     */
    public static List<TechniqueTrial> all() {
        return List.of(
                lowers("batch norm", TRAINING_LOSS, TechniqueTrials::batchNorm),
                lowers("dropout", GAP, TechniqueTrials::dropout),
                lowers("augmentation", GAP, TechniqueTrials::augmentation),
                lowers("schedules", TRAINING_LOSS, TechniqueTrials::schedules),
                lowers("learning-rate finder", TRAINING_LOSS, TechniqueTrials::learningRateFinder),
                new TechniqueTrial(
                        "early stopping",
                        "test loss",
                        (without, with) -> with.last() == with.least() && isLower(without, with),
                        TechniqueTrials::earlyStopping),
                lowers("clipping", TRAINING_LOSS, TechniqueTrials::clipping),
                lowers("initialisation", TRAINING_LOSS, TechniqueTrials::initialisation),
                new TechniqueTrial(
                        "L1",
                        "weights within +-0.001",
                        (without, with) -> with.last() > 0.5 && without.last() < 0.1,
                        TechniqueTrials::l1),
                lowers("L2", "norm of the weights", TechniqueTrials::l2),
                lowers("optimizers", TRAINING_LOSS, TechniqueTrials::optimizers));
    }

    private static TechniqueTrial lowers(String name, String figure, Function<Setting, List<Outcome>> run) {
        return new TechniqueTrial(name, figure, TechniqueTrials::isLower, run);
    }

    private static boolean isLower(Outcome without, Outcome with) {
        return with.last() < 0.8 * without.last();
    }

    /** A perceptron with ReLU between its layers. */
    private static Sequential perceptron(Setting setting, int... hidden) {
        return perceptron(setting, width -> List.of(Activation.relu()), hidden);
    }

    /** A perceptron with these layers after each hidden one, given its width. */
    private static Sequential perceptron(Setting setting, Function<Integer, List<Module>> between, int... hidden) {
        Generator random = new Generator(setting.seed(), 0);
        List<Module> layers = new ArrayList<>();
        int inputs = PIXELS;
        for (int width : hidden) {
            layers.add(new Linear(inputs, width, random));
            layers.addAll(between.apply(width));
            inputs = width;
        }
        layers.add(new Linear(inputs, CLASSES, random));
        return new Sequential(layers.toArray(Module[]::new));
    }

    private static Optimizer momentum(Module model, double rate) {
        return new Sgd(model, rate, 0.9, 0, 0, false);
    }

    /** Few images, a fifth of them with a wrong label: only learnt by heart. */
    private static Setting hard(Setting setting) {
        return new Setting(new Mislabelled(setting.train()), setting.test(), setting.seed());
    }

    private record Mislabelled(Dataset images) implements Dataset {
        @Override
        public int size() {
            return Math.min(300, images.size());
        }

        @Override
        public Shape sampleShape() {
            return images.sampleShape();
        }

        @Override
        public int classes() {
            return images.classes();
        }

        @Override
        public void sample(int index, float[] into, int offset) {
            images.sample(index, into, offset);
        }

        @Override
        public void target(int index, long[] into, int offset) {
            images.target(index, into, offset);
            if (index % 5 == 0) {
                into[offset] = (into[offset] + 1 + index / 5 % (classes() - 1)) % classes();
            }
        }
    }

    private static double gap(Sequential model, Setting setting) {
        return TechniqueTrial.loss(model, setting.test()) - TechniqueTrial.loss(model, setting.train());
    }

    /** A rate that is far too high without. */
    private static List<Outcome> batchNorm(Setting setting) {
        Function<Integer, List<Module>> norm = width -> List.of(new BatchNorm1d(width), Activation.relu());
        List<Outcome> outcomes = new ArrayList<>();
        try (Sequential plain = perceptron(setting, 64, 64, 64);
                Sequential normed = perceptron(setting, norm, 64, 64, 64)) {
            outcomes.add(new Training(setting, "without", plain, new Sgd(plain, 2), 6, 32).losses());
            outcomes.add(new Training(setting, "with", normed, new Sgd(normed, 2), 6, 32).losses());
        }
        return outcomes;
    }

    /** Many weights. */
    private static List<Outcome> dropout(Setting all) {
        Setting few = hard(all);
        Generator masks = new Generator(all.seed(), 2);
        Function<Integer, List<Module>> drop = width -> List.of(Activation.relu(), new Dropout(masks));
        List<Outcome> outcomes = new ArrayList<>();
        try (Sequential plain = perceptron(few, 128, 128);
                Sequential dropping = perceptron(few, drop, 128, 128)) {
            outcomes.add(new Training(few, "without", plain, new Adam(plain, 1e-3), 30, 20)
                    .measured(model -> gap(model, few)));
            outcomes.add(new Training(few, "p = 0.5", dropping, new Adam(dropping, 1e-3), 30, 20)
                    .with(trainer -> trainer.recorded(false)) // masks are drawn
                    .measured(model -> gap(model, few)));
        }
        return outcomes;
    }

    /** Few images, each a little different in every epoch. */
    private static List<Outcome> augmentation(Setting all) {
        ImageDataset few = ((ImageDataset) all.train()).limit(200);
        List<Augmentation> changes =
                List.of(new Augmentation.Rotate(10), new Augmentation.Scale(0.9, 1.1), new Augmentation.Crop(2));
        List<Outcome> outcomes = new ArrayList<>();
        for (boolean changed : new boolean[] {false, true}) {
            Dataset seen = changed ? few.augmented(all.seed(), changes) : few;
            try (Sequential model = perceptron(all, 128, 128)) {
                outcomes.add(new Training(
                                new Setting(seen, all.test(), all.seed()),
                                changed ? "turn, zoom, move" : "without",
                                model,
                                new Adam(model, 1e-3),
                                30,
                                20)
                        .measured(trained ->
                                TechniqueTrial.loss(trained, all.test()) - TechniqueTrial.loss(trained, few)));
            }
        }
        return outcomes;
    }

    /** A rate at which the steps of small batches jump about. */
    private static List<Outcome> schedules(Setting setting) {
        int epochs = 8;
        int batch = 4;
        long steps = (long) epochs * ((setting.train().size() + batch - 1) / batch);
        Map<String, Consumer<Trainer.Builder>> schedules = new LinkedHashMap<>();
        schedules.put("constant", trainer -> {});
        schedules.put("step", trainer -> trainer.schedule(Schedule.step(4, 0.2)));
        schedules.put("exponential", trainer -> trainer.schedule(Schedule.exponential(0.6)));
        schedules.put("cosine", trainer -> trainer.schedule(Schedule.cosine(epochs, 0)));
        schedules.put("one cycle", trainer -> trainer.scheduleSteps(Schedule.oneCycle(steps)));
        List<Outcome> outcomes = new ArrayList<>();
        schedules.forEach((name, schedule) -> {
            try (Sequential model = perceptron(setting, 32)) {
                outcomes.add(new Training(setting, name, model, new Sgd(model, 0.3), epochs, batch)
                        .with(schedule)
                        .measured(trained -> TechniqueTrial.loss(trained, setting.train())));
            }
        });
        return outcomes;
    }

    /** The rate it suggests against a thirtieth of it. */
    private static List<Outcome> learningRateFinder(Setting setting) {
        double rate;
        try (Sequential model = perceptron(setting, 64, 64)) {
            Trainer trainer = Trainer.of(model)
                    .optimizer(momentum(model, 1))
                    .train(setting.train())
                    .batchSize(32)
                    .seed(setting.seed())
                    .build();
            rate = LearningRateFinder.find(trainer).suggestion();
        }
        List<Outcome> outcomes = new ArrayList<>();
        Map<String, Double> rates = new LinkedHashMap<>();
        rates.put("a thirtieth of it", rate / 30);
        rates.put("suggested rate", rate);
        rates.forEach((name, value) -> {
            try (Sequential model = perceptron(setting, 64, 64)) {
                outcomes.add(new Training(setting, name, model, momentum(model, value), 4, 32).losses());
            }
        });
        return outcomes;
    }

    private static List<Outcome> earlyStopping(Setting all) {
        Setting few = hard(all);
        List<Outcome> outcomes = new ArrayList<>();
        for (boolean stops : new boolean[] {false, true}) {
            try (Sequential model = perceptron(few, 128, 128)) {
                outcomes.add(new Training(
                                few, stops ? "with, best weights" : "without", model, new Adam(model, 2e-3), 40, 20)
                        .with(trainer -> {
                            if (stops) {
                                trainer.earlyStopping(4);
                            }
                        })
                        .measured(trained -> TechniqueTrial.loss(trained, few.test())));
            }
        }
        return outcomes;
    }

    /** A rate that makes the loss explode. */
    private static List<Outcome> clipping(Setting setting) {
        List<Outcome> outcomes = new ArrayList<>();
        for (boolean clips : new boolean[] {false, true}) {
            try (Sequential model = perceptron(setting, 64, 64, 64)) {
                outcomes.add(
                        new Training(setting, clips ? "norm <= 0.1" : "without", model, momentum(model, 0.5), 6, 32)
                                .with(trainer -> trainer.clipGradNorm(clips ? 0.1 : Double.POSITIVE_INFINITY))
                                .losses());
            }
        }
        return outcomes;
    }

    /** Twelve layers, in which what is too small vanishes. */
    private static List<Outcome> initialisation(Setting setting) {
        Map<String, BiConsumer<Tensor, Generator>> ways = new LinkedHashMap<>();
        ways.put("normal, deviation 0.01", (weight, random) -> Init.normal(weight, 0, 0.01, random));
        ways.put("PyTorch's default", (weight, random) -> {});
        ways.put("Xavier", (weight, random) -> Init.xavierNormal(weight, Init.LINEAR, random));
        ways.put("He", (weight, random) -> Init.kaimingNormal(weight, Init.Fan.IN, Init.RELU, random));
        List<Outcome> outcomes = new ArrayList<>();
        ways.forEach((name, way) -> {
            try (Sequential model = perceptron(setting, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64)) {
                Generator random = new Generator(setting.seed(), 1);
                model.parameters().values().stream()
                        .filter(parameter -> parameter.value().shape().rank() == 2)
                        .forEach(parameter -> way.accept(parameter.value(), random));
                outcomes.add(new Training(setting, name, model, new Adam(model, 1e-3), 8, 32).losses());
            }
        });
        return outcomes;
    }

    private static DoubleStream weights(Module model) {
        return model.parameters().values().stream()
                .filter(parameter -> parameter.value().shape().rank() == 2)
                .flatMapToDouble(parameter -> DoubleStream.of(parameter.value().toDoubleArray()));
    }

    private static List<Outcome> l1(Setting setting) {
        List<Outcome> outcomes = new ArrayList<>();
        for (double factor : new double[] {0, 1e-3}) {
            try (Sequential model = perceptron(setting, 64)) {
                Optimizer optimizer = new Sgd(model, 0.1);
                optimizer.setL1(factor);
                optimizer.setPenaltiesOnMatricesOnly(true);
                outcomes.add(new Training(setting, factor == 0 ? "without" : "factor 0.001", model, optimizer, 20, 32)
                        .measured(trained -> weights(trained)
                                .map(w -> Math.abs(w) < 1e-3 ? 1 : 0)
                                .average()
                                .orElseThrow()));
            }
        }
        return outcomes;
    }

    private static List<Outcome> l2(Setting setting) {
        List<Outcome> outcomes = new ArrayList<>();
        for (double factor : new double[] {0, 0.03}) {
            try (Sequential model = perceptron(setting, 64)) {
                Optimizer optimizer = new Sgd(model, 0.1, 0, 0, factor, false);
                optimizer.setPenaltiesOnMatricesOnly(true);
                outcomes.add(new Training(setting, factor == 0 ? "without" : "factor 0.03", model, optimizer, 30, 32)
                        .measured(trained ->
                                Math.sqrt(weights(trained).map(w -> w * w).sum())));
            }
        }
        return outcomes;
    }

    /** At the rates that are usual for each. */
    private static List<Outcome> optimizers(Setting setting) {
        Map<String, Function<Module, Optimizer>> kinds = new LinkedHashMap<>();
        kinds.put("SGD", model -> new Sgd(model, 0.01));
        kinds.put("momentum", model -> momentum(model, 0.01));
        kinds.put("Nesterov", model -> new Sgd(model, 0.01, 0.9, 0, 0, true));
        kinds.put("Adam", model -> new Adam(model, 1e-3));
        kinds.put("AdamW", model -> new AdamW(model, 1e-3));
        kinds.put("RMSProp", model -> new Rmsprop(model, 1e-3));
        kinds.put("AdaGrad", model -> new Adagrad(model, 1e-2));
        List<Outcome> outcomes = new ArrayList<>();
        kinds.forEach((name, kind) -> {
            try (Sequential model = perceptron(setting, 64, 32)) {
                outcomes.add(new Training(setting, name, model, kind.apply(model), 4, 32).losses());
            }
        });
        return outcomes;
    }
}
