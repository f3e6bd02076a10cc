package org.nautile.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nautile.Device;
import org.nautile.Devices;
import org.nautile.Errors;
import org.nautile.Generator;
import org.nautile.RestoresDefaults;
import org.nautile.Scope;
import org.nautile.Shape;
import org.nautile.Tensor;
import org.nautile.autograd.Autograd;
import org.nautile.backend.ActivationKernel;
import org.nautile.backend.UnaryKernel;
import org.nautile.data.ImageDataset;
import org.nautile.data.Mnist;
import org.nautile.io.Safetensors;
import org.nautile.nn.Activation;
import org.nautile.nn.BatchNorm1d;
import org.nautile.nn.Dropout;
import org.nautile.nn.Flatten;
import org.nautile.nn.Linear;
import org.nautile.nn.Loss;
import org.nautile.nn.Module;
import org.nautile.nn.Sequential;
import org.nautile.op.ActivationOp;
import org.nautile.op.UnaryOp;

/** Trainings that stop, go on, or go wrong. */
@ExtendWith(RestoresDefaults.class)
class ResumeTest {
    private static final ImageDataset DIGITS = Mnist.generate(1, 200);
    private static final ImageDataset OTHERS = Mnist.generate(2, 64);

    @TempDir
    private Path folder = Path.of("");

    /** With everything that a step may change: running statistics, random numbers, averages of gradients. */
    private static Sequential model() {
        Generator random = new Generator(42, 0);
        return new Sequential(
                new Flatten(),
                new Linear(784, 16, random),
                new BatchNorm1d(16),
                Activation.relu(),
                new Dropout(0.2, random),
                new Linear(16, 10, random));
    }

    static Stream<Arguments> trainings() {
        BiFunction<Module, Double, Optimizer> adam = Adam::new;
        BiFunction<Module, Double, Optimizer> momentum = (model, rate) -> new Sgd(model, rate, 0.9, 0, 0, false);
        UnaryOperator<Trainer.Builder> recorded =
                builder -> builder.recorded(true).schedule(Schedule.exponential(0.5));
        UnaryOperator<Trainer.Builder> plateau =
                builder -> builder.reduceOnPlateau(new ReduceOnPlateau(0.5, 0, 0.5, 0));
        UnaryOperator<Trainer.Builder> early = builder -> builder.earlyStopping(2);
        // on its own training data it goes on becoming better: what was best is replaced after the interruption
        UnaryOperator<Trainer.Builder> better =
                builder -> builder.earlyStopping(2).test(DIGITS);
        return Devices.usable()
                .flatMap(device -> Stream.of(
                        Arguments.of(device, adam, recorded),
                        Arguments.of(device, momentum, plateau),
                        Arguments.of(device, adam, early),
                        Arguments.of(device, momentum, better)));
    }

    private static Trainer.Builder trainer(Module model, Optimizer optimizer, Device device) {
        return Trainer.of(model)
                .optimizer(optimizer)
                .train(DIGITS)
                .test(OTHERS)
                .batchSize(32)
                .seed(3)
                .device(device);
    }

