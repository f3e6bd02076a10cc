package org.nautile.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.nautile.models.charts.Picture;
import org.nautile.nn.Module;

/** What a trained model says of an image: {@link Model#predictor}. */
public interface Predictor {
    /**
     * The network, whose weights are loaded before it is asked anything.
     *
     * @return the network; whoever asked for the predictor closes it
     */
    Module network();

    /**
     * Reads an image; what the network says of it is computed when it is asked for.
     *
     * @param file the image
     * @param inverted whether to change dark and light
     * @return the answer
     * @throws IOException if the file cannot be read, or is not an image of a kind that the model takes
     */
    Supplier<Answer> read(Path file, boolean inverted) throws IOException;

    /**
     * What a network says of an image.
     *
     * @param text in one line
     * @param values the same for programs, by names
     * @param picture shows it, where there is more to it than the text
     */
    record Answer(String text, Map<String, ?> values, Optional<Picture> picture) {}
}
