package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.nautile.nn.Module;

/**
 * A model of the course, found by {@link ServiceLoader}. The class has a public constructor without parameters, and picocli's
 * {@code @Option} on the fields that {@code nautile train NAME} shall offer beside the options of every model.
 */
public interface Model {
    /**
     * What the user types.
     *
     * @return for example {@code "mnist-mlp"}
     */
    String name();

    /**
     * The part of the course it belongs to.
     *
     * @return for example {@code "I Foundations"}
     */
    String part();

    /**
     * What it does, in a few words.
     *
     * @return one line
     */
    String summary();

    /**
     * The number of trainable numbers, with the default options.
     *
     * @return the sum of the parameters' sizes
     */
    long parameters();

    /**
     * The course's settings, used where the user gives none.
     *
     * @return the settings
     */
    Defaults defaults();

    /**
     * Checks the values of its own options, before anything else is done.
     *
     * @throws IllegalArgumentException if one is out of its range: the option, its value and the range, on one line
     */
    default void check() {}

    /**
     * Prepares the comparison of its first steps on every device with those on {@code reference}, which takes its time: a large
     * model becomes a small one of the same kind.
     *
     * @return the steps; few where rounding errors grow fast
     */
    default Trial trial() {
        return new Trial(60, defaults().batch(), defaults().learningRate());
    }

    /**
     * Trains the model, measures it and draws its pictures.
     *
     * @param run the settings, and where results go
     * @throws IOException if data cannot be read or results not written
     */
    void train(Run run) throws IOException;

    /**
     * What the model, with its options as they are set, says of an image or a text after training.
     *
     * @return empty if it is not for single inputs
     */
    default Optional<Predictor> predictor() {
        return Optional.empty();
    }

    /**
     * What the model says, with the weights that are in a folder.
     *
     * @param folder that of a training with the options as they are set
     * @return with the weights loaded, on the default device; empty if it is not for single inputs
     * @throws IOException if a file of the folder is missing, damaged or of another model
     */
    default Optional<Predictor> predictor(Path folder) throws IOException {
        Optional<Predictor> predictor = predictor();
        if (predictor.isPresent()) {
            Module network = predictor.get().network();
            try {
                Weights.load(network, name(), folder.resolve(Weights.FILE));
            } catch (IOException | RuntimeException e) {
                network.close();
                throw e;
            }
        }
        return predictor;
    }

    /**
     * The settings of a training.
     *
     * @param epochs passes over the training data
     * @param batch examples in a step
     * @param learningRate of the optimizer
     */
    record Defaults(int epochs, int batch, double learningRate) {}

    /**
     * The settings of a few first steps.
     *
     * @param steps their number
     * @param batch examples in a step
     * @param learningRate of the optimizer
     */
    record Trial(int steps, int batch, double learningRate) {}

    /**
     * Every model on the class path.
     *
     * @return the models by part of the course, then by name
     */
    static List<Model> all() {
        return ServiceLoader.load(Model.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(Model::part).thenComparing(Model::name))
                .toList();
    }
}