    /** What is left when the clock is not looked at. */
    private static List<List<Double>> numbers(List<EpochResult> results) {
        return results.stream()
                .map(result ->
                        List.of(result.learningRate(), result.trainLoss(), result.testLoss(), result.testMetric()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("trainings")
    void interruptedTrainingEndsWithTheSameBits(
            Device device, BiFunction<Module, Double, Optimizer> optimizer, UnaryOperator<Trainer.Builder> settings)
            throws IOException {
        Device.setDefault(device);
        Path file = folder.resolve("checkpoint.safetensors");
        try (Sequential whole = model();
                Sequential first = model();
                Sequential second = model()) {
            List<EpochResult> expected = settings.apply(
                            trainer(whole, optimizer.apply(whole, 0.01), device).epochs(5))
                    .build()
                    .run();

            Trainer[] half = new Trainer[1];
            half[0] = settings.apply(
                            trainer(first, optimizer.apply(first, 0.01), device).epochs(2))
                    .listener(new TrainerListener() {
                        @Override
                        public void epochDone(EpochResult result) {
                            try {
                                half[0].save(file); // as the command line does
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        }
                    })
                    .build();
            half[0].run();
            // another start: nothing of it may be left
            second.parameters().values().forEach(parameter -> parameter.value().fill(0.5));
            Trainer rest = settings.apply(trainer(second, optimizer.apply(second, 7.0), device)
                            .epochs(5))
                    .build();
            rest.resume(file);
            assertEquals(numbers(expected), numbers(rest.run()));
            try (Scope scope = new Scope()) {
                assertArrayEquals(
                        whole.flatten().values().toFloatArray(),
                        second.flatten().values().toFloatArray());
            }
        }
    }

    @Test
    void checkpointOfAnotherModelIsRefused() throws IOException {
        Path file = folder.resolve("checkpoint.safetensors");
        try (Sequential model = model();
                Sequential other = new Sequential(new Flatten(), new Linear(784, 10, new Generator(1, 0)))) {
            Trainer trainer = trainer(model, new Adam(model, 0.01), Device.defaultDevice())
                    .build();
            trainer.run();
            trainer.save(file);
            Trainer wrong = trainer(other, new Adam(other, 0.01), Device.defaultDevice())
                    .build();
            Errors.says(IOException.class, () -> wrong.resume(file), "checkpoint.safetensors", "1.weight", "[10,784]");
            Trainer early = trainer(model, new Adam(model, 0.01), Device.defaultDevice())
                    .earlyStopping(1)
                    .build();
            Errors.says(IOException.class, () -> early.resume(file), "early_stopping", "other settings");
            Trainer sgd =
                    trainer(model, new Sgd(model, 0.01), Device.defaultDevice()).build();
            Errors.says(IOException.class, () -> sgd.resume(file), "state of Sgd");
            Files.write(file, new byte[] {1, 2, 3});
            Errors.says(IOException.class, () -> trainer.resume(file), "checkpoint.safetensors");
        }
    }

    /** Numbers of a checkpoint that are too few or too many: a line, and no exception of an array. */
    @ParameterizedTest
    @CsvSource({"trainer.base_rates, of 2 optimizers", "trainer.rates, of 2 optimizers", "trainer.epochs, 2 numbers"})
    void damagedCheckpointIsRefused(String name, String message) throws IOException {
        Path file = folder.resolve("checkpoint.safetensors");
        try (Sequential model = model();
                Scope scope = new Scope()) {
            Trainer trainer = trainer(model, new Adam(model, 0.01), Device.defaultDevice())
                    .build();
            trainer.run();
            trainer.save(file);
            Device reference = Device.of("reference");
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            Safetensors saved = Safetensors.open(file);
            for (String each : saved.names()) {
                tensors.put(each, saved.tensor(each, reference));
            }
            tensors.put(name, Tensor.of(reference, new double[] {1, 2}, Shape.of(2)));
            Path damaged = folder.resolve("damaged.safetensors");
            Safetensors.write(damaged, tensors);
            Trainer other = trainer(model, new Adam(model, 0.01), Device.defaultDevice())
                    .build();
            Errors.says(IOException.class, () -> other.resume(damaged), "damaged.safetensors", message);
        }
    }

    /** The rate grows until training fails: then the weights of the best epoch are back. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void earlyStoppingKeepsTheBestWeights(Device device) {
        Device.setDefault(device);
        try (Sequential model = model()) {
            List<EpochResult> results = trainer(model, new Sgd(model, 0.05), device)
                    .test(DIGITS)
                    .epochs(50)
                    .earlyStopping(2)
                    .schedule((base, epoch) -> epoch < 3 ? base : 10)
                    .build()
                    .run();
            assertEquals(5, results.size());
            assertEquals(
                    results.get(2).testLoss(),
                    Evaluation.of(model, Loss.crossEntropy(), DIGITS, device).loss());
        }
    }

    /** What is infinite first is named, and the epoch in which it happened is undone. */
    @ParameterizedTest
    @MethodSource("org.nautile.Devices#usable")
    void divergenceIsFound(Device device) {
        Device.setDefault(device);
        for (boolean recorded : new boolean[] {false, true}) {
            try (Sequential model = model()) {
                AtomicInteger epochs = new AtomicInteger();
                double[] loss = new double[1];
                Trainer trainer = trainer(model, new Sgd(model, 0.01), device)
                        .epochs(5)
                        .recorded(recorded)
                        .schedule((base, epoch) -> epoch < 2 ? base : 1e38)
                        .listener(new TrainerListener() {
                            @Override
                            public void epochDone(EpochResult result) {
                                epochs.incrementAndGet();
                                loss[0] = result.testLoss();
                            }
                        })
                        .build();
                String failure = Errors.says(DivergedException.class, trainer::run, "epoch 3", "step ", "1.0E38");
                assertEquals(2, epochs.get());
                assertTrue(failure.matches(".*(the parameter |the output of \\w+, op \\d+).*"), failure);
                assertEquals(
                        loss[0],
                        Evaluation.of(model, Loss.crossEntropy(), OTHERS, device)
                                .loss(),
                        "the model is as it was after epoch 2");
            }
        }
    }

    @Test
    void firstOpThatIsNotFiniteIsNamed() {
        try (Sequential model = model()) {
            Trainer trainer = trainer(model, new Sgd(model, 0.01), Device.defaultDevice())
                    .objective(batch -> {
                        Tensor scores = Autograd.apply(
                                new ActivationOp(ActivationKernel.Function.RELU), model.forward(batch.x()));
                        return Loss.crossEntropy()
                                .of(Autograd.apply(new UnaryOp(UnaryKernel.Function.LOG), scores), batch.y());
                    })
                    .build();
            Errors.says(
                    DivergedException.class,
                    trainer::run,
                    "step 1 of epoch 1",
                    "the output of unary, op 8 of the step");
        }
    }
}
