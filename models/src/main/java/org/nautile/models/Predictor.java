package org.nautile.models;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.nautile.models.charts.Picture;
import org.nautile.nn.Module;

/** What a trained model says of an image or a text: {@link Model#predictor}. */
public interface Predictor {
    /**
     * The network, whose weights are loaded before it is asked anything.
     *
     * @return the network; whoever asked for the predictor closes it
     */
    Module network();

    /**
     * Reads what the user gives; what the network says of it is computed when it is asked for.
     *
     * @param input the path of an image, or a text, whichever the model takes
     * @param inverted whether to change dark and light in an image
     * @return the answer
     * @throws IOException if the file cannot be read, or is not an image of a kind that the model takes; or if the text is
     *     none that the model takes
     */
    Supplier<Answer> read(String input, boolean inverted) throws IOException;

    /**
     * The network as one that tells classes of images apart, with the same weights.
     *
     * @return empty if it does something else
     */
    default Optional<Classifier> asClassifier() {
        return Optional.empty();
    }

    /**
     * What a network says.
     *
     * @param text in one line
     * @param values the same for programs, by names
     * @param picture shows it, where there is more to it than the text
     */
    record Answer(String text, Map<String, ?> values, Optional<Picture> picture) {}
}
